"""Which questions, papers, attempts and scores an actor may see (SEC-01, EXM-07)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.scoping import Actor, ScopedQuerySet
from zhupei.organizations.roles import Capability, may


def sees_bank(actor: Actor) -> bool:
    """Staff of the provincial authority that keep the question bank."""
    return (
        actor.portal == "authority"
        and actor.body is not None
        and actor.body.is_provincial
        and may(actor, Capability.KEEP_BANK)
    )


def question_pictures(actor: Actor) -> Q:
    """Pictures of questions are opened by who keeps the bank."""
    return Q(kind="exam.question") if sees_bank(actor) else Q(pk__in=[])


def exam_documents(actor: Actor) -> Q:
    """The documents policy of the kinds `exam.…`: pictures of questions, photos of practical work (EXM-08)."""
    from zhupei.assessment.models import Candidate
    from zhupei.exam.models import PracticalScore

    if actor.portal not in {"institution", "authority"}:
        return question_pictures(actor)
    scores = PracticalScore.objects.filter(candidate__in=Candidate.objects.visible_to(actor))
    return question_pictures(actor) | Q(kind="exam.practical", pk__in=scores.values("photos"))


class BankQuerySet(ScopedQuerySet[Any]):
    """The question bank is the provincial authority's; nobody else sees a question outside a paper."""

    def scope(self, actor: Actor) -> BankQuerySet:
        return self.all() if sees_bank(actor) else self.none()


class OfCandidateQuerySet(ScopedQuerySet[Any]):
    """Rows that belong to a candidate are seen by whoever sees the candidate."""

    def scope(self, actor: Actor) -> OfCandidateQuerySet:
        from zhupei.assessment.models import Candidate

        return self.filter(candidate__in=Candidate.objects.visible_to(actor))


class PaperQuerySet(ScopedQuerySet[Any]):
    """A paper is shown through the exam API, or rebuilt for an appeal; no list of papers exists."""


class PracticeQuerySet(ScopedQuerySet[Any]):
    """Practice is the learner's own business."""

    def scope(self, actor: Actor) -> PracticeQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            return self.filter(person__user=actor.user)
        return self.none()


class ScoreReportQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> ScoreReportQuerySet:
        from zhupei.assessment.models import AssessmentPlan

        if actor.portal not in {"institution", "authority"}:
            return self.none()
        reports = self.filter(plan__in=AssessmentPlan.objects.visible_to(actor))
        return reports.filter(review__round__gt=0) if actor.portal == "authority" else reports

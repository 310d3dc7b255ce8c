"""Which scores, and which documents of the exam, an actor may see (SEC-01, EXM-08)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.review.models import ReviewedQuerySet
from foundation.scoping import Actor
from zhupei.exam.bank.scopes import question_pictures


def exam_documents(actor: Actor) -> Q:
    """The documents policy of the kinds `exam.…`: pictures of questions, photos of practical work (EXM-08)."""
    from zhupei.assessment.models import Candidate
    from zhupei.exam.scores.models import PracticalScore

    if actor.portal not in {"institution", "authority"}:
        return question_pictures(actor)
    scores = PracticalScore.objects.filter(candidate__in=Candidate.objects.visible_to(actor))
    return question_pictures(actor) | Q(kind="exam.practical", pk__in=scores.values("photos"))


class ScoreReportQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> ScoreReportQuerySet:
        from zhupei.assessment.models import AssessmentPlan

        if actor.portal not in {"institution", "authority"}:
            return self.none()
        reports = self.filter(plan__in=AssessmentPlan.objects.visible_to(actor))
        return reports.handed_in() if actor.portal == "authority" else reports

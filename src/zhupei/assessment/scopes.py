"""Which assessment plans, rooms and candidates an actor may see (SEC-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.review.models import ReviewedQuerySet
from foundation.scoping import Actor, ScopedQuerySet

# From here on the organization and the person see the plan, with seat and ticket (ASM-05).
PUBLISHED_STAGES = ["reviewed", "online_confirmed", "running", "completed"]


class AssessmentPlanQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> AssessmentPlanQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            mine = Q(candidates__enrollment__person__user=actor.user)
            return self.filter(mine, stage__in=PUBLISHED_STAGES).distinct()
        if actor.body is None:
            return self.none()
        if actor.portal == "institution":
            return self.filter(institution=actor.body)
        if actor.portal == "authority":
            own = Q() if actor.body.is_provincial else Q(institution__supervisor=actor.body)
            return self.handed_in().filter(own)
        if actor.portal == "enterprise":
            mine = self.model.objects.filter(candidates__enrollment__organization=actor.body)
            return self.filter(pk__in=mine.values("pk"), stage__in=PUBLISHED_STAGES)
        return self.none()


class ExamRoomQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> ExamRoomQuerySet:
        from zhupei.assessment.models import AssessmentPlan

        if actor.portal not in {"institution", "authority"}:
            return self.none()
        return self.filter(session__plan__in=AssessmentPlan.objects.visible_to(actor))


class CandidateQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> CandidateQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            return self.filter(enrollment__person__user=actor.user, plan__stage__in=PUBLISHED_STAGES)
        if actor.body is None:
            return self.none()
        if actor.portal == "institution":
            return self.filter(plan__institution=actor.body)
        if actor.portal == "authority":
            own = Q() if actor.body.is_provincial else Q(plan__institution__supervisor=actor.body)
            return self.filter(own, plan__review__round__gt=0)
        if actor.portal == "enterprise":
            return self.filter(enrollment__organization=actor.body, plan__stage__in=PUBLISHED_STAGES)
        return self.none()

    def live(self) -> CandidateQuerySet:
        return self.filter(is_live=True)

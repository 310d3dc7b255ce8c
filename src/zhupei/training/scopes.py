"""Which plans and placements an actor may see (SEC-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.review.models import ReviewedQuerySet
from foundation.scoping import Actor, ScopedQuerySet
from zhupei.enrollment.models import Enrollment

PUBLIC_STAGES = [
    "upcoming",
    "enrolling",
    "enrolment_closed",
    "in_session",
    "attendance_confirmed",
    "finished",
]


class PlanQuerySet(ReviewedQuerySet[Any]):
    def scope(self, actor: Actor) -> PlanQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            return self.filter(placements__enrollment__person__user=actor.user).distinct()
        if actor.body is None:
            return self.none()
        if actor.portal == "institution":
            return self.filter(institution=actor.body)
        if actor.portal == "authority":
            own = Q() if actor.body.is_provincial else Q(institution__supervisor=actor.body)
            return self.handed_in().filter(own)
        if actor.portal == "enterprise":
            mine = Q(placements__enrollment__organization=actor.body)
            return self.filter(pk__in=self.model.objects.filter(offered(actor) | mine).values("pk"))
        return self.none()

    def offered_to(self, actor: Actor) -> PlanQuerySet:
        """Approved plans that an organization may enroll people into, open ones and those that name it (ENR-07)."""
        return self.filter(offered(actor))


def offered(actor: Actor) -> Q:
    """Condition on plans of institutions on offer to the organization: public ones and those that name it."""
    from zhupei.organizations.models import Institution

    institutions = Institution.objects.offered_to(actor.body)
    return Q(stage__in=PUBLIC_STAGES, institution__in=institutions) & (
        Q(form="open") | Q(form="designated", organizations=actor.body)
    )


class PlacementQuerySet(ScopedQuerySet[Any]):
    def scope(self, actor: Actor) -> PlacementQuerySet:
        if actor.portal == "institution" and actor.body is not None:
            return self.filter(plan__institution=actor.body)
        return self.filter(enrollment__in=Enrollment.objects.visible_to(actor))

    def live(self) -> PlacementQuerySet:
        return self.filter(is_live=True)

    def of_class(self) -> PlacementQuerySet:
        """Who belongs to the plan's class: also absentees that have joined a later plan since."""
        return self.filter(Q(is_live=True) | Q(is_absent=True))

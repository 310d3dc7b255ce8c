"""What people see of an assessment plan as one state: its review, and once approved its stage (states.md)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, CharField, F, QuerySet, When

from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.organizations.roles import Capability, may

BEFORE_APPROVAL = (AssessmentStage.NOT_REPORTED, AssessmentStage.NOT_REVIEWED)


class AssessmentState(models.TextChoices):
    """Review state and stage in one row of words."""

    DRAFT = "draft", "未上报"
    SUBMITTED = "submitted", "未受理"
    ACCEPTED = "accepted", "已受理"
    REJECTED = "rejected", "审核不通过"
    REVIEWED = "reviewed", "已审核"
    ONLINE_CONFIRMED = "online_confirmed", "已确认线上考核"
    RUNNING = "running", "考核中"
    COMPLETED = "completed", "考核完成"


def with_state(plans: QuerySet[Any]) -> QuerySet[Any]:
    """Plans with `shown_state`, one of AssessmentState."""
    return plans.annotate(
        shown_state=Case(
            When(stage__in=BEFORE_APPROVAL, then=F("review__state")),
            default=F("stage"),
            output_field=CharField(),
        )
    )


def state_of(plan: AssessmentPlan) -> AssessmentState:
    """The state of one plan in the words of the screens; `review` should be loaded with it."""
    return AssessmentState(plan.review.state if plan.stage in BEFORE_APPROVAL else plan.stage)


def to_do(actor: Actor) -> QuerySet[Any]:
    """Plans that wait for the institution itself: to be handed in, corrected or confirmed; none for other roles."""
    if not may(actor, Capability.ASSESS):
        return AssessmentPlan.objects.none()
    waiting = [AssessmentState.DRAFT, AssessmentState.REJECTED, AssessmentState.REVIEWED]
    return with_state(AssessmentPlan.objects.visible_to(actor)).filter(shown_state__in=waiting)

"""What people see of a plan as one state: its review, and once approved its stage (states.md)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, CharField, F, QuerySet, When
from django.utils import timezone

from foundation.review.models import WITH_SUBMITTER, ReviewState
from foundation.scoping import Actor
from zhupei.organizations.roles import Capability, may
from zhupei.training.models import PlanStage, TrainingPlan

TO_ENROLL = (PlanStage.UPCOMING, PlanStage.ENROLLING)
AFTER_ATTENDANCE = (PlanStage.ATTENDANCE_CONFIRMED, PlanStage.FINISHED)


class PlanState(models.TextChoices):
    """Review state and stage in one row of words."""

    DRAFT = "draft", "未上报"
    SUBMITTED = "submitted", "未受理"
    ACCEPTED = "accepted", "已受理"
    REJECTED = "rejected", "审核不通过"
    UPCOMING = "upcoming", "未开始"
    ENROLLING = "enrolling", "报名中"
    CLOSED = "enrolment_closed", "报名结束"
    IN_SESSION = "in_session", "已开班"
    ATTENDANCE_CONFIRMED = "attendance_confirmed", "考勤完成"
    FINISHED = "finished", "培训结束"


def with_state(plans: QuerySet[Any]) -> QuerySet[Any]:
    """Plans with `shown_state`, one of PlanState."""
    return plans.annotate(
        shown_state=Case(
            When(stage=PlanStage.PENDING, then=F("review__state")),
            default=F("stage"),
            output_field=CharField(),
        )
    )


def state_of(plan: TrainingPlan) -> PlanState:
    """The state of one plan in the words of the screens; `review` should be loaded with it."""
    if plan.stage != PlanStage.PENDING:
        return PlanState(plan.stage)
    if plan.review.state == ReviewState.APPROVED:  # published in the same transaction
        return PlanState.UPCOMING
    return PlanState(plan.review.state)


class Opening(models.TextChoices):
    """Whether organizations can enroll into a published plan, whether or not the clock has been served."""

    UPCOMING = "upcoming", "未开始"
    OPEN = "open", "报名中"
    FULL = "full", "名额已满"
    OVER = "over", "报名结束"


def opening_of(plan: TrainingPlan) -> Opening:
    """By its stage, its dates and its seats."""
    now = timezone.now()
    if plan.stage not in TO_ENROLL or now >= plan.closes_at:
        return Opening.OVER
    if now < plan.opens_at:
        return Opening.UPCOMING
    return Opening.OPEN if plan.seats_left > 0 else Opening.FULL


def to_do(actor: Actor) -> QuerySet[TrainingPlan]:
    """Plans that wait for the institution itself: not handed in yet, or rejected; none for roles without plans."""
    if not may(actor, Capability.PLAN):
        return TrainingPlan.objects.none()
    return TrainingPlan.objects.visible_to(actor).filter(review__state__in=WITH_SUBMITTER)

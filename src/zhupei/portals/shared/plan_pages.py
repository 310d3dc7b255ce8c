"""What pages of a training plan share: its way and its hours (TRN-03)."""

from __future__ import annotations

from django.utils import timezone

from foundation.ui.parts import Step, steps_of
from zhupei.training.models import TrainingPlan
from zhupei.training.plan_states import PlanState, state_of

STEPS = ["创建计划", "提交审核", "受理", "审核", "报名", "开班", "考勤", "培训结束"]
_REACHED = {
    PlanState.DRAFT: 1,
    PlanState.SUBMITTED: 2,
    PlanState.ACCEPTED: 3,
    PlanState.REJECTED: 3,
    PlanState.UPCOMING: 4,
    PlanState.ENROLLING: 4,
    PlanState.CLOSED: 5,
    PlanState.IN_SESSION: 6,
    PlanState.ATTENDANCE_CONFIRMED: 7,
    PlanState.FINISHED: 8,
}


def steps(plan: TrainingPlan) -> list[Step]:
    """Where the plan is on its way."""
    state = state_of(plan)
    return steps_of(STEPS, _REACHED[state], bad=state == PlanState.REJECTED)


def is_over(plan: TrainingPlan) -> bool:
    """Whether its enrollment would be over before anybody could review it."""
    return plan.closes_at <= timezone.now()

"""计划状态: what happens to an approved plan, by its dates and by the institution's acts (states.md)."""

from __future__ import annotations

from django.utils import timezone

from foundation.errors import DomainError
from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition, platform
from zhupei.organizations.roles import Capability, holder
from zhupei.training.models import PlanStage, TrainingPlan

S = PlanStage


# Whoever plans at the institution whose plan it is.
is_holder = holder("institution", "institution_id", Capability.PLAN)


def _somebody_is_placed(actor: Actor, plan: TrainingPlan) -> None:
    if not plan.placements.live().exists():
        raise DomainError("nobody_placed", "这个计划里还没有学员，不能开班。")


def _enrollment_is_over(actor: Actor, plan: TrainingPlan) -> None:
    if timezone.now() < plan.opens_at:
        raise DomainError("too_early", "报名还没有开始，不能开班。")


def _may_start(actor: Actor, plan: TrainingPlan) -> None:
    _enrollment_is_over(actor, plan)
    _somebody_is_placed(actor, plan)


PLAN = Machine(
    "training_plan",
    PlanStage,
    [
        Transition("publish", "公布计划", (S.PENDING,), S.UPCOMING, may=platform),
        Transition("open_enrollment", "开始报名", (S.UPCOMING,), S.ENROLLING, may=platform),
        Transition("close_enrollment", "结束报名", (S.ENROLLING,), S.CLOSED, may=platform),
        Transition(
            "start_class", "开班", (S.ENROLLING, S.CLOSED), S.IN_SESSION, may=is_holder, guard=_may_start
        ),
        Transition("confirm_attendance", "确认考勤", (S.IN_SESSION,), S.ATTENDANCE_CONFIRMED, may=is_holder),
        Transition("finish", "培训结束", (S.ATTENDANCE_CONFIRMED,), S.FINISHED, may=is_holder),
    ],
    field="stage",
)

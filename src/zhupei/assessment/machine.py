"""考核计划状态: what happens to an assessment plan, by its review, its clock and the institution's acts (states.md)."""

from __future__ import annotations

from collections.abc import Callable

from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition, platform
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.organizations.roles import Capability, holder

S = AssessmentStage


# Whoever arranges exams at the institution whose plan it is.
is_holder = holder("institution", "institution_id", Capability.ASSESS)


_REFUSALS: list[Callable[[AssessmentPlan], None]] = []


def register_refusal(refuse: Callable[[AssessmentPlan], None]) -> None:
    """A later stage raises a DomainError when a plan that somebody has sat is about to be called off."""
    _REFUSALS.append(refuse)


def _ask_whether_anybody_sat(actor: Actor, plan: AssessmentPlan) -> None:
    for refuse in _REFUSALS:
        refuse(plan)


ASSESSMENT = Machine(
    "assessment_plan",
    AssessmentStage,
    [
        # The review (foundation.review) leads; these follow it in the same transaction.
        Transition("report", "上报", (S.NOT_REPORTED,), S.NOT_REVIEWED, may=platform),
        Transition("take_back", "撤回", (S.NOT_REVIEWED,), S.NOT_REPORTED, may=platform),
        Transition("send_back", "审核不通过", (S.NOT_REVIEWED,), S.NOT_REPORTED, may=platform),
        Transition("pass_review", "审核通过", (S.NOT_REVIEWED,), S.REVIEWED, may=platform),
        Transition("confirm_online", "确认线上考核", (S.REVIEWED,), S.ONLINE_CONFIRMED, may=is_holder),
        # Typhoon, power cut, nobody confirmed in time: only while nobody has sat, also when the time is over.
        Transition(
            "call_off",
            "取消本次安排",
            (S.REVIEWED, S.ONLINE_CONFIRMED, S.RUNNING, S.COMPLETED),
            S.NOT_REPORTED,
            may=is_holder,
            guard=_ask_whether_anybody_sat,
            needs_reason=True,
        ),
        Transition("begin", "开始考核", (S.ONLINE_CONFIRMED,), S.RUNNING, may=platform),
        Transition("complete", "考核完成", (S.RUNNING,), S.COMPLETED, may=platform),
    ],
    field="stage",
)

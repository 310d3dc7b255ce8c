"""What pages of a plan share: its facts, its days, and the review record of training and assessment plans (TRN-03, ASM-03)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from foundation.review import services as reviews
from foundation.review.kinds import kind_of
from foundation.review.models import Review, ReviewState
from foundation.ui.parts import Step, steps_of
from foundation.workflow.models import TransitionLog
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
_TONES = {"approve": "ok", "reject": "bad", "submit": "wait", "accept": "info", "reopen": "wait"}


def steps(plan: TrainingPlan) -> list[Step]:
    """Where the plan is on its way."""
    state = state_of(plan)
    return steps_of(STEPS, _REACHED[state], bad=state == PlanState.REJECTED)


def days_of(plan: TrainingPlan) -> list[Any]:
    """The stretches of teaching with teacher and room, in order."""
    return list(plan.days.select_related("teacher", "room__site").order_by("period"))


@dataclass
class Round:
    """One submission as the review record lists it: times, state, remark; `entries`: each operator's act and time."""

    number: int
    submitted_at: dt.datetime
    accepted_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    state: str = ReviewState.SUBMITTED.label
    tone: str = "info"
    remark: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)


def rounds(review: Review) -> list[Round]:
    """The submissions of a review, the newest first; one query."""
    found: list[Round] = []
    items = kind_of(review).items
    for log in reviews.history(review):
        if log.action == "submit":
            found.append(Round(len(found) + 1, log.at))
        if not found:
            continue
        _note(found[-1], log, items)
    return found[::-1]


def _note(given: Round, log: TransitionLog, items: dict[str, str]) -> None:
    given.entries.append(entry(log, items))
    if log.action == "accept":
        given.accepted_at, given.state = log.at, ReviewState.ACCEPTED.label
    elif log.action in {"approve", "reject"}:
        given.decided_at = log.at
        given.state = ReviewState(log.to_state).label
        given.tone = _TONES[log.action]
        reasons = [f"{items.get(key, key)}：{text}" for key, text in log.reasons.items()]
        given.remark = "；".join([*reasons, *([log.remark] if log.remark else [])])
    elif log.action == "withdraw":
        given.state, given.tone = "已撤回", "mute"
    elif log.action == "reopen":
        given.state, given.tone, given.remark = "审核通过后取消，退回重报", "wait", log.remark


def entry(log: TransitionLog, items: dict[str, str]) -> dict[str, Any]:
    """One act for the timeline; `items`: what reasons can be given for, in words."""
    return {
        "at": log.at,
        "actor": log.actor_label,
        "action": log.action_label,  # type: ignore[attr-defined]
        "remark": log.remark,
        "tone": _TONES.get(log.action, "mute"),
        "items": {items.get(key, key): text for key, text in log.reasons.items()},
    }


def reasons_given(review: Review) -> list[tuple[str, str]]:
    """Why the plan was rejected: (item, sentence), the remark last."""
    items = kind_of(review).items
    given = [(items.get(key, key), text) for key, text in review.reasons.items()]
    return [*given, *([("审核意见", review.remark)] if review.remark else [])]


def is_over(plan: TrainingPlan) -> bool:
    """Whether its enrollment would be over before anybody could review it."""
    return plan.closes_at <= timezone.now()

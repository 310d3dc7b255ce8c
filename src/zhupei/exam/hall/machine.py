"""The state machine of an attempt (states.md)."""

from __future__ import annotations

from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition, platform
from foundation.workflow.models import TransitionLog
from zhupei.exam.hall.models import FINISHED, OPEN, Attempt, AttemptState, EventKind, ExamEvent
from zhupei.organizations.roles import Capability, holder

A = AttemptState


# Whoever invigilates at the institution that holds the exam.
_invigilates = holder("institution", "candidate.plan.institution_id", Capability.INVIGILATE)


def _begin(actor: Actor, attempt: Attempt, log: TransitionLog) -> None:
    attempt.started_at = attempt.seen_at = log.at
    attempt.save(update_fields=["started_at", "seen_at"])
    ExamEvent.objects.create(candidate_id=attempt.candidate_id, kind=EventKind.STARTED, at=log.at)


ATTEMPT = Machine(
    "exam_attempt",
    AttemptState,
    [
        Transition("start", "开始答题", (A.ADMITTED,), A.IN_PROGRESS, may=platform, effect=_begin),
        Transition("submit", "交卷", (A.IN_PROGRESS,), A.SUBMITTED, may=platform),
        Transition("close", "自动交卷", (A.IN_PROGRESS,), A.AUTO_SUBMITTED, may=platform),
        Transition(
            "void",
            "作废",
            (*OPEN, *FINISHED),
            A.VOIDED,
            may=_invigilates,
            needs_reason=True,
        ),
    ],
)

"""The state machine of a score appeal (states.md)."""

from __future__ import annotations

from django.utils import timezone

from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition
from foundation.workflow.models import TransitionLog
from zhupei.assessment.machine import is_holder
from zhupei.exam.scores.models import AppealState, ScoreAppeal

P = AppealState


def is_appellant(actor: Actor, appeal: ScoreAppeal) -> bool:
    """The person whose score it is."""
    return actor.is_system or (
        actor.user is not None and appeal.candidate.enrollment.person.user_id == actor.user.pk
    )


def decides_appeal(actor: Actor, appeal: ScoreAppeal) -> bool:
    """Whoever reports scores at the institution that held the exam."""
    return is_holder(actor, appeal.candidate.plan)


def _keep_decision(actor: Actor, appeal: ScoreAppeal, log: TransitionLog) -> None:
    appeal.decided_by, appeal.decided_at, appeal.reply = actor.user, timezone.now(), log.remark[:500]
    appeal.save(update_fields=["decided_by", "decided_at", "reply"])


APPEAL = Machine(
    "score_appeal",
    AppealState,
    [
        Transition("withdraw", "撤回申诉", (P.SUBMITTED,), P.WITHDRAWN, may=is_appellant),
        Transition(
            "uphold",
            "维持原成绩",
            (P.SUBMITTED,),
            P.UPHELD,
            may=decides_appeal,
            effect=_keep_decision,
            needs_reason=True,
        ),
        Transition(
            "correct",
            "更正成绩",
            (P.SUBMITTED,),
            P.CORRECTED,
            may=decides_appeal,
            effect=_keep_decision,
            needs_reason=True,
        ),
    ],
)

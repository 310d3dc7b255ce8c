"""What the exam does when a plan is confirmed for the computer, and when it is called off."""

from __future__ import annotations

from typing import Any

from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan
from zhupei.assessment.signals import called_off, online_confirmed
from zhupei.exam.papers import services as papers
from zhupei.exam.scores.services import calling_off as unused


def prepare_exam(sender: Any, actor: Actor, plan: AssessmentPlan, **rest: Any) -> None:
    """Refuse unless the bank is good for every paper of the plan; then have the papers prepared (EXM-02)."""
    papers.freeze(plan)
    papers.enqueue_papers(actor, plan)


def drop_what_was_prepared(sender: Any, actor: Actor, plan: AssessmentPlan, **rest: Any) -> None:
    """Papers that nobody saw, sign-ins that nobody admitted."""
    unused.drop_unused(actor, plan)


def connect() -> None:
    online_confirmed.connect(prepare_exam, dispatch_uid="exam.prepare_exam")
    called_off.connect(drop_what_was_prepared, dispatch_uid="exam.drop_what_was_prepared")

"""What the exam does when a plan is confirmed for the computer."""

from __future__ import annotations

from typing import Any

from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan
from zhupei.assessment.signals import online_confirmed
from zhupei.exam.services import papers


def prepare_exam(sender: Any, actor: Actor, plan: AssessmentPlan, **rest: Any) -> None:
    """Refuse unless the bank is good for every paper of the plan; then have the papers prepared (EXM-02)."""
    papers.freeze(plan)
    papers.enqueue_papers(actor, plan)


def connect() -> None:
    online_confirmed.connect(prepare_exam, dispatch_uid="exam.prepare_exam")

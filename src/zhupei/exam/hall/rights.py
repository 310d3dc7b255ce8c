"""Who may do something in the exam room, and at which plans (EXM-03, EXM-06)."""

from __future__ import annotations

from foundation.errors import NotAllowedError
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.organizations.roles import Capability, may

# Plans whose exam is held at computers: from the confirmation on, and as long as something is done about it.
HELD = (AssessmentStage.ONLINE_CONFIRMED, AssessmentStage.RUNNING, AssessmentStage.COMPLETED)


def may_invigilate(actor: Actor, plan: AssessmentPlan) -> bool:
    """Whoever invigilates at the institution that holds the exam, or the platform itself."""
    return actor.is_system or (
        actor.portal == "institution"
        and actor.body is not None
        and actor.body.pk == plan.institution_id
        and may(actor, Capability.INVIGILATE)
    )


def require_invigilator(actor: Actor, plan: AssessmentPlan) -> None:
    """Raise NotAllowedError for anybody else."""
    if not may_invigilate(actor, plan):
        raise NotAllowedError()

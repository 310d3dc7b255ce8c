"""What the assessment stage registers with the mechanisms."""

from __future__ import annotations


def register() -> None:
    from foundation.review import kinds
    from foundation.ui.states import register_state_styles
    from zhupei.assessment import machine, reviewing
    from zhupei.assessment.models import AssessmentStage
    from zhupei.assessment.plan_states import AssessmentState
    from zhupei.assessment.services.seats import bookings
    from zhupei.training.services.plan_checks import register_bookings

    assert machine.ASSESSMENT  # the table is known once its module is there
    kinds.register(reviewing.ASSESSMENT_KIND)
    register_bookings(bookings)
    after_approval = {
        "reviewed": "info",
        "online_confirmed": "info",
        "running": "wait",
        "completed": "ok",
    }
    register_state_styles(AssessmentStage, {"not_reported": "mute", "not_reviewed": "wait"} | after_approval)
    register_state_styles(
        AssessmentState,
        {"draft": "mute", "submitted": "wait", "accepted": "info", "rejected": "bad"} | after_approval,
    )

"""What the assessment stage registers with the mechanisms."""

from __future__ import annotations


def register() -> None:
    from foundation.ui.states import register_state_styles
    from zhupei.assessment import machine
    from zhupei.assessment.models import AssessmentStage

    assert machine.ASSESSMENT  # the table is known once its module is there
    register_state_styles(
        AssessmentStage,
        {
            "not_reported": "mute",
            "not_reviewed": "wait",
            "reviewed": "info",
            "online_confirmed": "info",
            "running": "wait",
            "completed": "ok",
        },
    )

"""What the training stage registers with the mechanisms and with earlier stages."""

from __future__ import annotations


def register() -> None:
    from foundation.review import kinds
    from foundation.ui.states import register_state_styles
    from zhupei.training import reviewing
    from zhupei.training.models import PlanStage
    from zhupei.training.plan_states import PlanState

    kinds.register(reviewing.PLAN_KIND)
    register_state_styles(
        PlanStage,
        {
            "pending": "mute",
            "upcoming": "info",
            "enrolling": "wait",
            "enrolment_closed": "mute",
            "in_session": "info",
            "attendance_confirmed": "ok",
            "finished": "mute",
        },
    )
    register_state_styles(
        PlanState,
        {
            "draft": "mute",
            "submitted": "wait",
            "accepted": "info",
            "rejected": "bad",
            "upcoming": "info",
            "enrolling": "wait",
            "enrolment_closed": "mute",
            "in_session": "info",
            "attendance_confirmed": "ok",
            "finished": "mute",
        },
    )

"""What the exam stage registers with the mechanisms."""

from __future__ import annotations


def register() -> None:
    from foundation.files import policies
    from foundation.ui.states import register_state_styles
    from zhupei.assessment import machine
    from zhupei.exam.bank import news  # noqa: F401  (its texts are known once it is imported; so are those of scores)
    from zhupei.exam.bank.models import VersionState
    from zhupei.exam.hall.models import AttemptState
    from zhupei.exam.hall.services import invigilation
    from zhupei.exam.scores import policies as papers
    from zhupei.exam.scores import review
    from zhupei.exam.scores.models import AppealState, ScoreMark
    from zhupei.exam.scores.services import calling_off, reporting

    policies.register("exam", papers.exam_documents)
    register_state_styles(
        AttemptState,
        {
            "admitted": "info",
            "in_progress": "wait",
            "submitted": "ok",
            "auto_submitted": "ok",
            "voided": "bad",
        },
    )
    register_state_styles(
        VersionState,
        {
            "draft": "mute",
            "submitted": "wait",
            "returned": "bad",
            "approved": "ok",
            "superseded": "mute",
            "retired": "mute",
        },
    )
    register_state_styles(ScoreMark, {"normal": "mute", "absent": "mute", "cheating": "bad", "void": "bad"})
    register_state_styles(
        AppealState, {"submitted": "wait", "upheld": "mute", "corrected": "ok", "withdrawn": "mute"}
    )
    machine.register_refusal(calling_off.refuse_sat)
    invigilation.guard_void(reporting.refuse_void)
    review.register()

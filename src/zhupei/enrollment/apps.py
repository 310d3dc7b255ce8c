from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "zhupei.enrollment"
    verbose_name = "报名"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.ui.states import register_state_styles
        from zhupei.enrollment import tasks  # noqa: F401  (makes the background work known)
        from zhupei.enrollment.models import EnrollmentState
        from zhupei.enrollment.queries import documents_visible_to

        policies.register("enrollment", documents_visible_to)
        register_state_styles(
            EnrollmentState,
            {
                "draft": "wait",
                "submitted": "info",
                "returned": "bad",
                "eligible": "ok",
                "ineligible": "bad",
                "ordered": "wait",
                "paid": "info",
                "enrolled": "ok",
                "in_training": "info",
                "trained": "ok",
                "absent": "bad",
                "in_assessment": "info",
                "passed": "ok",
                "failed": "bad",
                "missed": "bad",
                "certified": "ok",
            },
        )

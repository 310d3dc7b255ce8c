from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "zhupei.enrollment"
    verbose_name = "报名"

    def ready(self) -> None:
        from foundation.files import policies
        from foundation.messages.templates import register_template
        from foundation.ui.states import register_state_styles
        from zhupei.enrollment import tasks  # noqa: F401  (makes the background work known)
        from zhupei.enrollment.models import EnrollmentState
        from zhupei.enrollment.queries import documents_visible_to
        from zhupei.enrollment.services.review_news import register_templates

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
        register_template(
            "enrollment.submitted",
            label="报名提交审核",
            title="{organization}提交了 {count} 人待资格审核",
            body="请到“资格审核”核对报名资料。",
        )
        register_templates()

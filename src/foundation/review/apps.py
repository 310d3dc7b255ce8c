from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "foundation.review"
    label = "review"
    verbose_name = "审核"

    def ready(self) -> None:
        from foundation.review.models import ReviewState
        from foundation.ui.states import register_state_styles

        register_state_styles(
            ReviewState,
            {"draft": "mute", "submitted": "wait", "accepted": "info", "approved": "ok", "rejected": "bad"},
        )

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "foundation.review"
    label = "review"
    verbose_name = "审核"

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    name = "foundation.limits"
    label = "limits"
    verbose_name = "次数限制"

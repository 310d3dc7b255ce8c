from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "zhupei.regions"
    verbose_name = "地区"

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "zhupei.demo"
    verbose_name = "演示数据"

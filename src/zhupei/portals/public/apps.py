from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "zhupei.portals.public"
    verbose_name = "公共页面"

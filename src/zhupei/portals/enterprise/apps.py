from django.apps import AppConfig


class EnterpriseConfig(AppConfig):
    name = "zhupei.portals.enterprise"
    verbose_name = "企业端"

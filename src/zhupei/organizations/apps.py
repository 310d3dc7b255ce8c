from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "zhupei.organizations"
    verbose_name = "单位"

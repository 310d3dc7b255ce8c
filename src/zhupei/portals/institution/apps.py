from django.apps import AppConfig


class InstitutionConfig(AppConfig):
    name = "zhupei.portals.institution"
    verbose_name = "机构端"

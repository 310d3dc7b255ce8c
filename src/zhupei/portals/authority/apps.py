from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    name = "zhupei.portals.authority"
    verbose_name = "主管部门端"

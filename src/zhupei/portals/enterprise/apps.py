from django.apps import AppConfig


class EnterpriseConfig(AppConfig):
    name = "zhupei.portals.enterprise"
    verbose_name = "企业端"

    def ready(self) -> None:
        from zhupei.portals.enterprise import links
        from zhupei.portals.enterprise.menu import shell
        from zhupei.portals.shared import menus

        menus.register("enterprise", shell)
        links.register()

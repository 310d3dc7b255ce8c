from django.apps import AppConfig


class AuthorityPortalConfig(AppConfig):
    name = "zhupei.portals.authority"
    verbose_name = "主管部门端"

    def ready(self) -> None:
        from zhupei.portals.authority import links
        from zhupei.portals.authority.menu import shell
        from zhupei.portals.shared import menus

        menus.register("authority", shell)
        links.register()

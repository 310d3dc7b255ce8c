from django.apps import AppConfig


class InstitutionConfig(AppConfig):
    name = "zhupei.portals.institution"
    verbose_name = "机构端"

    def ready(self) -> None:
        from zhupei.portals.institution import links
        from zhupei.portals.institution.menu import shell
        from zhupei.portals.shared import menus

        menus.register("institution", shell)
        links.register()

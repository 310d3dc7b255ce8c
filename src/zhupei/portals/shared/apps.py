from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "zhupei.portals.shared"
    verbose_name = "公用"

    def ready(self) -> None:
        from zhupei.portals.shared import links

        links.register()

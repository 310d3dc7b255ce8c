from django.apps import AppConfig


class LearnerConfig(AppConfig):
    name = "zhupei.portals.learner"
    verbose_name = "学员端"

    def ready(self) -> None:
        from zhupei.portals.learner import links
        from zhupei.portals.learner.menu import shell
        from zhupei.portals.shared import menus

        menus.register("learner", shell)
        links.register()

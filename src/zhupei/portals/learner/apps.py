from django.apps import AppConfig


class LearnerConfig(AppConfig):
    name = "zhupei.portals.learner"
    verbose_name = "学员端"

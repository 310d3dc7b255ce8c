from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "zhupei.learning"
    verbose_name = "学习"

    def ready(self) -> None:
        from zhupei.billing.signals import enrollment_paid
        from zhupei.learning import services

        enrollment_paid.connect(services.on_enrollment_paid, dispatch_uid="learning.open_study_accounts")

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "zhupei.training"
    verbose_name = "培训计划"

    def ready(self) -> None:
        from zhupei.training import listeners, registration

        registration.register()
        listeners.connect()

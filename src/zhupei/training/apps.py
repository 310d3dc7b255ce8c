from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "zhupei.training"
    verbose_name = "培训计划"

    def ready(self) -> None:
        from zhupei.training import registration

        registration.register()

from django.apps import AppConfig


class ExamConfig(AppConfig):
    name = "zhupei.exam"
    verbose_name = "考试"

    def ready(self) -> None:
        from zhupei.exam import listeners, registration

        registration.register()
        listeners.connect()

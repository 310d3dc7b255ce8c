from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "zhupei.assessment"
    verbose_name = "考核计划"

    def ready(self) -> None:
        from zhupei.assessment import registration

        registration.register()

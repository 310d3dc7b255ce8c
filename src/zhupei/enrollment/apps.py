from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "zhupei.enrollment"
    verbose_name = "报名"

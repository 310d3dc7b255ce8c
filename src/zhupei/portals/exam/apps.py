from django.apps import AppConfig


class ExamConfig(AppConfig):
    name = "zhupei.portals.exam"
    label = "exam_portal"
    verbose_name = "机考页面"

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhupei.people"
    verbose_name = "人员"

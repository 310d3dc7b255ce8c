from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "zhupei.catalog"
    verbose_name = "目录"

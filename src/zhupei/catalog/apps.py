from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "zhupei.catalog"
    verbose_name = "目录"

    def ready(self) -> None:
        from zhupei.catalog.setup import load_after_migrate

        post_migrate.connect(load_after_migrate, sender=self, dispatch_uid="default_catalog")

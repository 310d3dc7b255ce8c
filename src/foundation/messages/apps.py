from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class MessagesConfig(AppConfig):
    name = "foundation.messages"
    label = "notices"
    verbose_name = "消息"

    def ready(self) -> None:
        from foundation.messages.templates import insert_missing_templates

        post_migrate.connect(insert_missing_templates, sender=self, dispatch_uid="message_templates")
        autodiscover_modules("news")

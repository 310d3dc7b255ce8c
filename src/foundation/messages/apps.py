from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "foundation.messages"
    label = "notices"
    verbose_name = "消息"

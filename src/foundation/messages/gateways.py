"""How a text message leaves the house. The development inbox keeps it on a page; a provider is a class with `send`."""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SmsGateway(Protocol):
    """A provider's adapter, named by SMS_GATEWAY; `shows_inbox` tells whether /dev/sms/ shows what was sent."""

    shows_inbox: bool

    def send(self, phone: str, text: str) -> str:
        """Send and return the provider's receipt; raise any exception when it failed, the task tries again."""
        ...


class DevelopmentInbox:
    """Nothing leaves the machine: the stored row is what the inbox page shows."""

    shows_inbox = True

    def send(self, phone: str, text: str) -> str:
        return "开发收件箱"


def gateway() -> SmsGateway:
    return import_string(settings.SMS_GATEWAY)()

"""Buttons pressed as a browser presses them: the request names the page on which the button stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client

from foundation.audit.models import AuditEntry
from foundation.messages.models import Message, Sms
from foundation.workflow.models import TransitionLog

HOST = "http://testserver"


def press(
    client: Client, page: str, action: str, data: Mapping[str, Any] | None = None, *, follow: bool = False
) -> Any:
    """The answer to a button on `page` whose form goes to `action`."""
    return client.post(action, dict(data or {}), headers={"referer": f"{HOST}{page}"}, follow=follow)


def refused(client: Client, page: str, action: str, data: Mapping[str, Any] | None = None) -> str:
    """What `page` says after a refusal: it came back itself, and nothing was written."""
    before = _written()
    answer = press(client, page, action, data)
    assert (answer.status_code, answer["Location"]) == (302, f"{HOST}{page}"), answer
    assert _written() == before
    shown = client.get(page, follow=True)
    assert shown.status_code == 200, shown
    return str(shown.content.decode())


def _written() -> list[int]:
    return [model.objects.count() for model in (TransitionLog, AuditEntry, Message, Sms)]

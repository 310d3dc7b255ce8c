"""What every template gets: the frame of the portal, made only when a template asks for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from zhupei.portals.shared.menus import shell_for


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {"actor": actor, "shell": SimpleLazyObject(lambda: shell_for(actor, request))}

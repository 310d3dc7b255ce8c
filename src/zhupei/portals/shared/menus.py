"""Each portal registers how its frame (menu, badges, addresses) looks for an actor; nobody imports another portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell
from zhupei.organizations.roles import Capability, may

Builder = Callable[[Actor, Any], Shell | None]
_BUILDERS: dict[str, Builder] = {}


def register(portal: str, builder: Builder) -> None:
    """`builder(actor, request)` returns the Shell of one request."""
    _BUILDERS[portal] = builder


def staff_entry(actor: Actor) -> list[MenuItem]:
    """The entry 账号管理, for those who keep the body's accounts (ORG-14)."""
    if not may(actor, Capability.MANAGE_STAFF):
        return []
    return [MenuItem("账号管理", reverse("shared:staff"), "users-group")]


def shell_for(actor: Actor, request: Any) -> Shell | None:
    builder = _BUILDERS.get(actor.portal)
    return builder(actor, request) if builder and actor.user is not None else None

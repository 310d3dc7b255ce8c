"""What every template gets: the frame of the portal and the public links, made only when a template asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from zhupei.organizations.roles import capabilities
from zhupei.portals.shared.menus import shell_for


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {
        "actor": actor,
        "shell": SimpleLazyObject(lambda: shell_for(actor, request)),
        "may": SimpleLazyObject(lambda: capabilities(actor)),
        "public_links": SimpleLazyObject(_public_links),
    }


def _public_links() -> list[tuple[str, str]]:
    names = (
        ("培训机构", "institutions"),
        ("通知公告", "notices"),
        ("下载中心", "downloads"),
        ("帮助", "help"),
    )
    return [(label, reverse(f"public:{name}")) for label, name in names]

"""What an upload view answers, so that the upload component can show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import JsonResponse


def accepted(
    message: str = "已上传",
    *,
    id: Any = "",
    url: str = "",
    name: str = "",
    checks: Sequence[dict[str, str]] = (),
) -> JsonResponse:
    """The file is kept: its `id` goes into the form's hidden field, `url` shows it.

    `checks` are shown below the picture: dicts with `tone` (ok, wait, bad), `label` and optionally `figure`.
    """
    return JsonResponse(
        {"ok": True, "message": message, "id": str(id), "url": url, "name": name, "checks": list(checks)}
    )


def refused(message: str, *, status: int = 422) -> JsonResponse:
    """The file is not kept; `message` is one Chinese sentence that says why and what to do."""
    return JsonResponse({"ok": False, "message": message}, status=status)

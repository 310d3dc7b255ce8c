"""What an upload view answers, so that the upload component can show it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse

from foundation.errors import DomainError

P = ParamSpec("P")


def upload_view(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """For a view that the upload component asks: a DomainError is told where the file was dropped."""

    @functools.wraps(view)
    def answering(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except DomainError as refusal:
            return refused(refusal.message)

    return answering


def file_of(request: HttpRequest, otherwise: str = "没有收到文件，请重新选择。") -> UploadedFile:
    """The file that was sent. Raises DomainError: `otherwise` when there is none."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise DomainError("no_file", otherwise)
    return file


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

"""Opening private files (MAT-05): only those who may see them, each opening logged, nothing cached."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.files import images
from foundation.files.models import Document
from foundation.requests import PortalRequest

THUMBNAIL = (320, 320)
# What a browser may show in place. A PDF viewer does not run in a sandbox; scripts are forbidden all the same.
_POLICIES = {
    "image/jpeg": "default-src 'none'; frame-ancestors 'self'; sandbox",
    "image/png": "default-src 'none'; frame-ancestors 'self'; sandbox",
    "application/pdf": "default-src 'none'; object-src 'self'; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'",
}
_ELSE = "default-src 'none'; frame-ancestors 'none'; sandbox"


@require_safe
def document(request: PortalRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The file; `?thumb=1` a small picture of it for lists, `?download=1` to keep it."""
    actor = request.actor
    found = get_object_or_404(Document.objects.visible_to(actor), pk=pk)
    if request.GET.get("thumb"):
        return _guarded(_thumbnail(found), found, inline=True)
    audit.record(actor, "document.open", found, kind=found.kind)
    inline = found.content_type in _POLICIES and not request.GET.get("download")
    return _guarded(_whole(found), found, inline=inline)


def _whole(found: Document) -> HttpResponseBase:
    """The file's bytes, or the front server told where they are."""
    prefix: str = getattr(settings, "FILES_ACCEL_PREFIX", "")
    if prefix:
        response: HttpResponseBase = HttpResponse(content_type=found.content_type)
        response["X-Accel-Redirect"] = f"{prefix.rstrip('/')}/{quote(str(found.file.name))}"
        return response
    try:
        return FileResponse(found.file.open("rb"), content_type=found.content_type)
    except FileNotFoundError as missing:
        raise Http404 from missing


def _thumbnail(found: Document) -> HttpResponseBase:
    """A small JPEG, drawn when it is asked for: nothing of it is left behind."""
    if not found.is_image:
        raise Http404
    try:
        with found.file.open("rb") as file:
            small = images.thumbnail(file.read(), THUMBNAIL)
    except (FileNotFoundError, DomainError) as unreadable:
        raise Http404 from unreadable
    return HttpResponse(small.data, content_type=small.content_type)


def _guarded(response: HttpResponseBase, found: Document, *, inline: bool) -> HttpResponseBase:
    header = content_disposition_header(not inline, found.name)
    response["Content-Disposition"] = header or "inline"
    response["Content-Security-Policy"] = _POLICIES.get(found.content_type, _ELSE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

"""Showing a masked value in full, logged (SEC-02)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse

from foundation.audit import services as audit
from foundation.scoping import Actor


def reveal(request: HttpRequest, actor: Actor, subject: models.Model, field: str) -> str:
    """The full value of `subject.field`, which the caller got by `visible_to(actor)`; the log keeps who saw it."""
    value: Any = getattr(subject, field)
    audit.record(actor, "field.reveal", subject, field=field, path=request.path)
    return str(value or "")


def revealed(request: HttpRequest, actor: Actor, subject: models.Model, field: str) -> HttpResponse:
    """`reveal` as the answer that the `masked` component expects."""
    response = HttpResponse(reveal(request, actor, subject, field), content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response

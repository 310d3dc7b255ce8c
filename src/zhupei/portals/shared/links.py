"""Where everybody gets what the platform has made for him."""

from __future__ import annotations

from django.urls import reverse

from foundation.files.models import Document
from foundation.links import link


def register() -> None:
    """Called once at start-up."""
    link("shared", Document, _download)


def _download(document: Document) -> str:
    return f"{reverse('shared:document', args=[document.pk])}?download=1"

"""Store and remove private files. Images are re-encoded and stripped of metadata before they are stored."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from foundation.files.models import Document
from foundation.scoping import Actor


def store(
    actor: Actor,
    kind: str,
    name: str,
    content: bytes,
    content_type: str,
    *,
    width: int | None = None,
    height: int | None = None,
    checks: dict[str, Any] | None = None,
) -> Document:
    """Keep `content` privately and return its Document; the bytes are stored as given."""
    document = Document(
        kind=kind,
        owner_key=actor.key,
        name=name[-200:],
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=width,
        height=height,
        checks=checks or {},
        created_by=actor.user,
    )
    document.file.save(name, ContentFile(content), save=False)
    document.save(force_insert=True)
    return document


def remove(document: Document) -> None:
    """Delete the row now and the file when the transaction has committed."""
    file = document.file
    path, storage = file.name, file.storage
    document.delete()
    transaction.on_commit(lambda: storage.delete(path))

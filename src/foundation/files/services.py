"""Store and remove private files. Images are re-encoded and stripped of metadata before they are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from foundation.files.models import Document
from foundation.scoping import Actor


def write(
    actor: Actor,
    kind: str,
    name: str,
    content: bytes,
    content_type: str,
    *,
    owner_key: str | None = None,
    width: int | None = None,
    height: int | None = None,
    checks: dict[str, Any] | None = None,
) -> Document:
    """Write the bytes and return a Document whose row is still to be inserted: for `Document.objects.bulk_create`.

    `owner_key` is the actor's by default; with an empty one nobody but the kind's policy admits a reader.
    """
    document = Document(
        kind=kind,
        owner_key=actor.key if owner_key is None else owner_key,
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
    return document


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
    document = write(actor, kind, name, content, content_type, width=width, height=height, checks=checks)
    document.save(force_insert=True)
    return document


def remove_many(documents: Sequence[Document]) -> None:
    """Delete rows now, the files when the transaction has committed."""
    files = [(document.file.storage, str(document.file.name)) for document in documents]
    Document.objects.filter(pk__in=[document.pk for document in documents]).delete()
    for storage, path in files:
        transaction.on_commit(partial(storage.delete, path))


def remove(document: Document) -> None:
    """Delete the row now and the file when the transaction has committed."""
    file = document.file
    path, storage = str(file.name), file.storage
    document.delete()
    transaction.on_commit(lambda: storage.delete(path))

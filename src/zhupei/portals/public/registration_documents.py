"""The papers uploaded while registering: they belong to the visitor and survive every error on the page (ORG-03)."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from foundation.errors import DomainError
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor
from zhupei.organizations.models import Slot
from zhupei.organizations.services.documents import keep_picture

KIND = "registration"


def uploaded(visitor: Actor) -> dict[Slot, Document]:
    """The latest paper in each slot."""
    if not visitor.visitor:
        return {}
    kinds = {f"{KIND}.{slot.value}": slot for slot in Slot}
    rows = Document.objects.visible_to(visitor).filter(kind__in=kinds).order_by("created_at", "pk")
    return {kinds[row.kind]: row for row in rows}


def keep(visitor: Actor, slot: Slot, file: UploadedFile) -> Document:
    """Put a picture into the slot; the one before goes away. Raises DomainError `expired` and as `keep_picture`."""
    if not visitor.visitor:
        raise DomainError("expired", "页面停留太久，请刷新后再上传。")
    document = keep_picture(visitor, f"{KIND}.{slot.value}", str(slot.label), file)
    discard(visitor, slot, but=document)
    return document


def discard(visitor: Actor, slot: Slot, *, but: Document | None = None) -> None:
    """Remove what is in the slot."""
    rows = Document.objects.visible_to(visitor).filter(kind=f"{KIND}.{slot.value}", owner_key=visitor.key)
    files.remove_many(list(rows.exclude(pk=but.pk) if but else rows))

"""The papers uploaded while registering: they belong to the visitor and survive every error on the page (ORG-03)."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from foundation.errors import DomainError
from foundation.files import images
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor
from zhupei.organizations.models import Slot

KIND = "registration"
LIMITS = images.ImageLimits(max_bytes=2 * 1024 * 1024, max_side=2400)


def uploaded(visitor: Actor) -> dict[Slot, Document]:
    """The latest paper in each slot."""
    if not visitor.visitor:
        return {}
    kinds = {f"{KIND}.{slot.value}": slot for slot in Slot}
    rows = Document.objects.visible_to(visitor).filter(kind__in=kinds).order_by("created_at", "pk")
    return {kinds[row.kind]: row for row in rows}


def keep(visitor: Actor, slot: Slot, file: UploadedFile) -> Document:
    """Judge an image by its content, draw it anew and put it into the slot; the one before goes away.

    Raises DomainError with the cause and the mend (format, more than 2 MB, unreadable).
    """
    if not visitor.visitor:
        raise DomainError("expired", "页面停留太久，请刷新后再上传。")
    if (file.size or 0) > LIMITS.max_bytes:
        size = (file.size or 0) / 1048576
        raise DomainError("entry_too_large", f"图片 {size:.1f} MB，超过 2 MB，请压缩后再上传。")
    clean = images.reencode(file.read(), LIMITS)
    name = str(file.name or slot.label).rpartition(".")[0] or slot.label
    document = files.store(
        visitor,
        f"{KIND}.{slot.value}",
        f"{name}.jpg",
        clean.data,
        clean.content_type,
        width=clean.width,
        height=clean.height,
    )
    discard(visitor, slot, but=document)
    return document


def discard(visitor: Actor, slot: Slot, *, but: Document | None = None) -> None:
    """Remove what is in the slot."""
    rows = Document.objects.visible_to(visitor).filter(kind=f"{KIND}.{slot.value}", owner_key=visitor.key)
    files.remove_many(list(rows.exclude(pk=but.pk) if but else rows))

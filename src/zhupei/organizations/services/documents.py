"""Papers uploaded as pictures: what is taken, whose they are, which are missing, into which slot they go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.files import File

from foundation.errors import DomainError
from foundation.files import images
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor
from zhupei.organizations.models import Organization, OrganizationDocument, Slot

MANDATORY = (Slot.LICENSE, Slot.LETTER)
MAX_MB = 2
LIMITS = images.ImageLimits(max_bytes=MAX_MB * 1024 * 1024, max_side=2400)


def keep_picture(actor: Actor, kind: str, label: str, file: File) -> Document:
    """Keep one JPG or PNG of at most 2 MB as a paper of that kind (ORG-03); it belongs to `actor`.

    The picture is drawn anew, so that nothing but pixels is kept; without a file name it is called `label`.
    Raises DomainError `entry_too_large`, `unreadable_image`, `image_too_large`.
    """
    size = file.size or 0
    if size > LIMITS.max_bytes:
        raise DomainError(
            "entry_too_large", f"图片 {size / 1048576:.1f} MB，超过 {MAX_MB} MB，请压缩后再上传。"
        )
    clean = images.reencode(file.read(), LIMITS)
    name = f"{(file.name or '').rpartition('.')[0] or label}.jpg"
    return files.store(
        actor, kind, name, clean.data, clean.content_type, width=clean.width, height=clean.height
    )


def upload_paper(actor: Actor, slot: str, file: File) -> Document:
    """Keep a paper for a slot of an organization. Raises DomainError `unknown_slot` and as `keep_picture`."""
    if slot not in Slot.values:
        raise DomainError("unknown_slot", "请选择要上传的材料：营业执照、企业承诺书或资质证书。")
    return keep_picture(actor, f"organization.{slot}", str(Slot(slot).label), file)


def missing_slots(present: Iterable[str]) -> dict[str, str]:
    """Slot → sentence for every mandatory paper that is not there (ORG-03)."""
    there = set(present)
    return {slot.value: f"请上传{slot.label}。" for slot in MANDATORY if slot.value not in there}


def refuse_foreign(documents: Mapping[Slot, Document], owner_keys: Iterable[str]) -> None:
    """Only files that the person at the screen uploaded may be handed in; raises `foreign_document`."""
    allowed = {key for key in owner_keys if key}
    for slot, document in documents.items():
        if document.owner_key not in allowed:
            sentence = f"{Slot(slot).label}已经失效，请重新上传。"
            raise DomainError("foreign_document", sentence, items={Slot(slot).value: sentence})


def put_into_slots(organization: Organization, documents: Mapping[Slot, Document]) -> None:
    """Make the files the organization's papers; earlier ones stay readable for the reviewer.

    A file with the same content as the one in place changes nothing, so that it is not shown as a change.
    """
    present = {row.slot: row for row in organization.documents.select_related("document")}
    for slot, document in documents.items():
        value = Slot(slot).value
        row = present.get(value)
        if row is not None and row.document.sha256 == document.sha256:
            continue
        hand_over(organization, value, document)
        OrganizationDocument.objects.update_or_create(
            organization=organization, slot=value, defaults={"document": document}
        )


def hand_over(organization: Organization, slot: str, document: Document) -> None:
    """From now on the file belongs to the organization."""
    document.owner_key, document.kind = organization.key, f"organization.{slot}"
    document.save(update_fields=["owner_key", "kind"])

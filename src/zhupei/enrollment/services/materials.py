"""The six images of a person: put one, take one away, or bring a whole ZIP (MAT-01 … MAT-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from foundation.errors import DomainError, WrongStateError
from foundation.files import services as files
from foundation.files.archives import ArchiveLimits, open_archive
from foundation.files.images import CleanImage, fit_portrait, reencode
from foundation.files.models import Document
from foundation.jobs import services as jobs
from foundation.scoping import Actor
from zhupei.enrollment import rules
from zhupei.enrollment.models import (
    NOT_YET_SUBMITTED,
    ArchiveUpload,
    Batch,
    Enrollment,
    Material,
    MaterialKind,
)
from zhupei.organizations.roles import Capability, require

DOCUMENT_PREFIX = "enrollment"
JUDGE_ARCHIVE = "enrollment.judge_archive"


@dataclass(frozen=True)
class NewImage:
    """One image to keep: whose, of which kind, the re-encoded picture."""

    enrollment_id: int
    person_name: str
    kind: str
    image: CleanImage


def put_material(actor: Actor, enrollment: Enrollment, kind: str, content: bytes) -> Material:
    """Keep one image of one kind, replacing what was there; a portrait is compressed below 80 KB.

    Raises ImageRefusedError when it is no usable picture, WrongStateError when the enrollment cannot be changed now.
    """
    require(actor, Capability.ENROLL, enrollment)
    if kind not in MaterialKind.values:
        raise DomainError("unknown_kind", "没有这种资料，请刷新页面后重试。")
    if sentence := rules.why_not_editable(enrollment.state):
        raise WrongStateError(sentence)
    image = fit_portrait(content) if kind == MaterialKind.PORTRAIT else reencode(content)
    moved = put_many(actor, [NewImage(enrollment.pk, enrollment.name, kind, image)])
    if moved:
        raise WrongStateError("该人员的状态刚刚变化，请刷新页面查看最新情况。")
    return Material.objects.select_related("document").get(enrollment=enrollment.pk, kind=kind)


def remove_material(actor: Actor, enrollment: Enrollment, kind: str) -> None:
    """Take an image away; nothing happens when there is none."""
    require(actor, Capability.ENROLL, enrollment)
    with transaction.atomic():
        locked = Enrollment.objects.select_for_update(no_key=True).get(pk=enrollment.pk)
        if sentence := rules.why_not_editable(locked.state):
            raise WrongStateError(sentence)
        materials = list(Material.objects.filter(enrollment=locked, kind=kind).select_related("document"))
        Material.objects.filter(pk__in=[row.pk for row in materials]).delete()
        files.remove_many([row.document for row in materials])


def put_many(actor: Actor, images: Sequence[NewImage]) -> set[int]:
    """Keep many images with a constant number of statements; earlier ones of the same person and kind are removed.

    Returns the enrollments that cannot be changed any more; their images are not kept.
    """
    written: list[tuple[NewImage, Document]] = []
    try:
        with transaction.atomic():
            asked = {image.enrollment_id for image in images}
            editable = set(
                Enrollment.objects.select_for_update(no_key=True)
                .filter(pk__in=asked, state__in=NOT_YET_SUBMITTED)
                .order_by("pk")
                .values_list("pk", flat=True)
            )
            for each in images:
                if each.enrollment_id in editable:
                    written.append((each, _write(actor, each)))
            _replace(written)
            return asked - editable
    except BaseException:
        for _, document in written:
            document.file.storage.delete(str(document.file.name))
        raise


def _write(actor: Actor, each: NewImage) -> Document:
    label = MaterialKind(each.kind).label
    return files.write(
        actor,
        f"{DOCUMENT_PREFIX}.{each.kind}",
        f"{each.person_name}-{label}.jpg",
        each.image.data,
        each.image.content_type,
        owner_key="",  # whoever may see the enrollment may open it, nobody else
        width=each.image.width,
        height=each.image.height,
    )


def _replace(written: Sequence[tuple[NewImage, Document]]) -> None:
    Document.objects.bulk_create([document for _, document in written])
    wanted = {(each.enrollment_id, each.kind): document for each, document in written}
    rows = Material.objects.filter(enrollment__in={key for key, _ in wanted}).select_related("document")
    old = [row.document for row in rows if (row.enrollment_id, row.kind) in wanted]
    Material.objects.bulk_create(
        [
            Material(enrollment_id=key, kind=kind, document=document)
            for (key, kind), document in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["enrollment", "kind"],
        update_fields=["document", "updated_at"],
    )
    files.remove_many(old)


def archive_limits() -> ArchiveLimits:
    """What an archive may cost here; its size is a setting of the operator (MAT-03)."""
    return ArchiveLimits(archive_bytes=settings.MAX_ARCHIVE_BYTES)


def start_archive(actor: Actor, batch: Batch, upload: File) -> ArchiveUpload:
    """Keep a ZIP of materials privately and judge it in the background; `job` of the result shows the progress.

    Raises ArchiveRefusedError at once when it is no usable ZIP, DomainError when nobody's materials can be changed.
    """
    require(actor, Capability.ENROLL, batch)
    if not batch.enrollments.filter(state__in=NOT_YET_SUBMITTED).exists():
        raise DomainError("nobody_open", "这个批次没有可以上传资料的人员；已提交的请先点“撤回修改”。")
    with open_archive(_seekable(upload), archive_limits()):
        upload.seek(0)
    name = Path(upload.name or "").name[-200:] or "资料.zip"
    with transaction.atomic():
        archive = ArchiveUpload(batch=batch, file_name=name, size=upload.size, created_by=actor.user)
        archive.file.save("materials.zip", upload, save=False)
        archive.save()
        archive.job = jobs.start(actor, JUDGE_ARCHIVE, f"核对资料：{name}", archive_id=archive.pk)
        archive.save(update_fields=["job"])
        return archive


def _seekable(upload: File) -> Any:
    return upload.file if hasattr(upload, "file") and upload.file is not None else upload

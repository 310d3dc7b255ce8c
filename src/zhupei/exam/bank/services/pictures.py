"""Pictures of questions: drawn anew, small enough to travel inside a paper, opened by bank keepers only (EXM-01)."""

from __future__ import annotations

from django.core.files import File

from foundation.errors import DomainError
from foundation.files import images
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor
from zhupei.exam.bank.services.questions import require_keeper

KIND = "exam.question"
MAX_BYTES = 300 * 1024
SIZE_LABEL = f"{MAX_BYTES // 1024} KB"
LIMITS = images.ImageLimits(max_bytes=MAX_BYTES, max_side=1600)


def keep_picture(actor: Actor, file: File) -> Document:
    """Keep one JPG or PNG of at most 300 KB. It belongs to no body: only who keeps the bank may open it.

    Raises NotAllowedError, DomainError `picture_too_large`, `unreadable_image`, `image_too_large`.
    """
    require_keeper(actor)
    if file.size > MAX_BYTES:
        raise DomainError(
            "picture_too_large", f"图片 {file.size / 1024:.0f} KB，超过 {SIZE_LABEL}，请压缩或裁小后再上传。"
        )
    clean = images.reencode(file.read(), LIMITS)
    if len(clean.data) > MAX_BYTES:
        raise DomainError("picture_too_large", f"图片转换后超过 {SIZE_LABEL}，请缩小尺寸后再上传。")
    name = (file.name or "").rpartition(".")[0] or "试题图片"
    document = files.write(
        actor,
        KIND,
        f"{name}.jpg",
        clean.data,
        clean.content_type,
        owner_key="",
        width=clean.width,
        height=clean.height,
    )
    document.save(force_insert=True)
    return document

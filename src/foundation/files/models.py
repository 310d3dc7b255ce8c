"""Private files: never under a public path, opened only through `visible_to` (MAT-05)."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import models

from foundation.files import policies
from foundation.scoping import Rule, Scope, ScopedQuerySet


def private_storage() -> Any:
    return storages["private"]


def _path(document: Document, filename: str) -> str:
    name = document.pk.hex
    return f"{document.kind.split('.')[0]}/{name[:2]}/{name[2:4]}/{name}"


class Document(models.Model):
    """One stored file. `owner_key` is the body (or visitor) that uploaded it; stages say who else may open it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类别", max_length=40)
    owner_key = models.CharField("上传单位", max_length=60, blank=True, db_index=True)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("格式", max_length=80)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    width = models.PositiveIntegerField("宽", null=True, blank=True)
    height = models.PositiveIntegerField("高", null=True, blank=True)
    file = models.FileField("文件", storage=private_storage, upload_to=_path, max_length=200)
    checks = models.JSONField("检查结果", default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Rule(policies.visible))

    class Meta:
        verbose_name = verbose_name_plural = "文件"

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

"""Long work that a person waits for: progress, result and errors, shown by a component that polls."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from foundation.scoping import Scope, ScopedQuerySet


class JobState(models.TextChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "处理中"
    SUCCEEDED = "succeeded", "已完成"
    FAILED = "failed", "未完成"


class Job(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField("任务", max_length=80)
    title = models.CharField("名称", max_length=200)
    owner_key = models.CharField("所属单位", max_length=60, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    arguments = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    result = models.JSONField("结果", default=dict)
    error = models.TextField("原因", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody="owner_key")

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.SUCCEEDED, JobState.FAILED}

    @property
    def percent(self) -> int:
        """0 to 100; 100 only when the job is over."""
        if self.is_over:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

"""The transition log: who moved what from where to where, when and why. Append-only."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class TransitionLogQuerySet(models.QuerySet["TransitionLog"]):
    def of(self, subject: models.Model) -> TransitionLogQuerySet:
        """The acts on one object, oldest first."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk).order_by("at", "pk")


class TransitionLog(models.Model):
    machine = models.CharField("流程", max_length=40)
    subject_type = models.CharField("对象类型", max_length=60)
    subject_id = models.BigIntegerField("对象编号")
    action = models.CharField("操作", max_length=40)
    from_state = models.CharField("原状态", max_length=40, blank=True)
    to_state = models.CharField("新状态", max_length=40)
    remark = models.TextField("备注", blank=True)
    reasons = models.JSONField("逐项原因", default=dict, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="操作人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    actor_key = models.CharField("操作单位", max_length=60, blank=True)
    actor_label = models.CharField("操作人名称", max_length=200)
    address = models.CharField("网络地址", max_length=64, blank=True)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = TransitionLogQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        indexes = [models.Index(fields=["subject_type", "subject_id", "at"], name="workflow_subject")]

    @property
    def _machine(self) -> Any:
        from foundation.workflow.machine import machine_named

        return machine_named(self.machine)

    @property
    def action_label(self) -> str:
        """The act in the users' words, e.g. 提交审核."""
        return self._machine.action_label(self.action)

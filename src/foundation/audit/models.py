"""Who saw, exported or changed what (SEC-06): append-only entries, sealed in batches by a hash chain."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    at = models.DateTimeField("时间", default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="操作人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_key = models.CharField("操作单位", max_length=60, blank=True, db_index=True)
    actor_label = models.CharField("操作人名称", max_length=200)
    address = models.CharField("网络地址", max_length=64, blank=True)
    act = models.CharField("行为", max_length=60)
    subject_type = models.CharField("对象类型", max_length=60, blank=True)
    subject_id = models.CharField("对象编号", max_length=60, blank=True)
    detail = models.JSONField("详情", default=dict)
    # The writing transaction: a batch is sealed only when no older one can still add to it.
    transaction = models.BigIntegerField(
        db_default=models.Func(function="txid_current", output_field=models.BigIntegerField())
    )

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["transaction", "id"], name="audit_sealing"),
        ]


class AuditSeal(models.Model):
    """One link of the chain: digest over the previous link and every entry of the batch."""

    sealed_at = models.DateTimeField(default=timezone.now)
    last_transaction = models.BigIntegerField(unique=True)
    entries = models.IntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"

"""In-portal messages and text messages; templates are data; what was sent, when, to whom and with what result is kept (NTF-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from foundation.crypto import BlindIndexField, EncryptedTextField
from foundation.scoping import NOTHING, Actor, Rule, Scope, ScopedQuerySet


class MessageTemplate(models.Model):
    """Texts of one event, in Python's `str.format` syntax: `{name}`."""

    code = models.CharField("事件", max_length=60, unique=True)
    label = models.CharField("名称", max_length=60)
    title = models.CharField("标题", max_length=100, blank=True)
    body = models.TextField("站内消息", blank=True)
    sms = models.TextField("短信", blank=True)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "消息模板"

    def __str__(self) -> str:
        return self.label


def _addressed_to(actor: Actor) -> Q:
    """To the person, and to the body acted for."""
    if actor.user is None:
        return NOTHING
    return Q(recipient_key__in={f"user:{actor.user.pk}", actor.key})


class MessageQuerySet(ScopedQuerySet["Message"]):
    def unread(self) -> MessageQuerySet:
        return self.filter(read_at=None)


class Message(models.Model):
    recipient_key = models.CharField("收件单位", max_length=60)
    code = models.CharField("事件", max_length=60)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=300, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects = MessageQuerySet.as_manager()
    seen_by = Scope(everybody=Rule(_addressed_to))

    class Meta:
        verbose_name = verbose_name_plural = "站内消息"
        indexes = [models.Index(fields=["recipient_key", "-created_at"], name="notices_inbox")]
        ordering = ["-created_at", "-pk"]


class SmsState(models.TextChoices):
    QUEUED = "queued", "待发送"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class Sms(models.Model):
    phone = EncryptedTextField("手机号")
    phone_index = BlindIndexField(source="phone", db_index=True)
    code = models.CharField("事件", max_length=60)
    text = EncryptedTextField("内容")
    state = models.CharField("状态", max_length=10, choices=SmsState, default=SmsState.QUEUED)
    result = models.CharField("结果", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "短信"
        ordering = ["-created_at", "-pk"]

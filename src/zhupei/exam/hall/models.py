"""Attempts: who sits at which machine, what was answered when, what happened (EXM-03 … EXM-07)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.scoping import Follows, Scope, ScopedQuerySet
from zhupei.assessment.models import AssessmentStage, Candidate


class AttemptState(models.TextChoices):
    ADMITTED = "admitted", "已签到"
    IN_PROGRESS = "in_progress", "答题中"
    SUBMITTED = "submitted", "已交卷"
    AUTO_SUBMITTED = "auto_submitted", "自动交卷"
    VOIDED = "voided", "作废"


OPEN = (AttemptState.ADMITTED, AttemptState.IN_PROGRESS)
FINISHED = (AttemptState.SUBMITTED, AttemptState.AUTO_SUBMITTED)
OVER = (*FINISHED, AttemptState.VOIDED)
# Plans whose exam is held at computers: from the confirmation on, and as long as something is done about it.
HELD = (AssessmentStage.ONLINE_CONFIRMED, AssessmentStage.RUNNING, AssessmentStage.COMPLETED)


class VoidKind(models.TextChoices):
    """Why an attempt does not count."""

    CHEATING = "cheating", "作弊"
    VOID = "void", "作废"


class Entry(models.Model):
    """机位登录: one sign-in with ticket and ID at one machine. Until it is admitted it opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="entries")
    address = models.CharField("网络地址", max_length=64, blank=True)
    device = models.CharField("浏览器", max_length=200, blank=True)
    signed_in_at = models.DateTimeField("登录时间", default=timezone.now)
    admitted_at = models.DateTimeField("放行时间", null=True, blank=True)
    refused_at = models.DateTimeField("拒绝时间", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "机位登录"
        ordering = ["-signed_in_at"]
        indexes = [models.Index(fields=["candidate", "-signed_in_at"], name="entry_of_candidate")]


class Attempt(models.Model):
    """One person's exam. `entry` is the machine that may answer now; another one is admitted by the invigilator.

    Made when somebody is admitted (已签到). `ends_at` = the session's end + `extra_minutes`.
    """

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="attempt")
    state = models.CharField("考试状态", max_length=16, choices=AttemptState, default=AttemptState.ADMITTED)
    entry = models.OneToOneField(Entry, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # The month of the session: the answers' partition.
    month = models.DateField("考试月份")
    admitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    admission_note = models.CharField("放行说明", max_length=200, blank=True)
    admitted_at = models.DateTimeField("签到时间", default=timezone.now)
    started_at = models.DateTimeField("开始答题", null=True, blank=True)
    ends_at = models.DateTimeField("结束时间")
    submit_from = models.DateTimeField("可交卷时间")
    extra_minutes = models.PositiveSmallIntegerField("延时（分钟）", default=0)
    submitted_at = models.DateTimeField("交卷时间", null=True, blank=True)
    seen_at = models.DateTimeField("最近联系", null=True, blank=True)
    left_count = models.PositiveIntegerField("离开窗口次数", default=0)
    score = models.DecimalField("理论成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    # [points earned by question, in order], as strings; written with the score.
    marks = models.JSONField("逐题得分", default=list, blank=True)
    void_kind = models.CharField("作废类别", max_length=10, blank=True)
    void_reason = models.CharField("作废原因", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "考试"
        indexes = [
            models.Index(
                fields=["ends_at"],
                condition=models.Q(state=AttemptState.IN_PROGRESS),
                name="attempt_to_close",
            )
        ]


def attempt_of(candidate: Candidate) -> Attempt | None:
    """The candidate's attempt: what was read with it, otherwise as of now; None before the admission."""
    return getattr(candidate, "attempt", None)


class Answer(models.Model):
    """The saved answer to one question of one attempt; a later version of it wins. Partitioned by month.

    `choice` = the letters as shown, sorted, e.g. "AC"; empty when it was cleared.
    """

    pk = models.CompositePrimaryKey("month", "attempt_id", "number")
    month = models.DateField()
    attempt = models.ForeignKey(
        Attempt, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="answers"
    )
    number = models.PositiveSmallIntegerField("题号")
    choice = models.CharField("答案", max_length=12)
    version = models.BigIntegerField("版本")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        db_table = "exam_answer"
        verbose_name = verbose_name_plural = "答案"


class EventKind(models.TextChoices):
    SIGNED_IN = "signed_in", "登录机位"
    ADMITTED = "admitted", "放行入场"
    REFUSED = "refused", "拒绝入场"
    STARTED = "started", "开始答题"
    RESUMED = "resumed", "继续答题"
    LEFT = "left", "离开考试窗口"
    RETURNED = "returned", "回到考试窗口"
    OFFLINE = "offline", "网络中断"
    ONLINE = "online", "网络恢复"
    EXTENDED = "extended", "延长时间"
    MOVED = "moved", "更换座位"
    MACHINE = "machine", "更换机位"
    SUBMITTED = "submitted", "交卷"
    AUTO_SUBMITTED = "auto_submitted", "自动交卷"
    VOIDED = "voided", "作废"
    FACE = "face", "人脸核验"


class ExamEvent(models.Model):
    """What happened to one examinee, as the invigilator's screen and the record show it. Append-only (EXM-06)."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField("事件", max_length=16, choices=EventKind)
    at = models.DateTimeField("时间", default=timezone.now)
    detail = models.CharField("说明", max_length=300, blank=True)
    actor_label = models.CharField("操作人", max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "考试记录"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["candidate", "at"], name="event_of_candidate")]

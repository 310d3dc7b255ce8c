"""实操评分, 成绩报审, 成绩申诉 (EXM-08, SCO-01, SCO-02)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.files.models import Document
from foundation.review.models import HANDED_IN, Reviewed, ReviewedQuerySet
from foundation.scoping import Follows, Scope, ScopedQuerySet
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.exam.hall.models import VoidKind


class PracticalScore(models.Model):
    """What one examiner gave one candidate; two examiners are needed, each with an account of his own.

    `items` = [{"name", "full": "30", "points": "25"}], the lines of the score sheet; `photos` show the work.
    """

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="practical_scores")
    examiner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="考评员", on_delete=models.PROTECT, related_name="+"
    )
    examiner_name = models.CharField("考评员姓名", max_length=60)
    items = models.JSONField("评分项目", default=list)
    score = models.DecimalField("得分", max_digits=5, decimal_places=1)
    is_absent = models.BooleanField("缺考", default=False)
    remark = models.CharField("备注", max_length=300, blank=True)
    photos = models.ManyToManyField(Document, blank=True, related_name="+")
    created_at = models.DateTimeField("评分时间", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "实操评分"
        constraints = [
            models.UniqueConstraint(fields=["candidate", "examiner"], name="one_score_an_examiner"),
            models.CheckConstraint(
                condition=Q(score__gte=0) & Q(score__lte=100), name="practical_score_in_range"
            ),
        ]


class ScoreMark(models.TextChoices):
    """How somebody's result came about."""

    NORMAL = "normal", "正常"
    ABSENT = "absent", "缺考"
    CHEATING = VoidKind.CHEATING.value, VoidKind.CHEATING.label
    VOID = VoidKind.VOID.value, VoidKind.VOID.label


class ScoreReport(Reviewed):
    """成绩报审 of an assessment plan: pulled (拉取), reported (成绩上报), accepted, reviewed or not passed."""

    plan = models.OneToOneField(AssessmentPlan, on_delete=models.PROTECT, related_name="score_report")
    pulled_at = models.DateTimeField("拉取时间", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewedQuerySet.as_manager()
    seen_by = Scope(institution=Follows("plan"), authority=Follows("plan", when=HANDED_IN))

    class Meta:
        verbose_name = verbose_name_plural = "成绩报审"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.plan}成绩"


class ScoreLine(models.Model):
    """One person's result in a report."""

    report = models.ForeignKey(ScoreReport, on_delete=models.CASCADE, related_name="lines")
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="score_line")
    theory = models.DecimalField("理论成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    practical = models.DecimalField("实操成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    mark = models.CharField("成绩标记", max_length=10, choices=ScoreMark, default=ScoreMark.NORMAL)
    passed = models.BooleanField("合格", default=False)
    remark = models.CharField("备注", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "成绩"
        ordering = ["candidate__exam_room__number", "candidate__seat_number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=False) | Q(mark="normal"), name="only_normal_results_pass"
            )
        ]

    @property
    def outcome(self) -> str:
        """What becomes of the enrollment: passed, failed or missed."""
        if self.passed:
            return "passed"
        return "missed" if self.mark == ScoreMark.ABSENT else "failed"


class AppealState(models.TextChoices):
    SUBMITTED = "submitted", "待复核"
    UPHELD = "upheld", "维持原成绩"
    CORRECTED = "corrected", "已更正成绩"
    WITHDRAWN = "withdrawn", "已撤回"


class ScoreAppeal(models.Model):
    """成绩申诉 of a person; decided by the institution's staff with the rebuilt paper before them."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="appeals")
    reason = models.CharField("申诉理由", max_length=500)
    state = models.CharField("状态", max_length=12, choices=AppealState, default=AppealState.SUBMITTED)
    score_before = models.DecimalField("原成绩", max_digits=5, decimal_places=1)
    score_after = models.DecimalField("复核成绩", max_digits=5, decimal_places=1, null=True, blank=True)
    reply = models.CharField("答复", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    created_at = models.DateTimeField("申诉时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("candidate"))

    class Meta:
        verbose_name = verbose_name_plural = "成绩申诉"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(state="submitted"), name="one_open_appeal_a_candidate"
            )
        ]

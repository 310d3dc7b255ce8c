"""题库: questions in versions, reviewed by a second person; blueprints say what a paper consists of (EXM-01, EXM-02)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.crypto import EncryptedJSONField
from foundation.files.models import Document
from foundation.scoping import ScopedQuerySet
from zhupei.catalog.models import Level, Occupation, OfTrade
from zhupei.exam.bank.rights import OF_KEEPERS


class QuestionType(models.TextChoices):
    """题型. A case (案例题) has a description and sub-questions of the other three types."""

    SINGLE = "single", "单选题"
    MULTIPLE = "multiple", "多选题"
    TRUE_FALSE = "true_false", "判断题"
    CASE = "case", "案例题"


class Difficulty(models.IntegerChoices):
    EASY = 1, "易"
    MEDIUM = 2, "中"
    HARD = 3, "难"


class VersionState(models.TextChoices):
    """One version of a question; moved by the machine in zhupei.exam.bank.machine."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待复核"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "启用"
    SUPERSEDED = "superseded", "已有新版"
    RETIRED = "retired", "停用"


class Chapter(models.Model):
    """章节 of an occupation's bank. Without a level the bank serves all levels."""

    occupation = models.ForeignKey(
        Occupation, verbose_name="岗位（工种）", on_delete=models.PROTECT, related_name="+"
    )
    level = models.ForeignKey(
        Level, verbose_name="等级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveSmallIntegerField("章")
    name = models.CharField("名称", max_length=60)

    objects = ScopedQuerySet.as_manager()
    seen_by = OF_KEEPERS

    class Meta:
        verbose_name = verbose_name_plural = "章节"
        ordering = ["occupation", "level", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["occupation", "level", "number"], nulls_distinct=False, name="chapter_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 章 {self.name}"


class Question(models.Model):
    """试题. What it says is in its versions; `current` is the approved one that new papers draw from."""

    code = models.CharField("题号", max_length=20, unique=True)
    occupation = models.ForeignKey(
        Occupation, verbose_name="岗位（工种）", on_delete=models.PROTECT, related_name="+"
    )
    level = models.ForeignKey(
        Level, verbose_name="等级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    current = models.OneToOneField(
        to="QuestionVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Published for practice: everybody may know it, so exams draw it no more.
    is_practice = models.BooleanField("练习题", default=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = OF_KEEPERS

    class Meta:
        verbose_name = verbose_name_plural = "试题"
        ordering = ["code"]
        indexes = [models.Index(fields=["occupation", "level"], name="question_of_bank")]

    def __str__(self) -> str:
        return self.code


class QuestionVersion(models.Model):
    """What a question says. Never changed once it has been approved: a change is a new version.

    `content` is sealed JSON: {"stem", "options": ["…"], "answer": ["B"], "explanation"}; of a case {"stem",
    "explanation", "parts": [{"type", "stem", "options", "answer", "explanation"}]}. Answers are letters by the
    position of the option, A first.
    """

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    chapter = models.ForeignKey(
        Chapter, verbose_name="章节", on_delete=models.PROTECT, related_name="versions"
    )
    type = models.CharField("题型", max_length=12, choices=QuestionType)
    difficulty = models.PositiveSmallIntegerField("难度", choices=Difficulty, default=Difficulty.MEDIUM)
    content = EncryptedJSONField("内容")
    digest = models.CharField("内容摘要", max_length=64, db_index=True)
    picture = models.ForeignKey(
        Document, verbose_name="图片", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("状态", max_length=12, choices=VersionState, default=VersionState.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="命题人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="复核人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    remark = models.CharField("复核意见", max_length=300, blank=True)
    reviewed_at = models.DateTimeField("复核时间", null=True, blank=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = OF_KEEPERS

    class Meta:
        verbose_name = verbose_name_plural = "试题版本"
        ordering = ["question", "-number"]
        indexes = [models.Index(fields=["state", "chapter", "type", "difficulty"], name="version_to_draw")]
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="question_version_once"),
            models.UniqueConstraint(
                fields=["question"], condition=Q(state="approved"), name="one_approved_version_a_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} 第 {self.number} 版"


class QuestionImport(OfTrade):
    """An uploaded sheet of questions, judged row by row; nothing enters the bank before it is confirmed."""

    file_name = models.CharField("文件名", max_length=200)
    rows = EncryptedJSONField("内容")
    row_count = models.PositiveIntegerField("行数", default=0)
    is_confirmed = models.BooleanField("已导入", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = OF_KEEPERS

    class Meta:
        verbose_name = verbose_name_plural = "试题导入"
        ordering = ["-created_at"]


class Blueprint(OfTrade):
    """组卷方案 of a trade: chapters × types × difficulty × points = the full mark."""

    occupation = models.ForeignKey(
        Occupation, verbose_name="岗位（工种）", on_delete=models.PROTECT, related_name="+"
    )
    level = models.ForeignKey(
        Level, verbose_name="等级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveSmallIntegerField("版本", default=1)
    is_active = models.BooleanField("启用", default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = OF_KEEPERS

    class Meta:
        verbose_name = verbose_name_plural = "组卷方案"
        ordering = ["occupation", "level", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["occupation", "level", "version"], nulls_distinct=False, name="blueprint_version_once"
            ),
            models.UniqueConstraint(
                fields=["occupation", "level"],
                condition=Q(is_active=True),
                nulls_distinct=False,
                name="one_active_blueprint",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trade} 第 {self.version} 版"


class BlueprintRow(models.Model):
    """`count` questions of a type at `points` each; chapter and difficulty left open draw from all."""

    blueprint = models.ForeignKey(Blueprint, on_delete=models.CASCADE, related_name="rows")
    chapter = models.ForeignKey(
        Chapter, verbose_name="章节", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    type = models.CharField("题型", max_length=12, choices=QuestionType)
    difficulty = models.PositiveSmallIntegerField("难度", choices=Difficulty, null=True, blank=True)
    count = models.PositiveSmallIntegerField("题数")
    # Of a case: all its sub-questions together.
    points = models.DecimalField("每题分值", max_digits=5, decimal_places=1)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "组卷方案明细"
        ordering = ["blueprint", "position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0, points__gt=0), name="blueprint_row_positive")
        ]

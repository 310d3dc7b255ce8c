"""Programmes, occupations, levels, eligibility tables and offers: data, versioned by effective date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from foundation.scoping import Follows, Scope, ScopedQuerySet
from zhupei.organizations.models import Institution, TestSite


class EnrollmentOrder(models.TextChoices):
    ENROLL_FIRST = "enroll_first", "先报名后编入培训计划"
    PLAN_FIRST = "plan_first", "按培训计划报名"


class Programme(models.Model):
    """培训类别: a kind of training and certification that runs through the pipeline."""

    code = models.SlugField("标识", unique=True)
    name = models.CharField("名称", max_length=60)
    enrollment_order = models.CharField("报名方式", max_length=20, choices=EnrollmentOrder)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "培训类别"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_plan_first(self) -> bool:
        """Whether organizations enroll into a training plan; otherwise people are placed after they enrolled."""
        return self.enrollment_order == EnrollmentOrder.PLAN_FIRST

    def rules_on(self, day: dt.date | None = None) -> ProgrammeRules | None:
        """The rules in force on `day` (today by default)."""
        return self.rules.in_force(day).first()


class EffectiveQuerySet(models.QuerySet):
    def in_force(self, day: dt.date | None = None) -> EffectiveQuerySet:
        """Versions effective on or before `day`, the latest first."""
        return self.filter(effective_from__lte=day or timezone.localdate()).order_by("-effective_from", "-pk")


class ProgrammeRules(models.Model):
    """One version of a programme's figures (CAT-01)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rules")
    effective_from = models.DateField("生效日期")
    exam_minutes = models.PositiveSmallIntegerField("考试时长（分钟）", default=120)
    earliest_submission_minutes = models.PositiveSmallIntegerField("最早交卷（分钟）", default=30)
    full_mark = models.PositiveSmallIntegerField("满分", default=100)
    pass_mark = models.PositiveSmallIntegerField("合格分", default=60)
    latest_arrival_minutes = models.PositiveSmallIntegerField("迟到不得入场（分钟）", default=30)
    has_practical = models.BooleanField("有实操考核", default=False)
    practical_pass_mark = models.PositiveSmallIntegerField("实操合格分", default=60)
    resits_allowed = models.PositiveSmallIntegerField("可补考次数", default=2)
    continuing_hours = models.PositiveSmallIntegerField("每年继续教育学时", default=0)
    validity_years = models.PositiveSmallIntegerField("证书有效期（年，0 为长期）", default=0)
    required_materials = models.JSONField("须上传的资料", default=list)
    source = models.CharField("依据", max_length=200, blank=True)

    objects = EffectiveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训类别规则"
        constraints = [
            models.UniqueConstraint(fields=["programme", "effective_from"], name="one_rules_version_a_day")
        ]


class Occupation(models.Model):
    """岗位/工种 with its specialty (专业), e.g. 施工员 in 土建 → 土建施工员."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="occupations")
    code = models.CharField("代码", max_length=4)
    base_name = models.CharField("岗位（工种）", max_length=40)
    specialty = models.CharField("专业", max_length=40, blank=True)
    name = models.CharField("名称", max_length=60)
    group = models.CharField("岗位组", max_length=20, blank=True, help_text="专业对应表的列")
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "岗位（工种）"
        ordering = ["programme__position", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="occupation_code"),
            models.UniqueConstraint(fields=["programme", "name"], name="occupation_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Level(models.Model):
    """等级 of a programme, with the least hours of training including the exam."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="levels")
    code = models.CharField("代码", max_length=4)
    name = models.CharField("名称", max_length=20)
    minimum_hours = models.PositiveSmallIntegerField("最低学时", default=0)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "等级"
        ordering = ["programme__position", "position"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="level_code")]

    def __str__(self) -> str:
        return self.name


def trade_words(occupation: object, level: object) -> str:
    """土建施工员, 砌筑工中级工: the one way in which a trade is written."""
    return f"{occupation}{level or ''}"


@dataclass(frozen=True)
class Trade:
    """What people are taught and examined in: an occupation, with a level where its programme has levels."""

    occupation: Occupation
    level: Level | None = None

    def __str__(self) -> str:
        return trade_words(self.occupation, self.level)


class OfTrade(models.Model):
    """What belongs to one trade."""

    occupation = models.ForeignKey(Occupation, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(Level, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def trade(self) -> Trade:
        return Trade(self.occupation, self.level)


class EligibilityTable(models.Model):
    """One version of the majors' table and the least years of practice (CAT-02)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="eligibility_tables")
    effective_from = models.DateField("生效日期")
    source = models.CharField("依据", max_length=200)
    note = models.CharField("说明", max_length=200, blank=True)
    groups = models.JSONField("岗位组", default=list, help_text="表的各列：[{key, label}]")
    accept_lower_tier = models.BooleanField("本层次未列、较低层次已列的专业按相关专业认定", default=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EffectiveQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报考条件"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "effective_from"], name="one_eligibility_table_a_day"
            )
        ]


class Tier(models.TextChoices):
    """学历层次 of the majors' table."""

    GRADUATE = "graduate", "研究生"
    BACHELOR = "bachelor", "本科"
    COLLEGE = "college", "专科"
    SECONDARY = "secondary", "中职"


class Relation(models.TextChoices):
    MATCHING = "matching", "本专业"
    RELATED = "related", "相关专业"


class MajorRow(models.Model):
    """One cell of 8 rows × 2 groups: which majors of a tier are matching or related for a group."""

    table = models.ForeignKey(EligibilityTable, on_delete=models.CASCADE, related_name="majors")
    number = models.PositiveSmallIntegerField("序号")
    tier = models.CharField("学历层次", max_length=10, choices=Tier)
    relation = models.CharField("类别", max_length=10, choices=Relation)
    group = models.CharField("岗位组", max_length=20)
    majors = models.JSONField("专业", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "专业对应表"
        ordering = ["number", "group"]
        constraints = [
            models.UniqueConstraint(fields=["table", "tier", "relation", "group"], name="one_majors_cell")
        ]


class PracticeRule(models.Model):
    """Least years of practice for tier × relation (JGJ/T 250)."""

    table = models.ForeignKey(EligibilityTable, on_delete=models.CASCADE, related_name="practice")
    tier = models.CharField("学历层次", max_length=10, choices=Tier)
    relation = models.CharField("类别", max_length=10, choices=Relation)
    years = models.DecimalField("最少工作年限", max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = verbose_name_plural = "工作年限要求"
        constraints = [
            models.UniqueConstraint(fields=["table", "tier", "relation"], name="one_practice_cell")
        ]


class Delivery(models.TextChoices):
    ONLINE = "online", "线上"
    ONSITE = "onsite", "线下"


class OfferQuerySet(ScopedQuerySet["Offer"]):
    def open(self) -> OfferQuerySet:
        """Those that take enrollments: not closed, and nothing they are for was stopped."""
        return self.filter(
            models.Q(level=None) | models.Q(level__is_active=True),
            is_open=True,
            occupation__is_active=True,
            occupation__programme__is_active=True,
        )


class Offer(OfTrade):
    """What an institution offers for a trade: mode, fee, site, start pattern (ORG-13)."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="offers")
    occupation = models.ForeignKey(Occupation, on_delete=models.PROTECT, related_name="offers")
    delivery = models.CharField("培训方式", max_length=10, choices=Delivery)
    fee = models.DecimalField("收费标准（元/人）", max_digits=9, decimal_places=2)
    site = models.ForeignKey(
        TestSite, verbose_name="测试地点", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    start_pattern = models.CharField("开班安排", max_length=60, blank=True)
    is_open = models.BooleanField("开放报名", default=True)

    objects = OfferQuerySet.as_manager()
    seen_by = Scope(everybody=Follows("institution"))

    class Meta:
        verbose_name = verbose_name_plural = "培训项目"
        ordering = ["occupation__programme__position", "occupation__position", "institution__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "occupation", "level", "delivery"],
                nulls_distinct=False,
                name="one_offer_a_kind",
            ),
            models.CheckConstraint(condition=models.Q(fee__gte=0), name="offer_fee_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.trade} · {self.get_delivery_display()}"

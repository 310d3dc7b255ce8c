"""Training plans, their days, who is placed in them, and attendance (TRN-01 … TRN-07)."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from foundation.review.models import HANDED_IN, Reviewed, ReviewedQuerySet
from foundation.scoping import NOTHING, Actor, Follows, Rule, Scope, ScopedQuerySet, Sees
from zhupei.catalog.models import Delivery, Offer, OfTrade, Programme
from zhupei.enrollment.models import Enrollment, RosterImport
from zhupei.organizations.models import Institution, Organization, Room, Teacher


class PlanStage(models.TextChoices):
    """Where an approved plan is, by its dates and acts; before that the review state is what people see."""

    PENDING = "pending", "未开放"
    UPCOMING = "upcoming", "未开始"
    ENROLLING = "enrolling", "报名中"
    CLOSED = "enrolment_closed", "报名结束"
    IN_SESSION = "in_session", "已开班"
    ATTENDANCE_CONFIRMED = "attendance_confirmed", "考勤完成"
    FINISHED = "finished", "培训结束"


class PlanForm(models.TextChoices):
    DESIGNATED = "designated", "指定企业"
    OPEN = "open", "公开报名"


# What an organization may see of it.
PUBLIC_STAGES = [stage for stage in PlanStage if stage != PlanStage.PENDING]


def offered(actor: Actor) -> Q:
    """Condition on plans for an organization (ENR-07): of institutions on offer to it, open ones and those that name it."""
    if not isinstance(actor.body, Organization):
        return NOTHING
    naming = TrainingPlan.organizations.through.objects.filter(organization=actor.body)
    return Q(stage__in=PUBLIC_STAGES, institution__in=Institution.objects.visible_to(actor)) & (
        Q(form=PlanForm.OPEN) | Q(form=PlanForm.DESIGNATED, pk__in=naming.values("trainingplan"))
    )


class PlanQuerySet(ReviewedQuerySet["TrainingPlan"]):
    def offered_to(self, actor: Actor) -> PlanQuerySet:
        """Approved plans that the actor's organization may enroll people into."""
        return self.filter(offered(actor))


class TrainingPlan(Reviewed):
    """培训计划. `seats_taken` counts live placements; the database refuses to sell more than `head_count`."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="plans")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("计划名称", max_length=20, unique=True)
    delivery = models.CharField("培训方式", max_length=10, choices=Delivery, default=Delivery.ONSITE)
    form = models.CharField("报名形式", max_length=12, choices=PlanForm, default=PlanForm.OPEN)
    organizations = models.ManyToManyField(
        Organization, verbose_name="指定企业", blank=True, related_name="+"
    )
    head_count = models.PositiveIntegerField("计划人数")
    seats_taken = models.PositiveIntegerField("已占名额", default=0)
    opens_at = models.DateTimeField("报名开始")
    closes_at = models.DateTimeField("报名截止")
    place = models.CharField("培训地点", max_length=200)
    room = models.ForeignKey(
        Room, verbose_name="教室", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.TextField("说明", blank=True)
    stage = models.CharField("计划状态", max_length=24, choices=PlanStage, default=PlanStage.PENDING)
    attendance_confirmed_at = models.DateTimeField("考勤确认时间", null=True, blank=True)
    check_in_key = models.CharField(max_length=64, default=secrets.token_hex, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PlanQuerySet.as_manager()
    seen_by = Scope(
        enterprise=("placements__enrollment__organization", Rule(offered)),
        institution="institution",
        authority=Sees("institution__supervisor", when=HANDED_IN),
        learner="placements__enrollment__person__user",
    )

    class Meta:
        verbose_name = verbose_name_plural = "培训计划"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["institution", "stage", "opens_at"], name="plan_of_institution")]
        constraints = [
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("head_count")), name="plan_seats_not_oversold"
            ),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="plan_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def trades(self) -> str:
        """What is taught, in words: 砌筑工初级、钢筋工初级."""
        return "、".join(str(item) for item in self.items.all())

    @property
    def seats_left(self) -> int:
        return self.head_count - self.seats_taken


class PlanItem(OfTrade):
    """What is taught in a plan: a trade at the fee of the time."""

    plan = models.ForeignKey(TrainingPlan, on_delete=models.CASCADE, related_name="items")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    fee = models.DecimalField("收费标准（元/人）", max_digits=9, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "occupation", "level"], nulls_distinct=False, name="one_item_a_kind"
            )
        ]

    def __str__(self) -> str:
        return str(self.trade)


class PlanDay(models.Model):
    """One stretch of teaching: when, what, by whom, where. Teacher and room cannot be in two places (TRN-02)."""

    plan = models.ForeignKey(TrainingPlan, on_delete=models.CASCADE, related_name="days")
    period = DateTimeRangeField("时间")
    subject = models.CharField("培训内容", max_length=100)
    teacher = models.ForeignKey(
        Teacher, verbose_name="授课老师", null=True, blank=True, on_delete=models.PROTECT, related_name="days"
    )
    room = models.ForeignKey(
        Room, verbose_name="教室", null=True, blank=True, on_delete=models.PROTECT, related_name="days"
    )

    class Meta:
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="teacher_in_one_place",
                expressions=[("teacher", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="room_used_once",
                expressions=[("room", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
        ]


class PlacementSource(models.TextChoices):
    ENROLLED = "enrolled", "企业报名"
    PLACED = "placed", "机构编入"
    CARRIED_OVER = "carried_over", "缺勤转入"


class PlacementQuerySet(ScopedQuerySet["Placement"]):
    def live(self) -> PlacementQuerySet:
        return self.filter(is_live=True)

    def of_class(self) -> PlacementQuerySet:
        """Who belongs to the plan's class: also absentees that have joined a later plan since."""
        return self.filter(Q(is_live=True) | Q(is_absent=True))


class Placement(models.Model):
    """Somebody's seat in a plan; one live placement an enrollment."""

    plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="placements")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="placements")
    source = models.CharField("来源", max_length=16, choices=PlacementSource)
    is_live = models.BooleanField(default=True)
    is_absent = models.BooleanField("缺勤", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlacementQuerySet.as_manager()
    seen_by = Scope(institution="plan__institution", everybody=Follows("enrollment"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(is_live=True), name="one_live_placement_an_enrollment"
            )
        ]


class PlanRoster(models.Model):
    """Which trade of which plan an uploaded roster is for (ENR-07)."""

    roster_import = models.OneToOneField(RosterImport, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="+")


class MarkMethod(models.TextChoices):
    CLERK = "clerk", "机构登记"
    QR_CODE = "qr_code", "扫码签到"


class AttendanceMark(models.Model):
    """What is known of one person on one day: absent, or checked in by the code."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="marks")
    day = models.ForeignKey(PlanDay, on_delete=models.CASCADE, related_name="marks")
    is_present = models.BooleanField("出勤")
    method = models.CharField("方式", max_length=10, choices=MarkMethod)
    at = models.DateTimeField("时间", auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["placement", "day"], name="one_mark_a_day")]

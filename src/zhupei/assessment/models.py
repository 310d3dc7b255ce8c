"""Assessment plans: who is examined, when, in which room, on which seat (ASM-01 … ASM-05)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from foundation.review.models import HANDED_IN, Reviewed, ReviewedQuerySet
from foundation.scoping import Follows, Scope, ScopedQuerySet, Sees
from zhupei.catalog.models import OfTrade, Programme
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.models import Institution, Room, TestSite
from zhupei.training.models import TrainingPlan


class AssessmentStage(models.TextChoices):
    """考核计划 in the words of states.md; moved by the machine in zhupei.assessment.machine."""

    NOT_REPORTED = "not_reported", "未上报"
    NOT_REVIEWED = "not_reviewed", "未审核"
    REVIEWED = "reviewed", "已审核"
    ONLINE_CONFIRMED = "online_confirmed", "已确认线上考核"
    RUNNING = "running", "考核中"
    COMPLETED = "completed", "考核完成"


# From here on the organization and the person see the plan, with seat and ticket (ASM-05).
PUBLISHED_STAGES = [
    AssessmentStage.REVIEWED,
    AssessmentStage.ONLINE_CONFIRMED,
    AssessmentStage.RUNNING,
    AssessmentStage.COMPLETED,
]


class AdmissionRule(models.TextChoices):
    """How somebody who has signed in gets to the paper (EXM-03)."""

    INVIGILATOR = "invigilator", "监考员核验放行"
    WAIVED = "waived", "凭准考证号和身份证号直接入场"


class AssessmentPlan(Reviewed):
    """考核计划 of one training plan. The figures of the exam are the programme's on the day it was made (EXM-04)."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="assessments")
    training_plan = models.ForeignKey(TrainingPlan, on_delete=models.PROTECT, related_name="assessments")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("考核计划名称", max_length=30, unique=True)
    stage = models.CharField(
        "考核计划状态", max_length=20, choices=AssessmentStage, default=AssessmentStage.NOT_REPORTED
    )
    site = models.ForeignKey(TestSite, verbose_name="考点", on_delete=models.PROTECT, related_name="+")
    rooms = models.ManyToManyField(Room, verbose_name="机房", related_name="+")
    starts_at = models.DateTimeField("首场开考时间")
    gap_minutes = models.PositiveSmallIntegerField("场次间隔（分钟）", default=30)
    room_limit = models.PositiveSmallIntegerField("每个考场最多人数", default=30)
    seed = models.PositiveIntegerField("编排种子", default=0)
    admission = models.CharField(
        "入场方式", max_length=12, choices=AdmissionRule, default=AdmissionRule.INVIGILATOR
    )
    practical_at = models.DateTimeField("实操时间", null=True, blank=True)
    practical_place = models.CharField("实操地点", max_length=200, blank=True)
    note = models.TextField("说明", blank=True)
    # The programme's figures, kept as they were when the plan was made.
    exam_minutes = models.PositiveSmallIntegerField("考试时长（分钟）", default=120)
    submission_minutes = models.PositiveSmallIntegerField("最早交卷（分钟）", default=30)
    late_minutes = models.PositiveSmallIntegerField("迟到不得入场（分钟）", default=30)
    full_mark = models.PositiveSmallIntegerField("满分", default=100)
    pass_mark = models.PositiveSmallIntegerField("合格分", default=60)
    has_practical = models.BooleanField("有实操考核", default=False)
    practical_pass_mark = models.PositiveSmallIntegerField("实操合格分", default=60)
    seated_at = models.DateTimeField("编排时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认线上考核时间", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReviewedQuerySet.as_manager()
    seen_by = Scope(
        enterprise=Sees("candidates__enrollment__organization", when=Q(stage__in=PUBLISHED_STAGES)),
        institution="institution",
        authority=Sees("institution__supervisor", when=HANDED_IN),
        learner=Sees("candidates__enrollment__person__user", when=Q(stage__in=PUBLISHED_STAGES)),
    )

    class Meta:
        verbose_name = verbose_name_plural = "考核计划"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["institution", "stage", "starts_at"], name="assessment_of_school")]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """场次: one sitting; every room of it begins and ends together."""

    plan = models.ForeignKey(AssessmentPlan, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField("场次")
    starts_at = models.DateTimeField("开考时间", db_index=True)
    ends_at = models.DateTimeField("结束时间")

    class Meta:
        verbose_name = verbose_name_plural = "场次"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="session_number_once_a_plan"),
            models.CheckConstraint(condition=Q(starts_at__lt=models.F("ends_at")), name="session_in_order"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 场"


class ExamRoom(OfTrade):
    """考场: one trade in one computer room in one session. A room is used once at a time."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="exam_rooms")
    number = models.PositiveIntegerField("考场号")
    room = models.ForeignKey(Room, verbose_name="机房", on_delete=models.PROTECT, related_name="+")
    period = DateTimeRangeField("时间")

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(institution=Follows("session__plan"), authority=Follows("session__plan"))

    class Meta:
        verbose_name = verbose_name_plural = "考场"
        ordering = ["session", "number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="exam_room_number_once_a_session"),
            ExclusionConstraint(
                name="exam_room_used_once",
                expressions=[("room", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number:02d} 考场"


class CandidateQuerySet(ScopedQuerySet["Candidate"]):
    def live(self) -> CandidateQuerySet:
        return self.filter(is_live=True)


class Candidate(models.Model):
    """考生: somebody in an assessment plan, with seat and ticket once there are any."""

    plan = models.ForeignKey(AssessmentPlan, on_delete=models.CASCADE, related_name="candidates")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="candidacies")
    is_resit = models.BooleanField("补考", default=False)
    # Until the scores are approved or the plan is given up; an enrollment is examined in one place at a time.
    is_live = models.BooleanField(default=True)
    exam_room = models.ForeignKey(
        ExamRoom, null=True, blank=True, on_delete=models.SET_NULL, related_name="candidates"
    )
    seat_number = models.PositiveSmallIntegerField("座位号", null=True, blank=True)
    ticket_number = models.CharField("准考证号", max_length=20, unique=True, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CandidateQuerySet.as_manager()
    seen_by = Scope(
        enterprise=Sees("enrollment__organization", when=Q(plan__stage__in=PUBLISHED_STAGES)),
        institution="plan__institution",
        authority=Follows("plan"),
        learner=Sees("enrollment__person__user", when=Q(plan__stage__in=PUBLISHED_STAGES)),
    )

    class Meta:
        verbose_name = verbose_name_plural = "考生"
        ordering = ["exam_room__number", "seat_number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "enrollment"], name="candidate_once_a_plan"),
            models.UniqueConstraint(
                fields=["enrollment"], condition=Q(is_live=True), name="one_live_candidacy_an_enrollment"
            ),
            models.UniqueConstraint(fields=["exam_room", "seat_number"], name="seat_taken_once"),
        ]

    def __str__(self) -> str:
        return self.enrollment.name

    @property
    def kind(self) -> str:
        return "补考" if self.is_resit else "初考"

    @property
    def entered_for(self) -> str:
        """The trade, and whether it is a resit."""
        return f"{self.enrollment.trade}{'（补考）' if self.is_resit else ''}"

    @property
    def seat_label(self) -> str:
        """考场-座位, e.g. 03-17; empty before there is a seat."""
        if self.exam_room is None or self.seat_number is None:
            return ""
        return f"{self.exam_room.number:02d}-{self.seat_number:02d}"

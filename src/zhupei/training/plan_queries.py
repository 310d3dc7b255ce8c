"""What screens and exports read about plans: which to choose from, what is coming, one person's training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Min, OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from foundation.scoping import Actor
from zhupei.catalog.models import EnrollmentOrder
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.training.models import (
    AttendanceMark,
    Placement,
    PlacementSource,
    PlanDay,
    PlanItem,
    PlanRoster,
    TrainingPlan,
)
from zhupei.training.plan_states import AFTER_ATTENDANCE, TO_ENROLL


def with_dates(plans: QuerySet[TrainingPlan]) -> QuerySet[Any]:
    """Annotate `starts_at` and `ends_at`: the first and the last moment of teaching, None without days."""
    days = PlanDay.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    return plans.annotate(
        starts_at=Subquery(days.annotate(at=Min(F("period__startswith"))).values("at")),
        ends_at=Subquery(days.annotate(at=Max(F("period__endswith"))).values("at")),
    )


def with_content(plans: QuerySet[TrainingPlan]) -> QuerySet[Any]:
    """Plans with what is taught (with offers) and their days (with teacher and room), in the order of the screens."""
    items = PlanItem.objects.select_related("occupation", "level", "offer")
    days = PlanDay.objects.select_related("teacher", "room__site").order_by("period")
    return plans.prefetch_related(Prefetch("items", items), Prefetch("days", days))


def open_plans(actor: Actor) -> QuerySet[Any]:
    """Plans that the actor's organization may enroll into now or soon (ENR-07), with their dates."""
    plans = TrainingPlan.objects.offered_to(actor).filter(
        stage__in=TO_ENROLL,
        closes_at__gt=timezone.now(),
        programme__enrollment_order=EnrollmentOrder.PLAN_FIRST,
    )
    return with_dates(plans)


def own_plans(actor: Actor) -> QuerySet[Any]:
    """Plans that people of the actor's organization sit in (TRN-07), with their dates and how many (`own`)."""
    seats = Placement.objects.live().filter(enrollment__organization=actor.body)
    mine = seats.filter(plan=OuterRef("pk")).order_by().values("plan").annotate(n=Count("pk")).values("n")
    plans = TrainingPlan.objects.visible_to(actor).filter(pk__in=seats.values("plan"))
    return with_dates(plans).annotate(own=Subquery(mine))


def coming_plans(actor: Actor, most: int = 5) -> list[Any]:
    """The next plans to begin that people of the organization sit in, the nearest first; one query."""
    soon = own_plans(actor).filter(starts_at__gte=timezone.now())
    return list(soon.order_by("starts_at", "pk")[:most])


def with_plan_name(enrollments: QuerySet[Enrollment]) -> QuerySet[Any]:
    """Annotate `plan_name`: the plan somebody sits in, None without a seat."""
    seat = Placement.objects.live().filter(enrollment=OuterRef("pk"))
    return enrollments.annotate(plan_name=Subquery(seat.values("plan__name")[:1]))


def in_plan_named(enrollments: QuerySet[Enrollment], words: str) -> QuerySet[Enrollment]:
    """Those of `enrollments` who sit in a plan whose name holds `words` (QRY-01)."""
    seats = Placement.objects.live().filter(plan__name__icontains=words)
    return enrollments.filter(pk__in=seats.values("enrollment"))


def plans_of_batches(batches: Sequence[Batch]) -> dict[int, tuple[int, str]]:
    """Batch key → (key, name) of the plan it was enrolled into; batches without one are left out. One query."""
    seats = Placement.objects.filter(
        enrollment__batch__in=[batch.pk for batch in batches], source=PlacementSource.ENROLLED
    )
    rows = seats.order_by().values_list("enrollment__batch", "plan", "plan__name").distinct()
    return {batch: (plan, name) for batch, plan, name in rows}


def rosters_for(item: PlanItem) -> QuerySet[Any]:
    """Keys of the rosters uploaded for one trade of a plan."""
    return PlanRoster.objects.filter(item=item).values("roster_import")


@dataclass(frozen=True)
class AttendedDay:
    """One stretch of teaching as one person saw it; `tone` and `words` say whether they were there."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    subject: str
    teacher: str
    room: str
    tone: str
    words: str


@dataclass(frozen=True)
class Training:
    """One plan in one person's way: the plan, its days, whether they attended."""

    placement: Placement
    plan: TrainingPlan
    days: list[AttendedDay]
    tone: str
    words: str


def training_of(enrollment: Enrollment) -> list[Training]:
    """Every plan that somebody sits or sat in, the latest first, with the days (TRN-07, QRY-02); few queries."""
    placements = (
        Placement.objects.filter(enrollment=enrollment)
        .select_related("plan__institution")
        .prefetch_related("marks", "plan__days__teacher", "plan__days__room__site")
    )
    return [_training(row) for row in placements.order_by("-is_live", "-created_at", "-pk")]


def _training(placement: Placement) -> Training:
    marks = {mark.day_id: mark for mark in placement.marks.all()}
    days = [_attended(day, marks.get(day.pk)) for day in placement.plan.days.all()]
    tone, words = attendance_of(placement)
    return Training(placement, placement.plan, days, tone, words)


def _attended(day: PlanDay, mark: AttendanceMark | None) -> AttendedDay:
    tone, words = ("mute", "—") if mark is None else ("ok", "出勤") if mark.is_present else ("bad", "缺勤")
    return AttendedDay(
        starts_at=timezone.localtime(day.period.lower),
        ends_at=timezone.localtime(day.period.upper),
        subject=day.subject,
        teacher=day.teacher.name if day.teacher else "",
        room=str(day.room or ""),
        tone=tone,
        words=words,
    )


def attendance_of(placement: Placement) -> tuple[str, str]:
    """(tone, words) for somebody's attendance; wants `plan` and, while the class is on, prefetched `marks`."""
    if placement.is_absent:
        return "bad", "缺勤"
    if not placement.is_live:
        return "mute", "已移出"
    if placement.plan.stage in AFTER_ATTENDANCE:
        return "ok", "出勤"
    marks = list(placement.marks.all())
    if not marks:
        return "mute", "未登记"
    missed = sum(not mark.is_present for mark in marks)
    return ("bad", f"缺 {missed} 天") if missed else ("ok", f"已到 {len(marks)} 天")


def days_in_words(plan: TrainingPlan) -> str:
    """E.g. 12-01、12-02（09:00 起)."""
    starts = [timezone.localtime(day.period.lower) for day in plan.days.order_by("period")]
    if not starts:
        return "时间另行通知"
    days = list(dict.fromkeys(f"{start:%m-%d}" for start in starts))
    return f"{'、'.join(days)}（{starts[0]:%H:%M} 起）"

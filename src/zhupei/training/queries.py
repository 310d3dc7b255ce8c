"""What the pages show of a plan's people and their attendance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, QuerySet

from foundation.audit.models import AuditEntry
from foundation.scoping import Actor
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.training.models import AttendanceMark, MarkMethod, Placement, PlanDay, TrainingPlan


@dataclass(frozen=True)
class FirmCount:
    """报名企业: one organization's people in a plan."""

    name: str
    people: int


def firms_of(actor: Actor, plan: TrainingPlan) -> list[FirmCount]:
    """The organizations with people in the plan, the most people first."""
    rows = Placement.objects.visible_to(actor).of_class().filter(plan=plan)
    counted = rows.values(name=F("enrollment__organization__name")).annotate(people=Count("pk"))
    return [FirmCount(row["name"], row["people"]) for row in counted.order_by("-people", "name")]


def not_enrolled(plan: TrainingPlan) -> QuerySet[Enrollment]:
    """Who has a seat and is not 已报名 yet: the class cannot start with them."""
    seated = Enrollment.objects.filter(placements__plan=plan, placements__is_live=True)
    return seated.exclude(state=EnrollmentState.ENROLLED).order_by("organization_id", "pk")


@dataclass(frozen=True)
class DayCell:
    """One person on one day: `known` whether anything was recorded, and what."""

    known: bool = False
    is_present: bool = True
    by_code: bool = False

    @property
    def word(self) -> str:
        """未登记, 出勤 or 缺勤."""
        return "未登记" if not self.known else "出勤" if self.is_present else "缺勤"


@dataclass(frozen=True)
class PersonRow:
    """One person's attendance over the plan's days, in their order."""

    placement: Placement
    cells: list[DayCell]

    @property
    def missed(self) -> int:
        """On how many days the person was marked absent."""
        return sum(not cell.is_present for cell in self.cells)


def attendance_table(plan: TrainingPlan, days: Sequence[PlanDay]) -> list[PersonRow]:
    """Everybody of the class with the marks of `days`; two queries."""
    placements = (
        plan.placements.of_class()
        .select_related("enrollment__organization", "enrollment__occupation", "enrollment__level")
        .order_by("enrollment__organization__name", "enrollment__name", "pk")
    )
    marks = {
        (mark.placement_id, mark.day_id): DayCell(True, mark.is_present, mark.method == MarkMethod.QR_CODE)
        for mark in AttendanceMark.objects.filter(day__in=[day.pk for day in days])
    }
    return [PersonRow(row, [marks.get((row.pk, day.pk), DayCell()) for day in days]) for row in placements]


def count_present(plan: TrainingPlan, day: PlanDay) -> tuple[int, int]:
    """How many have checked in or are marked present on that day, and how many are in the class."""
    live = plan.placements.live()
    return live.filter(marks__day=day, marks__is_present=True).count(), live.count()


def corrections_of(plan: TrainingPlan) -> QuerySet[AuditEntry]:
    """Corrections after the attendance was confirmed: who, when, whom, why; newest first."""
    return AuditEntry.objects.filter(
        act="attendance.correct", subject_type=plan._meta.label_lower, subject_id=str(plan.pk)
    ).order_by("-at", "-pk")

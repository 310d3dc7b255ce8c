"""Seats: put people into plans, take them out, carry absentees over (TRN-05)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.messages.services import notify, notify_many
from foundation.scoping import SYSTEM, Actor
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.training.machine import is_holder
from zhupei.training.models import Placement, PlacementSource, PlanStage, TrainingPlan

OPEN_TO_PLACING = [PlanStage.PENDING, PlanStage.UPCOMING, PlanStage.ENROLLING, PlanStage.CLOSED]


def take_seats(plan: TrainingPlan, count: int) -> None:
    """Take `count` seats or none, whatever the concurrency; raises DomainError that says how many are left."""
    taken = TrainingPlan.objects.filter(pk=plan.pk, seats_taken__lte=F("head_count") - count).update(
        seats_taken=F("seats_taken") + count
    )
    if not taken:
        plan.refresh_from_db(fields=["seats_taken", "head_count"])
        left = plan.seats_left
        words = f"只剩 {left} 个名额" if left else "名额已满"
        raise DomainError(
            "plan_full",
            f"计划 {plan.name} {words}，本次要报 {count} 人，没有报上任何人。请减少人数或选择其他计划。",
        )


def give_back_seats(plan: TrainingPlan, count: int) -> None:
    TrainingPlan.objects.filter(pk=plan.pk).update(seats_taken=F("seats_taken") - count)


def place(
    actor: Actor, plan: TrainingPlan, enrollments: Sequence[Enrollment], source: str
) -> list[Placement]:
    """Insert the placements of seats that were taken; all or none."""
    return Placement.objects.bulk_create(
        [Placement(plan=plan, enrollment=row, source=source, created_by=actor.user) for row in enrollments],
        batch_size=1000,
    )


def place_into_plan(actor: Actor, plan: TrainingPlan, enrollment_ids: Sequence[int]) -> int:
    """Programme A: put confirmed enrollments into a plan, one or many at once; returns how many."""
    _check_holder(actor, plan)
    with transaction.atomic():
        rows = (
            _placeable(actor, plan)
            .filter(pk__in=list(enrollment_ids))
            .select_for_update(of=("self",), no_key=True)
        )
        found = list(rows.select_related("organization"))
        if len(found) != len(set(enrollment_ids)):
            raise DomainError(
                "not_placeable", "所选人员里有的已编入其他计划，或与计划的岗位不一致，请刷新页面后重新选择。"
            )
        take_seats(plan, len(found))
        place(actor, plan, found, PlacementSource.PLACED)
        announce(plan, found)
        return len(found)


def _placeable(actor: Actor, plan: TrainingPlan) -> QuerySet[Enrollment]:
    kinds = plan.items.values_list("occupation", "level")
    wanted = Enrollment.objects.none()
    for occupation, level in kinds:
        wanted = wanted | Enrollment.objects.filter(occupation=occupation, level=level)
    return (
        Enrollment.objects.visible_to(actor)
        .filter(pk__in=wanted.values("pk"), state=EnrollmentState.ENROLLED, delivery=plan.delivery)
        .exclude(placements__is_live=True)
    )


def propose_placements(actor: Actor, plan: TrainingPlan) -> QuerySet[Enrollment]:
    """Who fits the plan's occupations and mode and waits for a plan, longest waiting first."""
    return _placeable(actor, plan).order_by("created_at", "pk")


def remove_from_plan(actor: Actor, placement: Placement) -> None:
    """Take somebody out before the class starts; the seat is free again."""
    plan = placement.plan
    _check_holder(actor, plan)
    with transaction.atomic():
        gone = Placement.objects.filter(
            pk=placement.pk, is_live=True, plan__stage__in=OPEN_TO_PLACING
        ).update(is_live=False)
        if not gone:
            raise WrongStateError("已经开班或已经移出，不能再移出。")
        give_back_seats(plan, 1)


def carry_over(actor: Actor, plan: TrainingPlan, enrollment_ids: Sequence[int]) -> int:
    """Absentees of earlier plans join this one without paying again; returns how many."""
    _check_holder(actor, plan)
    with transaction.atomic():
        kinds = set(plan.items.values_list("occupation_id", "level_id"))
        rows = list(
            Enrollment.objects.visible_to(actor)
            .filter(pk__in=list(enrollment_ids), state=EnrollmentState.ABSENT)
            .select_for_update(of=("self",), no_key=True)
        )
        if len(rows) != len(set(enrollment_ids)) or any(
            (row.occupation_id, row.level_id) not in kinds for row in rows
        ):
            raise DomainError("not_absent", "只能加入本计划工种的缺勤人员，请刷新页面后重新选择。")
        take_seats(plan, len(rows))
        Placement.objects.filter(enrollment__in=rows, is_live=True).update(is_live=False)
        ENROLLMENT.perform_many(
            SYSTEM,
            Enrollment.objects.filter(pk__in=[row.pk for row in rows]),
            "rejoin",
            remark=f"转入计划 {plan.name}",
        )
        place(actor, plan, rows, PlacementSource.CARRIED_OVER)
        announce(plan, rows)
        return len(rows)


def _check_holder(actor: Actor, plan: TrainingPlan) -> None:
    if not is_holder(actor, plan):
        raise NotAllowedError()
    plan.refresh_from_db(fields=["stage"])
    if plan.stage not in OPEN_TO_PLACING:
        raise WrongStateError("计划已经开班，不能再变动学员。")


def days_in_words(plan: TrainingPlan) -> str:
    """E.g. 12-01、12-02（09:00 起)."""
    starts = [timezone.localtime(day.period.lower) for day in plan.days.order_by("period")]
    if not starts:
        return "时间另行通知"
    days = list(dict.fromkeys(f"{start:%m-%d}" for start in starts))
    return f"{'、'.join(days)}（{starts[0]:%H:%M} 起）"


def announce(plan: TrainingPlan, enrollments: Sequence[Enrollment]) -> None:
    """Tell organizations and people where and when (NTF-01)."""
    by_organization: dict[str, int] = {}
    for row in enrollments:
        by_organization[f"enterprise:{row.organization_id}"] = (
            by_organization.get(f"enterprise:{row.organization_id}", 0) + 1
        )
    days = days_in_words(plan)
    for key, count in by_organization.items():
        notify(
            "training.placed",
            recipients=[key],
            url=f"/enterprise/plans/{plan.pk}/",
            context={"name": plan.name, "count": count, "days": days, "place": plan.place},
        )
    notify_many(
        "training.placed",
        [
            (row.phone, {"person": row.name, "name": plan.name, "days": days, "place": plan.place})
            for row in enrollments
        ],
    )

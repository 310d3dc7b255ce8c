"""Seats: put people into plans, take them out, carry absentees over (TRN-05)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from foundation.errors import DomainError, WrongStateError
from foundation.scoping import SYSTEM, Actor
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.organizations.roles import Capability, require
from zhupei.training import news
from zhupei.training.models import Placement, PlacementSource, PlanStage, TrainingPlan

OPEN_TO_PLACING = [PlanStage.UPCOMING, PlanStage.ENROLLING, PlanStage.CLOSED]


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


def free_seats(placements: QuerySet[Placement]) -> int:
    """End the live ones of `placements` and give their seats back; a constant number of statements a plan."""
    live = list(placements.filter(is_live=True).order_by("pk").values_list("pk", "plan_id"))
    for plan_id in sorted({plan for _, plan in live}):
        keys = [key for key, plan in live if plan == plan_id]
        gone = Placement.objects.filter(pk__in=keys, is_live=True).update(is_live=False)
        TrainingPlan.objects.filter(pk=plan_id).update(seats_taken=F("seats_taken") - gone)
    return len(live)


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
    with transaction.atomic():
        _lock_open(actor, plan)
        rows = (
            _placeable(actor, plan)
            .filter(pk__in=list(enrollment_ids))
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        found = list(rows.select_related("organization"))
        if not found or len(found) != len(set(enrollment_ids)):
            raise DomainError(
                "not_placeable", "所选人员里有的已编入其他计划，或与计划的岗位不一致，请刷新页面后重新选择。"
            )
        take_seats(plan, len(found))
        place(actor, plan, found, PlacementSource.PLACED)
        news.placed(plan, found)
        return len(found)


def _taught(plan: TrainingPlan) -> Q:
    """Condition on enrollments: for an occupation and level of the plan."""
    condition = Q(pk__in=[])
    for occupation, level in plan.items.values_list("occupation", "level"):
        condition |= Q(occupation=occupation, level=level)
    return condition


def _placeable(actor: Actor, plan: TrainingPlan) -> QuerySet[Enrollment]:
    seated = Placement.objects.filter(enrollment=OuterRef("pk"), is_live=True)
    return Enrollment.objects.visible_to(actor).filter(
        _taught(plan),
        ~Exists(seated),
        institution=plan.institution_id,
        state=EnrollmentState.ENROLLED,
        delivery=plan.delivery,
    )


def propose_placements(actor: Actor, plan: TrainingPlan) -> QuerySet[Enrollment]:
    """Who fits the plan's occupations and mode and waits for a plan, longest waiting first."""
    return _placeable(actor, plan).order_by("created_at", "pk")


def place_longest_waiting(actor: Actor, plan: TrainingPlan) -> int:
    """Fill the seats that are left with those who wait longest; returns how many were placed."""
    with transaction.atomic():
        _lock_open(actor, plan)
        keys = list(propose_placements(actor, plan).values_list("pk", flat=True)[: max(plan.seats_left, 0)])
        if not keys:
            raise DomainError("nobody_to_place", "没有可以编入的学员，或名额已满。")
        return place_into_plan(actor, plan, keys)


def remove_from_plan(actor: Actor, placements: QuerySet[Placement]) -> int:
    """Take people out of their plan before its class starts; the seats are free again, the organizations are told."""
    with transaction.atomic():
        plans = {row.plan_id: row.plan for row in placements.select_related("plan__institution")}
        removed = 0
        for _, plan in sorted(plans.items()):
            _lock_open(actor, plan)
            live = Placement.objects.live().filter(pk__in=placements.values("pk"), plan=plan)
            people = list(Enrollment.objects.filter(placements__in=live))
            free_seats(live)
            removed += len(people)
            news.removed(plan, people)
        if not removed:
            raise WrongStateError("所选人员已经移出，请刷新页面。")
        return removed


def propose_absentees(actor: Actor, plan: TrainingPlan) -> QuerySet[Enrollment]:
    """缺勤 in an earlier plan of the institution, for what this plan teaches; longest waiting first (TRN-05)."""
    return (
        Enrollment.objects.visible_to(actor)
        .filter(_taught(plan), institution=plan.institution_id, state=EnrollmentState.ABSENT)
        .order_by("updated_at", "pk")
    )


def carry_over(actor: Actor, plan: TrainingPlan, enrollment_ids: Sequence[int]) -> int:
    """Absentees of earlier plans join this one without paying again; returns how many."""
    with transaction.atomic():
        _lock_open(actor, plan)
        rows = list(
            propose_absentees(actor, plan)
            .filter(pk__in=list(enrollment_ids))
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        if not rows or len(rows) != len(set(enrollment_ids)):
            raise DomainError("not_absent", "只能加入本计划工种的缺勤人员，请刷新页面后重新选择。")
        take_seats(plan, len(rows))
        # The earlier plan keeps its head-count: its class has been held.
        Placement.objects.filter(enrollment__in=rows, is_live=True).update(is_live=False)
        ENROLLMENT.perform_many(
            SYSTEM,
            Enrollment.objects.filter(pk__in=[row.pk for row in rows]),
            "rejoin",
            remark=f"转入计划 {plan.name}",
        )
        place(actor, plan, rows, PlacementSource.CARRIED_OVER)
        news.placed(plan, rows)
        return len(rows)


def _lock_open(actor: Actor, plan: TrainingPlan) -> None:
    """Lock the plan's row and bring `plan` up to date; refuses strangers and plans whose class has started."""
    require(actor, Capability.PLAN, plan)
    now = TrainingPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    plan.stage, plan.seats_taken, plan.head_count = now.stage, now.seats_taken, now.head_count
    if plan.stage not in OPEN_TO_PLACING:
        label = PlanStage(plan.stage).label
        raise WrongStateError(f"计划当前为“{label}”，不能变动学员；审核通过以后、开班以前可以。")

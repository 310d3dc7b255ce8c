"""Programme B: an organization enrolls people into an approved plan; the last seat is never sold twice (ENR-07)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.enrollment import services as enrollment_services
from zhupei.enrollment.models import Batch, Enrollment, RosterImport
from zhupei.enrollment.services import EntryData
from zhupei.training.models import PlacementSource, PlanItem, TrainingPlan
from zhupei.training.services.placing import place, take_seats


def start_plan_roster(actor: Actor, item: PlanItem, file_name: str, content: bytes) -> RosterImport:
    """Keep an uploaded roster for one trade of a plan; judged and corrected like any other."""
    check_open(actor, item.plan)
    return enrollment_services.start_roster(actor, item.offer, file_name, content, into_plan=True)


def confirm_into_plan(actor: Actor, item: PlanItem, roster: RosterImport) -> Batch:
    """Enroll all good rows and take their seats in one transaction, or nobody; confirming again changes nothing."""
    with transaction.atomic():
        done = Batch.objects.filter(roster_import=roster.pk).first()
        if done is not None:
            return done
        plan = _locked(item)
        check_open(actor, plan)
        batch = enrollment_services.confirm_roster(actor, roster, into_plan=True)
        batch.enrollments.update(agreed_fee=item.fee)
        _seat(actor, plan, list(batch.enrollments.all()))
        return batch


def enroll_one_into_plan(actor: Actor, item: PlanItem, data: EntryData) -> Enrollment:
    """Enroll one person by form into a plan."""
    with transaction.atomic():
        plan = _locked(item)
        check_open(actor, plan)
        enrollment = enrollment_services.enroll_single(actor, item.offer, data, into_plan=True)
        Enrollment.objects.filter(pk=enrollment.pk).update(agreed_fee=item.fee)
        _seat(actor, plan, [enrollment])
        return enrollment


def _seat(actor: Actor, plan: TrainingPlan, enrollments: Sequence[Enrollment]) -> None:
    take_seats(plan, len(enrollments))
    place(actor, plan, enrollments, PlacementSource.ENROLLED)


def _locked(item: PlanItem) -> TrainingPlan:
    """The plan with its row locked: people who enroll at the same moment queue up here instead of failing late."""
    return TrainingPlan.objects.select_for_update(no_key=True).get(pk=item.plan_id)


def check_open(actor: Actor, plan: TrainingPlan) -> None:
    """Whether the actor's organization may enroll into the plan now; raises a DomainError that says why not."""
    if not TrainingPlan.objects.offered_to(actor).filter(pk=plan.pk).exists():
        raise DomainError("plan_not_offered", "这个计划没有对本单位开放报名，请选择其他计划。")
    now = timezone.localtime()
    if now < plan.opens_at:
        raise DomainError(
            "plan_not_open",
            f"计划 {plan.name} 将于 {timezone.localtime(plan.opens_at):%Y-%m-%d %H:%M} 开始报名。",
        )
    if now >= plan.closes_at or plan.stage not in {"upcoming", "enrolling"}:
        raise DomainError("plan_closed", f"计划 {plan.name} 的报名已经结束，请选择其他计划。")
    if plan.seats_left <= 0:
        raise DomainError("plan_full", f"计划 {plan.name} 名额已满，请选择其他计划。")

"""Programme B: an organization enrolls people into an approved plan; the last seat is never sold twice (ENR-07)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from foundation.errors import DomainError, NotFoundError
from foundation.scoping import Actor
from zhupei.enrollment import services as enrollment_services
from zhupei.enrollment.models import Batch, Enrollment, RosterImport
from zhupei.enrollment.services import EntryData
from zhupei.organizations.roles import Capability, require
from zhupei.training.models import Placement, PlacementSource, PlanItem, PlanRoster, TrainingPlan
from zhupei.training.plan_states import Opening, opening_of
from zhupei.training.services.placing import place, take_seats


def start_plan_roster(actor: Actor, item: PlanItem, file_name: str, content: bytes) -> RosterImport:
    """Keep an uploaded roster for one trade of a plan; judged and corrected like any other."""
    check_open(actor, item.plan)
    with transaction.atomic():
        roster = enrollment_services.start_roster(actor, item.offer, file_name, content, into_plan=True)
        PlanRoster.objects.create(roster_import=roster, item=item)
        return roster


def item_of_roster(roster: RosterImport) -> PlanItem | None:
    """The trade of a plan that an uploaded roster is for; None when it is for no plan."""
    kept = PlanRoster.objects.filter(roster_import=roster).select_related(
        "item__plan", "item__occupation", "item__level"
    )
    return kept[0].item if kept else None


def item_of_batch(batch: Batch) -> PlanItem | None:
    """The trade of a plan that a batch was enrolled into; None when people of the batch are placed later."""
    plans = Placement.objects.filter(enrollment__batch=batch, source=PlacementSource.ENROLLED).values("plan")
    return (
        PlanItem.objects.filter(plan__in=plans, offer=batch.offer_id)
        .select_related("plan", "occupation", "level", "offer__institution")
        .first()
    )


def confirm_into_plan(actor: Actor, item: PlanItem, roster: RosterImport) -> Batch:
    """Enroll all good rows and take their seats in one transaction, or nobody; confirming again changes nothing."""
    require(actor, Capability.ENROLL, roster)
    if item_of_roster(roster) != item:
        raise NotFoundError()
    number = enrollment_services.next_batch_number()
    with transaction.atomic():
        plan = _locked(item)
        done = Batch.objects.filter(roster_import=roster.pk).first()
        if done is not None:
            return done
        check_open(actor, plan)
        batch = enrollment_services.confirm_roster(actor, roster, into_plan=True, number=number)
        batch.enrollments.update(agreed_fee=item.fee)
        _seat(actor, plan, list(batch.enrollments.all()))
        return batch


def enroll_one_into_plan(
    actor: Actor, item: PlanItem, data: EntryData, *, batch: Batch | None = None
) -> Enrollment:
    """Enroll one person by form into a plan, in a new batch or in `batch` (enrolled into the same trade)."""
    check_open(actor, item.plan)  # before a number is used up; asked again under the plan's lock
    number = "" if batch else enrollment_services.next_batch_number()
    with transaction.atomic():
        plan = _locked(item)
        check_open(actor, plan)
        enrollment = enrollment_services.enroll_single(
            actor, item.offer, data, batch=batch, into_plan=True, number=number
        )
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
    opening = opening_of(plan)
    if opening == Opening.UPCOMING:
        raise DomainError(
            "plan_not_open",
            f"计划 {plan.name} 将于 {timezone.localtime(plan.opens_at):%Y-%m-%d %H:%M} 开始报名。",
        )
    if opening == Opening.OVER:
        raise DomainError("plan_closed", f"计划 {plan.name} 的报名已经结束，请选择其他计划。")
    if opening == Opening.FULL:
        raise DomainError("plan_full", f"计划 {plan.name} 名额已满，请选择其他计划。")

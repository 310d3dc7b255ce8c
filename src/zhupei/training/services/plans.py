"""Make a plan, change it, hand it in; let it follow its dates (TRN-01 … TRN-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, WrongStateError
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.catalog.models import Offer
from zhupei.organizations.models import Institution, Organization, Room, Teacher
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.filing import refuse_unfiled
from zhupei.training.machine import PLAN
from zhupei.training.models import PlanDay, PlanForm, PlanItem, PlanStage, TrainingPlan
from zhupei.training.services.plan_checks import check, clash_sentence, propose_plan_name

__all__ = [
    "DayData",
    "PlanData",
    "create_plan",
    "discard_plan",
    "follow_dates",
    "propose_plan_name",
    "submit_plan",
    "update_plan",
    "withdraw_plan",
]


@dataclass(frozen=True)
class DayData:
    """One stretch of teaching as filled in; aware datetimes."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    subject: str
    teacher: Teacher | None = None
    room: Room | None = None


@dataclass(frozen=True)
class PlanData:
    """A plan as filled in. `offers` are what is taught, with their fees."""

    name: str
    offers: Sequence[Offer]
    head_count: int
    opens_at: dt.datetime
    closes_at: dt.datetime
    place: str
    days: Sequence[DayData]
    form: str = PlanForm.OPEN
    organizations: Sequence[Organization] = field(default_factory=tuple)
    delivery: str = "onsite"
    room: Room | None = None
    note: str = ""


def create_plan(actor: Actor, data: PlanData) -> TrainingPlan:
    """A new plan of the actor's institution, not yet handed in. Raises DomainError with a sentence per field."""
    require(actor, Capability.PLAN)
    institution: Institution = actor.body
    check(institution, data)
    with transaction.atomic():
        review = reviews.begin(
            actor,
            "training_plan",
            label=data.name,
            reviewer_key=f"authority:{institution.supervisor_id}",
            submitter_key=institution.key,
        )
        plan = TrainingPlan(
            institution=institution,
            programme=data.offers[0].occupation.programme,
            review=review,
            created_by=actor.user,
        )
        _write(plan, data)
        PLAN.record_start(actor, [plan])
        return plan


def _locked(plan: TrainingPlan) -> TrainingPlan:
    """Plan and review, locked both: what is only joined to a row that one waited for would be as it was before."""
    rows = TrainingPlan.objects.select_for_update(of=("self", "review")).select_related(
        "institution", "review"
    )
    found = rows.filter(pk=plan.pk).first()
    if found is None:
        raise WrongStateError("培训计划已被删除，请返回培训计划列表。")
    return found


def update_plan(actor: Actor, plan: TrainingPlan, data: PlanData) -> TrainingPlan:
    """Change a plan that has not been handed in, or was rejected (去上报)."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = _locked(plan)
        if locked.review.state not in {ReviewState.DRAFT, ReviewState.REJECTED}:
            raise WrongStateError("计划已提交审核，不能修改；主管部门受理前可以先撤回。")
        check(locked.institution, data, besides=locked)
        _write(locked, data)
        Review.objects.filter(pk=locked.review_id).update(subject_label=data.name)
        audit.record(actor, "plan.update", locked)
        return locked


def discard_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Delete a plan that was never handed in."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = _locked(plan)
        if locked.review.round or locked.review.state != ReviewState.DRAFT:
            raise WrongStateError("提交过的计划要留档，不能删除。")
        review = locked.review
        audit.record(actor, "plan.discard", locked, name=locked.name)
        locked.delete()
        review.delete()


def submit_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Hand in for review; the dates must still lie ahead."""
    require(actor, Capability.PLAN, plan)
    refuse_unfiled(plan.institution)
    with transaction.atomic():
        locked = _locked(plan)
        if locked.closes_at <= timezone.now():
            raise DomainError("dates_over", "报名截止时间已过，请先修改计划的时间再提交审核。")
        reviews.submit(actor, locked.review)
        plan.review = locked.review


def withdraw_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Take back what the authority has not accepted yet (未受理)."""
    require(actor, Capability.PLAN, plan)
    reviews.withdraw(actor, plan.review)


def follow_dates(now: dt.datetime | None = None) -> int:
    """Open and close enrollment by the plans' dates (TRN-04); returns how many plans moved."""
    now = now or timezone.now()
    moved = 0
    due = TrainingPlan.objects.filter(stage=PlanStage.UPCOMING, opens_at__lte=now)
    moved += len(PLAN.perform_many(SYSTEM, due, "open_enrollment"))
    over = TrainingPlan.objects.filter(stage=PlanStage.ENROLLING, closes_at__lte=now)
    moved += len(PLAN.perform_many(SYSTEM, over, "close_enrollment"))
    return moved


def _write(plan: TrainingPlan, data: PlanData) -> None:
    for name in ("name", "head_count", "opens_at", "closes_at", "place", "form", "delivery", "room", "note"):
        setattr(plan, name, getattr(data, name))
    plan.programme = data.offers[0].occupation.programme
    plan.save()
    plan.items.all().delete()
    PlanItem.objects.bulk_create(
        PlanItem(plan=plan, offer=offer, occupation=offer.occupation, level=offer.level, fee=offer.fee)
        for offer in data.offers
    )
    plan.organizations.set(data.organizations if data.form == PlanForm.DESIGNATED else [])
    plan.days.all().delete()
    for day in sorted(data.days, key=lambda row: row.starts_at):
        _write_day(plan, day)


def _write_day(plan: TrainingPlan, day: DayData) -> None:
    period = DateTimeTZRange(day.starts_at, day.ends_at)
    try:
        with transaction.atomic():
            PlanDay.objects.create(
                plan=plan, period=period, subject=day.subject, teacher=day.teacher, room=day.room
            )
    except IntegrityError as error:
        raise _clash(day, period, str(error)) from None


def _clash(day: DayData, period: DateTimeTZRange, error: str) -> DomainError:
    """The database refused a double booking that came in between: name the other plan (TRN-02)."""
    teacher = "teacher_in_one_place" in error
    who = day.teacher if teacher else day.room
    other = (
        PlanDay.objects.filter(period__overlap=period, **({"teacher": who} if teacher else {"room": who}))
        .select_related("plan")
        .first()
    )
    sentence = clash_sentence(day, who, other)
    return DomainError("double_booked", sentence, items={"days": sentence})

"""Make a plan, change it, hand it in; let it follow its dates (TRN-01 … TRN-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.review import services as reviews
from foundation.review.models import Review
from foundation.scoping import SYSTEM, Actor
from zhupei.catalog.models import Offer
from zhupei.organizations.models import Institution, Organization, Room, Teacher
from zhupei.organizations.roles import Capability, require
from zhupei.training.machine import PLAN
from zhupei.training.models import PlanDay, PlanForm, PlanItem, PlanStage, TrainingPlan
from zhupei.training.services.plan_checks import check, clash_sentence, name_taken, propose_plan_name

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


def update_plan(actor: Actor, plan: TrainingPlan, data: PlanData) -> TrainingPlan:
    """Change a plan that has not been handed in, or was rejected (去上报)."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = reviews.editable(plan, "institution")
        check(locked.institution, data, besides=locked)
        _write(locked, data)
        Review.objects.filter(pk=locked.review_id).update(subject_label=data.name)
        audit.record(actor, "plan.update", locked)
        return locked


def discard_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Delete a plan that was never handed in."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = reviews.locked(plan)
        audit.record(actor, "plan.discard", locked, name=locked.name)
        reviews.discard(locked)


def submit_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Hand in for review. Raises what `reviewing.check_submission` raises, WrongStateError, NotAllowedError."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = reviews.locked(plan)
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
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError as error:  # another browser was faster with the name
        if "_name_" not in str(error):
            raise
        sentence = name_taken(plan.institution, data.name)
        raise DomainError("plan_refused", sentence, items={"name": sentence}) from None
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

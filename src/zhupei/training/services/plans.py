"""Make a plan, change it, hand it in; let it follow its dates (TRN-01 … TRN-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.catalog.models import Offer
from zhupei.organizations.models import Institution, Organization, Room, Teacher
from zhupei.training import rules
from zhupei.training.machine import PLAN
from zhupei.training.models import PlanDay, PlanForm, PlanItem, PlanStage, TrainingPlan


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


def propose_plan_name(institution: Institution, month: dt.date) -> str:
    """The next free name of the institution in that month (TRN-01)."""
    prefix = f"{institution.short_name}培{month:%Y%m}"
    taken = TrainingPlan.objects.filter(name__startswith=prefix).values_list("name", flat=True)
    return rules.propose_name(institution.short_name, month, taken)


def create_plan(actor: Actor, data: PlanData) -> TrainingPlan:
    """A new plan of the actor's institution, not yet handed in. Raises DomainError with a sentence per field."""
    if actor.portal != "institution":
        raise NotAllowedError()
    institution: Institution = actor.body
    _check(institution, data)
    with transaction.atomic():
        review = Review.objects.create(
            kind="training_plan",
            subject_label=data.name,
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
        return plan


def update_plan(actor: Actor, plan: TrainingPlan, data: PlanData) -> TrainingPlan:
    """Change a plan that has not been handed in, or was rejected (去上报)."""
    with transaction.atomic():
        locked = (
            TrainingPlan.objects.select_for_update(of=("self",))
            .select_related("institution", "review")
            .get(pk=plan.pk)
        )
        if locked.review.state not in {ReviewState.DRAFT, ReviewState.REJECTED}:
            raise WrongStateError("计划已提交审核，不能修改；主管部门受理前可以先撤回。")
        _check(locked.institution, data, besides=locked)
        _write(locked, data)
        Review.objects.filter(pk=locked.review_id).update(subject_label=data.name)
        audit.record(actor, "plan.update", locked)
        return locked


def discard_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Delete a plan that was never handed in."""
    with transaction.atomic():
        locked = TrainingPlan.objects.select_for_update(of=("self",)).select_related("review").get(pk=plan.pk)
        if locked.review.round or locked.review.state != ReviewState.DRAFT:
            raise WrongStateError("提交过的计划要留档，不能删除。")
        review = locked.review
        audit.record(actor, "plan.discard", locked, name=locked.name)
        locked.delete()
        review.delete()


def submit_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Hand in for review; the dates must still lie ahead."""
    if plan.closes_at <= timezone.now():
        raise DomainError("dates_over", "报名截止时间已过，请先修改计划的时间再提交审核。")
    reviews.submit(actor, plan.review)


def withdraw_plan(actor: Actor, plan: TrainingPlan) -> None:
    """Take back what the authority has not accepted yet (未受理)."""
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


def _check(institution: Institution, data: PlanData, besides: TrainingPlan | None = None) -> None:
    problems: dict[str, str] = {}
    if wrong := rules.name_problem(data.name, institution.short_name):
        problems["name"] = wrong
    elif TrainingPlan.objects.filter(name=data.name).exclude(pk=besides.pk if besides else None).exists():
        free = propose_plan_name(institution, timezone.localdate())
        problems["name"] = f"计划名称 {data.name} 已经用过，不能重复，可用 {free}。"
    if not data.offers:
        problems["items"] = "请至少选择一个工种（岗位）。"
    elif len({offer.occupation.programme_id for offer in data.offers}) > 1:
        problems["items"] = "一个计划只能包含同一培训类别的工种（岗位）。"
    if any(offer.institution_id != institution.pk for offer in data.offers):
        problems["items"] = "只能选择本机构的培训项目。"
    if data.head_count < 1:
        problems["head_count"] = "计划人数至少为 1 人。"
    if data.room is not None and data.head_count > data.room.seats:
        problems["head_count"] = f"{data.room}只有 {data.room.seats} 个座位，计划人数不能超过座位数。"
    if data.form == PlanForm.DESIGNATED and not data.organizations:
        problems["organizations"] = "指定企业报名时，请至少选择一家企业。"
    stretches = [rules.Stretch(day.starts_at, day.ends_at) for day in data.days]
    problems |= rules.date_problems(data.opens_at, data.closes_at, stretches)
    if "days" not in problems and data.offers and (short := _hours_problem(data, stretches)):
        problems["days"] = short
    if problems:
        raise DomainError("plan_refused", next(iter(problems.values())), items=problems)


def _hours_problem(data: PlanData, stretches: Sequence[rules.Stretch]) -> str:
    least = max(
        ((offer.level.minimum_hours, offer.level) for offer in data.offers if offer.level),
        default=None,
        key=lambda pair: pair[0],
    )
    hours = rules.study_hours(stretches)
    if least is not None and hours < least[0]:
        return f"{least[1]}最少 {least[0]} 学时（含考核），现在只安排了 {hours} 学时（每学时 45 分钟），请增加培训时间。"
    return ""


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
    """The database refused a double booking: name the other plan (TRN-02)."""
    teacher = "teacher_in_one_place" in error
    who = day.teacher if teacher else day.room
    other = (
        PlanDay.objects.filter(period__overlap=period, **({"teacher": who} if teacher else {"room": who}))
        .select_related("plan")
        .first()
    )
    when = f"{timezone.localtime(day.starts_at):%m-%d %H:%M}–{timezone.localtime(day.ends_at):%H:%M}"
    place = f"已安排在计划 {other.plan.name}" if other else "已有其他安排"
    sentence = (
        f"{who}在 {when} {place}，请换一位老师或调整时间。"
        if teacher
        else f"{who}在 {when} {place}，请换一间教室或调整时间。"
    )
    return DomainError("double_booked", sentence, items={"days": sentence})

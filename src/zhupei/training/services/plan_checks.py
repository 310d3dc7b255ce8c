"""What must hold of a plan before it is kept: a sentence for every field that does not (TRN-01, TRN-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils import timezone

from foundation.errors import DomainError
from zhupei.organizations.models import Institution, Room, Teacher
from zhupei.training import designating, rules
from zhupei.training.models import PlanDay, PlanForm, TrainingPlan

if TYPE_CHECKING:
    from zhupei.training.services.plans import DayData, PlanData


# Room key, from, to, and by what in words (考核计划 …).
Booking = tuple[int, dt.datetime, dt.datetime, str]
FindBookings = Callable[[Collection[int], dt.datetime, dt.datetime], Iterable[Booking]]
_BOOKINGS: list[FindBookings] = []


def register_bookings(find: FindBookings) -> FindBookings:
    """A later stage that uses rooms, too, says which are taken: `find(room keys, from, to)`; one query."""
    _BOOKINGS.append(find)
    return find


def propose_plan_name(institution: Institution, month: dt.date) -> str:
    """The next free name of the institution in that month (TRN-01)."""
    prefix = f"{institution.short_name}培{month:%Y%m}"
    taken = TrainingPlan.objects.filter(name__startswith=prefix).values_list("name", flat=True)
    return rules.propose_name(institution.short_name, month, taken)


def check(institution: Institution, data: PlanData, besides: TrainingPlan | None = None) -> None:
    """Raise DomainError `plan_refused`; `items`: field → sentence, `days.<n>` for the n-th row of the days."""
    problems = (
        _name_problem(institution, data, besides)
        | _teaching_problems(institution, data)
        | _place_problems(institution, data)
        | _form_problem(institution, data)
        | _day_problems(institution, data, besides)
    )
    if problems:
        raise DomainError("plan_refused", next(iter(problems.values())), items=problems)


def _name_problem(institution: Institution, data: PlanData, besides: TrainingPlan | None) -> dict[str, str]:
    if wrong := rules.name_problem(data.name, institution.short_name):
        return {"name": wrong}
    same = TrainingPlan.objects.filter(name=data.name)
    if besides is not None:
        same = same.exclude(pk=besides.pk)
    return {"name": name_taken(institution, data.name)} if same.exists() else {}


def name_taken(institution: Institution, name: str) -> str:
    """The sentence for a name that another plan bears, with one that is free."""
    free = propose_plan_name(institution, timezone.localdate())
    return f"计划名称 {name} 已经用过，不能重复，可用 {free}。"


def _teaching_problems(institution: Institution, data: PlanData) -> dict[str, str]:
    if not data.offers:
        return {"items": "请至少选择一个工种（岗位）。"}
    if any(offer.institution_id != institution.pk for offer in data.offers):
        return {"items": "只能选择本机构的培训项目。"}
    if len({offer.occupation.programme_id for offer in data.offers}) > 1:
        return {"items": "一个计划只能包含同一培训类别的工种（岗位）。"}
    if others := [offer for offer in data.offers if offer.delivery != data.delivery]:
        return {"items": f"“{others[0]}”与所选的培训方式不一致，请选择同一方式的工种（岗位）。"}
    return {}


def _place_problems(institution: Institution, data: PlanData) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not data.place.strip():
        problems["place"] = "请填写培训地点，或选择教室。"
    if data.head_count < 1:
        problems["head_count"] = "计划人数至少为 1 人。"
    rooms = {room for room in (data.room, *(day.room for day in data.days)) if room is not None}
    if any(room.site.institution_id != institution.pk for room in rooms):
        problems["room"] = "只能选择本机构的教室。"
    small = rules.smallest_room([data, *data.days])
    if small is not None and data.head_count > small.seats:
        problems["head_count"] = f"{small}只有 {small.seats} 个座位，计划人数不能超过座位数。"
    return problems


def _form_problem(institution: Institution, data: PlanData) -> dict[str, str]:
    if data.form != PlanForm.DESIGNATED:
        return {}
    if not data.organizations:
        return {"organizations": "指定企业报名时，请至少选择一家企业。"}
    wanted = {row.pk for row in data.organizations}
    allowed = designating.choosable_organizations(institution).filter(pk__in=wanted)
    if allowed.count() < len(wanted):
        return {"organizations": "有的企业不能在本机构报名，请重新选择。"}
    return {}


def _day_problems(institution: Institution, data: PlanData, besides: TrainingPlan | None) -> dict[str, str]:
    stretches = [rules.Stretch(day.starts_at, day.ends_at) for day in data.days]
    problems = rules.date_problems(data.opens_at, data.closes_at, stretches)
    if any(day.teacher and day.teacher.institution_id != institution.pk for day in data.days):
        problems["days"] = "只能选择本机构登记的授课老师。"
    if "days" in problems:
        return problems
    if data.offers and (short := _hours_problem(data, stretches)):
        problems["days"] = short
    return problems | clashes(data.days, besides)


def _hours_problem(data: PlanData, stretches: Sequence[rules.Stretch]) -> str:
    hours = rules.hours_against(stretches, data.offers)
    if hours.suffice:
        return ""
    return (
        f"{hours.level}最少 {hours.least} 学时（含考核），现在只安排了 {hours.planned} 学时（每学时 45 分钟），"
        "请增加培训时间。"
    )


def clashes(days: Sequence[DayData], besides: TrainingPlan | None = None) -> dict[str, str]:
    """`days.<n>` → sentence for every row whose teacher or room is taken, with the other plan's name; one query."""
    wanted = Q(pk__in=[])
    for day in days:
        whom = Q(teacher=day.teacher) if day.teacher else Q(pk__in=[])
        where = Q(room=day.room) if day.room else Q(pk__in=[])
        wanted |= Q(period__overlap=DateTimeTZRange(day.starts_at, day.ends_at)) & (whom | where)
    taken = PlanDay.objects.filter(wanted).select_related("plan").order_by("period")
    if besides is not None:
        taken = taken.exclude(plan=besides)
    others = list(taken)
    found: dict[str, str] = {}
    for number, day in enumerate(days):
        for other in others:
            if not (other.period.lower < day.ends_at and day.starts_at < other.period.upper):
                continue
            if day.teacher is not None and other.teacher_id == day.teacher.pk:
                found[f"days.{number}"] = clash_sentence(day, day.teacher, other)
            elif day.room is not None and other.room_id == day.room.pk:
                found[f"days.{number}"] = clash_sentence(day, day.room, other)
    return _otherwise_booked(days) | found


def _otherwise_booked(days: Sequence[DayData]) -> dict[str, str]:
    """`days.<n>` → sentence for rows whose room a later stage has booked."""
    with_room = [(number, day, day.room) for number, day in enumerate(days) if day.room is not None]
    if not with_room:
        return {}
    start, end = min(day.starts_at for _, day, _ in with_room), max(day.ends_at for _, day, _ in with_room)
    rooms = {room.pk for _, _, room in with_room}
    bookings = [booking for find in _BOOKINGS for booking in find(rooms, start, end)]
    return {
        f"days.{number}": clash_sentence(day, room, None, taken_by=words)
        for number, day, room in with_room
        for key, begins, ends, words in bookings
        if key == room.pk and begins < day.ends_at and day.starts_at < ends
    }


def clash_sentence(
    day: DayData, who: Teacher | Room | None, other: PlanDay | None, *, taken_by: str = ""
) -> str:
    """王老师在 12-01 09:00–17:00 已安排在计划 …"""
    when = f"{timezone.localtime(day.starts_at):%m-%d %H:%M}–{timezone.localtime(day.ends_at):%H:%M}"
    taken_by = taken_by or (f"计划 {other.plan.name}" if other else "")
    place = f"已安排在{taken_by}" if taken_by else "已有其他安排"
    change = "换一间教室" if isinstance(who, Room) else "换一位老师"
    return f"{who}在 {when} {place}，请{change}或调整时间。"

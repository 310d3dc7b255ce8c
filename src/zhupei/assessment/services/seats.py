"""Sessions, exam rooms and seats of a plan, all at once (ASM-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.assessment import rules
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom, Session
from zhupei.assessment.seating import Examinee, SeatedRoom, seat_people
from zhupei.assessment.services import checks
from zhupei.catalog.models import trade_words
from zhupei.organizations.models import Room
from zhupei.training.models import PlanDay

# Group in words → occupation and level.
Groups = dict[str, tuple[int, int | None]]
Times = list[tuple[dt.datetime, dt.datetime]]


def arrange_seats(actor: Actor, plan: AssessmentPlan, *, seed: int | None = None) -> int:
    """Seat everybody of a plan that has not been handed in, anew; returns the number of exam rooms.

    Each occupation (and level) begins a room, neighbors come from different organizations where possible, further
    sessions follow by the clock. The same people, rooms and seed give the same seats. A constant number of
    statements. Raises DomainError `no_candidates`, `double_booked` naming the other plan.
    """
    with transaction.atomic():
        locked = checks.editable(actor, plan)
        if seed is not None:
            locked.seed = seed
        rooms = _locked_rooms(locked)
        if wrong := checks.room_problem(rooms):
            raise DomainError("room_unfit", wrong)
        people, groups = _examinees(locked)
        if not people:
            raise DomainError("no_candidates", "考核计划里还没有考生，请先选择考生再编排座位。")
        clear_seats(locked)
        seated = seat_people(
            people, [room.seats for room in rooms], limit=locked.room_limit, seed=locked.seed
        )
        times = _times(locked, max(row.session for row in seated))
        made = _make_rooms(locked, seated, rooms, groups, times)
        _write_seats(locked, seated, made)
        locked.seated_at = timezone.now()
        locked.save(update_fields=["seed", "seated_at", "updated_at"])
        plan.seed, plan.seated_at = locked.seed, locked.seated_at
        audit.record(
            actor, "assessment.seats", locked, people=len(people), rooms=len(seated), seed=locked.seed
        )
        return len(seated)


def _locked_rooms(plan: AssessmentPlan) -> list[Room]:
    """The plan's rooms in their order of use, locked: whoever books one at the same moment waits and then sees it."""
    rows = Room.objects.select_for_update(of=("self",), no_key=True).select_related("site").order_by("pk")
    return sorted(rows.filter(pk__in=plan.rooms.values("pk")), key=lambda room: (room.name, room.pk))


def clear_seats(plan: AssessmentPlan) -> None:
    """Take sessions, rooms and seats away; they are arranged again afterwards."""
    plan.candidates.exclude(exam_room=None).update(exam_room=None, seat_number=None)
    plan.sessions.all().delete()
    if plan.seated_at is not None:
        plan.seated_at = None
        plan.save(update_fields=["seated_at", "updated_at"])


def _examinees(plan: AssessmentPlan) -> tuple[list[Examinee], Groups]:
    rows = plan.candidates.order_by().values_list(
        "pk",
        "enrollment__organization_id",
        "enrollment__occupation_id",
        "enrollment__level_id",
        "enrollment__occupation__name",
        "enrollment__level__name",
    )
    people: list[Examinee] = []
    groups: Groups = {}
    for key, organization, occupation, level, name, level_name in rows:
        group = trade_words(name, level_name)
        if groups.setdefault(group, (occupation, level)) != (occupation, level):
            group = f"{group} {occupation}-{level}"  # two of one name
            groups[group] = (occupation, level)
        people.append(Examinee(str(key), group, str(organization)))
    return people, groups


def _times(plan: AssessmentPlan, sessions: int) -> Times:
    if not rules.ends_in_time(plan.starts_at, plan.exam_minutes):
        raise DomainError("time_wrong", "首场考试不能在 21:00 前结束，请先修改开考时间。")
    return rules.session_times(
        plan.starts_at, sessions, minutes=plan.exam_minutes, gap_minutes=plan.gap_minutes
    )


def _make_rooms(
    plan: AssessmentPlan, seated: Sequence[SeatedRoom], rooms: Sequence[Room], groups: Groups, times: Times
) -> dict[int, ExamRoom]:
    """Number of the exam room → the row; raises DomainError `double_booked`."""
    wanted = [(rooms[row.place - 1], *times[row.session - 1]) for row in seated]
    if taken := clash(plan, wanted):
        raise DomainError("double_booked", taken)
    sessions = Session.objects.bulk_create(
        Session(plan=plan, number=number, starts_at=start, ends_at=end)
        for number, (start, end) in enumerate(times, start=1)
    )
    rows = [
        ExamRoom(
            session=sessions[row.session - 1],
            number=row.number,
            room=room,
            occupation_id=groups[row.group][0],
            level_id=groups[row.group][1],
            period=DateTimeTZRange(start, end),
        )
        for row, (room, start, end) in zip(seated, wanted, strict=True)
    ]
    try:
        with transaction.atomic():
            ExamRoom.objects.bulk_create(rows, batch_size=5000)
    except IntegrityError:  # somebody booked a room in the meantime
        sentence = clash(plan, wanted) or "有的机房刚刚被其他考核计划占用，请换一间机房或调整时间。"
        raise DomainError("double_booked", sentence) from None
    return {row.number: row for row in rows}


def _write_seats(plan: AssessmentPlan, seated: Sequence[SeatedRoom], made: dict[int, ExamRoom]) -> None:
    """One statement for everybody."""
    keys, rooms, seats = [], [], []
    for row in seated:
        for seat, key in enumerate(row.keys, start=1):
            keys.append(int(key))
            rooms.append(made[row.number].pk)
            seats.append(seat)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Candidate._meta.db_table} AS c SET exam_room_id = s.room, seat_number = s.seat"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS s(pk, room, seat)"
            " WHERE c.id = s.pk AND c.plan_id = %s",
            [keys, rooms, seats, plan.pk],
        )


def clash(plan: AssessmentPlan, wanted: Sequence[tuple[Room, dt.datetime, dt.datetime]]) -> str:
    """In words: which room is taken, by which other assessment or training plan; empty when all are free. Two queries."""
    whole = DateTimeTZRange(min(row[1] for row in wanted), max(row[2] for row in wanted))
    rooms = {row[0].pk for row in wanted}
    exams = (
        ExamRoom.objects.filter(room__in=rooms, period__overlap=whole)
        .exclude(session__plan=plan)
        .values_list("room_id", "period", "session__plan__name")
    )
    lessons = PlanDay.objects.filter(room__in=rooms, period__overlap=whole).values_list(
        "room_id", "period", "plan__name"
    )
    taken = [(*row, "考核计划") for row in exams] + [(*row, "培训计划") for row in lessons]
    for room, start, end in wanted:
        for key, period, name, kind in taken:
            if key == room.pk and period.lower < end and start < period.upper:
                when = f"{timezone.localtime(start):%m-%d %H:%M}–{timezone.localtime(end):%H:%M}"
                return f"{room}在 {when} 已安排{kind} {name}，请换一间机房或调整时间。"
    return ""


def bookings(
    rooms: Collection[int], start: dt.datetime, end: dt.datetime
) -> list[tuple[int, dt.datetime, dt.datetime, str]]:
    """What exams have booked of `rooms` in that time, for the training's own check (TRN-02); one query."""
    rows = ExamRoom.objects.filter(room__in=rooms, period__overlap=DateTimeTZRange(start, end))
    return [
        (key, period.lower, period.upper, f"考核计划 {name}")
        for key, period, name in rows.order_by("period").values_list(
            "room_id", "period", "session__plan__name"
        )
    ]


def refuse_clashes(plan: AssessmentPlan) -> None:
    """Raise DomainError `double_booked` when a lesson was put into one of the plan's exam rooms since."""
    rows = ExamRoom.objects.filter(session__plan=plan).select_related("room__site")
    wanted = [(row.room, row.period.lower, row.period.upper) for row in rows]
    if wanted and (taken := clash(plan, wanted)):
        raise DomainError("double_booked", taken)

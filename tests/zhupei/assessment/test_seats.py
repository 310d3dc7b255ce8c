"""Sessions, rooms and seats in the database (ASM-02)."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from tests.zhupei.assessment.halls import make_hall, moment
from tests.zhupei.training.schools import make_school
from zhupei.assessment import services
from zhupei.assessment.models import ExamRoom
from zhupei.training.models import PlanDay
from zhupei.training.services import DayData, create_plan

pytestmark = pytest.mark.django_db


def test_a_hundred_people_of_three_occupations_fill_four_rooms(world):
    """ASM-02: 50 of A, 30 of B, 20 of C → rooms A30, A20, B30, C20; each seat once."""
    hall = make_hall(world, seats=(40, 40, 40, 40))
    for name, count in (("A岗位", 50), ("B岗位", 30), ("C岗位", 20)):
        hall.people(count, occupation=name)
    plan = hall.plan()

    rooms = list(ExamRoom.objects.filter(session__plan=plan).select_related("occupation").order_by("number"))
    seats = hall.seats(plan)
    assert [(room.number, room.occupation.name, len(seats[room.number])) for room in rooms] == [
        (1, "A岗位", 30),
        (2, "A岗位", 20),
        (3, "B岗位", 30),
        (4, "C岗位", 20),
    ]
    assert plan.sessions.count() == 1 and len({room.room_id for room in rooms}) == 4
    for people in seats.values():
        assert [row.seat_number for row in people] == list(range(1, len(people) + 1))
        assert len({row.enrollment.occupation_id for row in people}) == 1


def test_rooms_are_used_again_in_further_sessions_and_numbers_go_on(world):
    """ASM-02: several sessions when rooms do not suffice; a room's own seats are its limit."""
    hall = make_hall(world, seats=(10, 6))
    hall.people(30)
    plan = hall.plan(starts_at=moment(5, 16), gap_minutes=30)

    sessions = list(plan.sessions.order_by("number"))
    rooms = list(ExamRoom.objects.filter(session__plan=plan).select_related("room", "session"))
    assert [row.number for row in rooms] == [1, 2, 3, 4]
    assert [(row.session.number, row.room.seats) for row in rooms] == [(1, 10), (1, 6), (2, 10), (2, 6)]
    assert [timezone.localtime(row.starts_at) for row in sessions] == [
        moment(5, 16),
        moment(5, 18) + dt.timedelta(minutes=30),
    ]
    assert [(row.period.lower, row.period.upper) for row in rooms] == [
        (row.session.starts_at, row.session.ends_at) for row in rooms
    ]
    assert [len(people) for people in hall.seats(plan).values()] == [10, 6, 10, 4]


def test_neighbors_come_from_different_organizations(hall):
    """ASM-02: where possible; the same people, rooms and seed give the same seats, another seed others."""
    for _ in range(3):
        hall.people(8)
    plan = hall.plan()
    (people,) = hall.seats(plan).values()
    assert all(
        a.enrollment.organization_id != b.enrollment.organization_id for a, b in itertools.pairwise(people)
    )

    first = [row.pk for row in people]
    services.arrange_seats(hall.actor, plan)
    assert [row.pk for row in hall.seats(plan)[1]] == first
    services.arrange_seats(hall.actor, plan, seed=plan.seed + 1)
    plan.refresh_from_db()
    assert plan.seed == 1 and [row.pk for row in hall.seats(plan)[1]] != first


def test_a_room_is_used_once_at_a_time_and_the_other_plan_is_named(hall):
    """ASM-02: neither another assessment nor a lesson may be in the room."""
    hall.people(2)
    first = hall.plan()
    hall.people(2)
    clashing = moment(7, 10)
    second = hall.plan(seated=False, starts_at=clashing)

    with pytest.raises(DomainError, match=f"考核计划 {first.name}") as refused:
        services.arrange_seats(hall.actor, second)
    assert refused.value.code == "double_booked" and str(hall.rooms[0]) in refused.value.message
    assert second.sessions.count() == 0

    services.update_plan(hall.actor, second, hall.data(starts_at=moment(7, 11)))
    services.arrange_seats(hall.actor, second)
    PlanDay.objects.create(
        plan=hall.training_plan,
        period=DateTimeTZRange(moment(7, 12), moment(7, 15)),
        subject="复训",
        room=hall.rooms[0],
    )
    with pytest.raises(DomainError, match=f"培训计划 {hall.training_plan.name}"):
        services.submit_plan(hall.actor, second)
    with pytest.raises(DomainError, match=f"培训计划 {hall.training_plan.name}"):
        services.arrange_seats(hall.actor, second)
    assert second.sessions.count() == 1, "a refusal leaves the seats as they were"


def test_a_lesson_is_not_put_into_an_exam_room(world):
    """TRN-02, ASM-02: the form of a training plan names the exam that has the room."""
    school = make_school(world)
    hall = make_hall(world, actor=school.actor)
    hall.people(2)
    plan = hall.plan(starts_at=moment(3, 14))
    days = [DayData(moment(3 + n), moment(3 + n, 17), "理论", room=hall.rooms[0]) for n in range(2)]
    with pytest.raises(DomainError) as refused:
        create_plan(school.actor, school.data(days=days, room=None))
    assert f"考核计划 {plan.name}" in refused.value.items["days.0"] and "days.1" not in refused.value.items
    later = [DayData(moment(4 + n), moment(4 + n, 17), "理论", room=hall.rooms[0]) for n in range(2)]
    assert create_plan(school.actor, school.data(days=later, room=None)).pk


def test_what_the_seats_depend_on_clears_them(hall):
    """ASM-02: rooms, times and people; what does not matter leaves them."""
    people = hall.people(4)
    plan = hall.plan()
    changes = [
        lambda: services.update_plan(hall.actor, plan, hall.data(starts_at=moment(8))),
        lambda: services.update_plan(hall.actor, plan, hall.data(starts_at=moment(8), room_limit=20)),
        lambda: services.set_candidates(hall.actor, plan, [row.pk for row in people[:3]]),
    ]
    for change in changes:
        change()
        plan.refresh_from_db()
        assert plan.seated_at is None and not plan.sessions.exists()
        assert not plan.candidates.exclude(seat_number=None).exists()
        services.arrange_seats(hall.actor, plan)
    services.update_plan(hall.actor, plan, hall.data(starts_at=moment(8), room_limit=20, note="带身份证"))
    services.set_candidates(hall.actor, plan, [row.pk for row in people[:3]])
    plan.refresh_from_db()
    assert plan.seated_at is not None and plan.candidates.filter(exam_room=None).count() == 0


def test_seats_are_arranged_by_the_institution_before_the_review_only(hall, world):
    """ASM-02, SEC-01, ORG-14."""
    hall.people(2)
    plan = hall.plan(seated=False)
    for stranger in (make_hall(world).actor, world.actor(hall.institution, "finance"), hall.authority):
        with pytest.raises((NotFoundError, NotAllowedError)):
            services.arrange_seats(stranger, plan)
    services.arrange_seats(hall.actor, plan)
    hall.submit(plan)
    with pytest.raises(WrongStateError, match="已提交审核"):
        services.arrange_seats(hall.actor, plan, seed=3)


def test_nobody_and_unfit_rooms_are_refused(hall):
    """ASM-02: what to do is said."""
    plan = services.create_plan(hall.actor, hall.training_plan, hall.data())
    with pytest.raises(DomainError, match="先选择考生"):
        services.arrange_seats(hall.actor, plan)
    services.set_candidates(hall.actor, plan, [row.pk for row in hall.people(1)])
    type(hall.rooms[0]).objects.update(is_active=False)
    with pytest.raises(DomainError, match="已停用"):
        services.arrange_seats(hall.actor, plan)


def test_statements_do_not_grow_with_the_people(world):
    """ASM-02: 60 and 600 people cost the same number of statements, seats and approval alike."""
    counts = []
    for people in (6, 60, 600):  # the first makes the counter of the day
        hall = make_hall(world, seats=(30,) * 20)
        for _ in range(3):
            hall.people(people // 3)
        plan = hall.plan(seated=False)
        with CaptureQueriesContext(connection) as arranging:
            services.arrange_seats(hall.actor, plan)
        with CaptureQueriesContext(connection) as approving:
            hall.approve(plan)
        assert plan.candidates.exclude(ticket_number=None).count() == people
        counts.append((len(arranging), len(approving)))
    assert counts[1] == counts[2], counts

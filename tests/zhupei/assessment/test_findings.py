"""ASM-03: what is pointed out to whoever reviews an assessment plan."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from tests.zhupei.assessment.halls import Hall, make_hall, moment
from zhupei.assessment.candidates import propose
from zhupei.assessment.findings import findings, neighbor_pairs, unfit_of
from zhupei.assessment.models import AdmissionRule, ExamRoom
from zhupei.training.models import PlanDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world, seats=(30, 20))


def looked_at(plan, now=None) -> dict[str, tuple[str, str, str]]:
    """Label → (tone, figure, note)."""
    people = list(plan.candidates.select_related("enrollment"))
    rooms = list(ExamRoom.objects.filter(session__plan=plan).select_related("room__site", "session"))
    unfit = unfit_of(propose(plan.training_plan, plan), people)
    found = findings(plan, list(plan.sessions.all()), rooms, people, unfit, now or timezone.now())
    return {each.label: (each.tone, each.figure, each.note) for each in found}


def test_nothing_to_say_about_a_plain_plan(hall):
    """Two organizations side by side, in time, in free rooms."""
    for _ in range(2):
        hall.people(2, organization=hall.world.organization())
    found = looked_at(hall.plan())
    assert {tone for tone, _, _ in found.values()} == {"ok"}
    assert found["考场座位"][1] == "4 人 / 1 个考场" and "实操考核" not in found


def test_more_people_than_seats(hall):
    """The limit of the plan counts as well as the seats of the room."""
    hall.people(3)
    plan = hall.plan()
    plan.room_limit = 2
    assert looked_at(plan)["考场座位"][0] == "bad"


def test_pairs_of_one_organization_are_counted_within_a_room(hall):
    """ASM-02: neighbors are seats with following numbers of one room."""
    hall.people(3, occupation="土建施工员")
    hall.people(1, occupation="测量员")
    plan = hall.plan()
    assert neighbor_pairs(list(plan.candidates.select_related("enrollment"))) == 2


def test_a_lesson_in_the_computer_room_at_the_same_time(hall):
    """Rooms of exams are no classrooms meanwhile."""
    hall.people(1)
    plan = hall.plan()
    room = ExamRoom.objects.get(session__plan=plan)
    PlanDay.objects.create(
        plan=plan.training_plan,
        room=room.room,
        subject="实训",
        period=DateTimeTZRange(
            room.period.upper - dt.timedelta(minutes=5), room.period.upper + dt.timedelta(hours=1)
        ),
    )
    tone, figure, note = looked_at(plan)["机房占用"]
    assert tone == "bad" and figure == "1 处冲突" and plan.training_plan.name in note


def test_times_that_are_near_or_over(hall):
    """An exam that has begun cannot be approved; one in two days is pointed out."""
    hall.people(1)
    plan = hall.plan()
    assert looked_at(plan, plan.starts_at - dt.timedelta(days=2))["考核时间"][0] == "wait"
    assert looked_at(plan, plan.starts_at)["考核时间"][:2] == ("bad", "已过")


def test_admission_without_an_invigilator_and_the_practical_part(hall):
    """EXM-03, EXM-08: both are for the reviewer to weigh."""
    hall.people(1)
    plan = hall.plan()
    plan.admission, plan.has_practical = AdmissionRule.WAIVED, True
    found = looked_at(plan)
    assert found["入场方式"][0] == "wait" and found["实操考核"][:2] == ("bad", "未定")
    plan.practical_at, plan.practical_place = moment(7, 10), "实训车间"
    assert "同时" in looked_at(plan)["实操考核"][2]
    plan.practical_at = moment(7, 14)
    assert looked_at(plan)["实操考核"][0] == "ok"

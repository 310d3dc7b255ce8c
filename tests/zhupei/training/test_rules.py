"""Hours, rooms and dates of plans at their limits (TRN-01, TRN-02, ENR-07)."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

from foundation.errors import DomainError
from tests.zhupei.training.schools import moment
from zhupei.training import services
from zhupei.training.models import PlanStage, TrainingPlan
from zhupei.training.plan_states import Opening, opening_of
from zhupei.training.rules import Hours, Stretch, hours_against, smallest_room
from zhupei.training.services import DayData


def taught(*hours):
    """What is taught at levels of so many least hours; None is without a level."""
    return [SimpleNamespace(level=each and SimpleNamespace(minimum_hours=each)) for each in hours]


@pytest.mark.parametrize(
    ("minutes", "suffice"), [(16 * 45, True), (16 * 45 - 1, False), (16 * 45 + 44, True)]
)
def test_hours_are_measured_by_the_most_demanding_level(minutes, suffice):
    """TRN-02: study hours of 45 minutes; exactly the least is enough."""
    start = timezone.now()
    found = hours_against([Stretch(start, start + dt.timedelta(minutes=minutes))], taught(8, 16, None))
    assert (found.least, found.suffice) == (16, suffice)


def test_without_levels_no_hours_are_asked_for():
    """TRN-02: programme A's occupations have no levels."""
    assert hours_against([], taught(None)) == Hours(0, 0, "")


def test_the_smallest_room_of_plan_and_days_counts():
    """TRN-02: wherever the people sit on some day, there must be a seat for each."""
    large, small = SimpleNamespace(seats=40), SimpleNamespace(seats=30)
    plan, day, outside = (SimpleNamespace(room=room) for room in (large, small, None))
    assert smallest_room([plan, day, outside]) is small and smallest_room([outside]) is None


@pytest.mark.django_db
def test_a_plan_of_exactly_the_least_hours_and_the_rooms_seats_is_kept(school):
    """TRN-02: 16 study hours of 45 minutes are 12 hours; a minute less is refused, so is one person more."""

    def day(minutes: int) -> list[DayData]:
        return [
            DayData(
                moment(3 + n),
                moment(3 + n) + dt.timedelta(minutes=share),
                "理论",
                school.teacher,
                school.room,
            )
            for n, share in enumerate((360, minutes - 360))
        ]

    for wrong in (school.data(days=day(719)), school.data(days=day(720), head_count=school.room.seats + 1)):
        with pytest.raises(DomainError):
            services.create_plan(school.actor, wrong)
    assert services.create_plan(school.actor, school.data(days=day(720), head_count=school.room.seats)).pk


@pytest.mark.django_db
def test_a_plan_opens_and_closes_to_the_moment(school, monkeypatch):
    """ENR-07, TRN-04: by its dates, its seats and its stage, whether or not the clock has been served."""
    plan = school.plan(head_count=1)
    one = dt.timedelta(microseconds=1)

    def at(now: dt.datetime, **changed: object) -> Opening:
        monkeypatch.setattr(timezone, "now", lambda: now)
        return opening_of(
            TrainingPlan(
                **{"opens_at": plan.opens_at, "closes_at": plan.closes_at, "head_count": 1} | changed
            )
        )

    stage = {"stage": PlanStage.UPCOMING}
    assert at(plan.opens_at - one, **stage) == Opening.UPCOMING
    assert at(plan.opens_at, **stage) == at(plan.closes_at - one, **stage) == Opening.OPEN
    assert at(plan.opens_at, **stage, seats_taken=1) == Opening.FULL
    assert at(plan.closes_at, **stage) == at(plan.opens_at, stage=PlanStage.CLOSED) == Opening.OVER

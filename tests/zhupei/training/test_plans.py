"""Training plans: name, checks, review, dates (TRN-01 … TRN-04)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.review import services as reviews
from foundation.review.models import ReviewState
from tests.zhupei.training.schools import make_school, moment
from zhupei.training import rules, services
from zhupei.training.models import PlanStage, TrainingPlan
from zhupei.training.services import DayData

pytestmark = pytest.mark.django_db


def test_the_name_is_proposed_by_the_rule_and_unique(school):
    """TRN-01: short name + 培 + year(4) + month(2) + sequence(2)."""
    today = timezone.localdate()
    first = services.create_plan(school.actor, school.data())

    assert first.name == f"{school.institution.short_name}培{today:%Y%m}01"
    with pytest.raises(DomainError, match="不能重复") as refused:
        services.create_plan(school.actor, school.data(name=first.name, days=school.data().days[:0]))
    assert f"{today:%Y%m}02" in refused.value.items["name"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "机构简称"),
        ("别家培20261101", "开头应为"),
        ("{short}培20261301", "年份或月份"),
        ("{short}培20261100", "01 开始"),
        ("{short}培2026111", "机构简称"),
        ("{short}训20261101", "机构简称"),
    ],
)
def test_a_wrong_name_is_refused_with_the_reason(school, name, words):
    """TRN-01: refused with the reason when wrong."""
    short = school.institution.short_name
    with pytest.raises(DomainError) as refused:
        services.create_plan(school.actor, school.data(name=name.format(short=short)))
    assert words in refused.value.items["name"]


@given(st.sets(st.integers(1, 99), max_size=98))
def test_the_proposed_name_is_always_free_and_well_formed(used):
    """TRN-01: whatever is taken already."""
    month = dt.date(2026, 11, 1)
    taken = [f"浙建培202611{number:02d}" for number in used]
    name = rules.propose_name("浙建", month, taken)
    assert name not in taken and rules.name_problem(name, "浙建") == ""


def test_dates_hours_and_places_are_checked(school):
    """TRN-02: dates in order, hours ≥ the minimum of the level, head-count ≤ capacity of the place."""
    days = school.data().days
    refusals = {
        "closes_at": school.data(closes_at=timezone.now() - dt.timedelta(days=1)),
        "head_count": school.data(head_count=41),
        "days": school.data(days=days[:1]),
        "organizations": school.data(form="designated"),
        "items": school.data(offers=[school.world.offer()]),
    }
    for field, data in refusals.items():
        with pytest.raises(DomainError) as refused:
            services.create_plan(school.actor, data)
        assert field in refused.value.items, field
    with pytest.raises(DomainError, match="16 学时"):
        services.create_plan(school.actor, refusals["days"])
    with pytest.raises(DomainError, match="报名截止以后"):
        services.create_plan(school.actor, school.data(closes_at=moment(4)))
    assert not TrainingPlan.objects.exists()


@pytest.mark.parametrize("what", ["teacher", "room"])
def test_a_double_booking_is_refused_and_the_other_plan_named(school, what):
    """TRN-02: the database refuses an overlapping teacher or room."""
    first = services.create_plan(school.actor, school.data())
    kept = {"teacher": None, "room": None} | {what: getattr(school, what)}
    clash = [DayData(moment(3, 16), moment(3, 20), "实操", **kept), DayData(moment(9), moment(9, 19), "实操")]

    with pytest.raises(DomainError) as refused:
        services.create_plan(school.actor, school.data(days=clash))

    assert first.name in refused.value.message and str(getattr(school, what)) in refused.value.message
    assert TrainingPlan.objects.count() == 1


def test_submitted_withdrawn_rejected_edited_and_approved_by_two_people(school):
    """TRN-03: withdraw while 未受理, accept, reject with reasons, 去上报 again; the record lists everything."""
    plan = services.create_plan(school.actor, school.data())
    supervisor = school.institution.supervisor
    clerk, chief = school.world.actor(supervisor), school.world.actor(supervisor)
    services.submit_plan(school.actor, plan)
    services.withdraw_plan(school.actor, plan)
    services.submit_plan(school.actor, plan)
    with pytest.raises(WrongStateError):
        services.update_plan(school.actor, plan, school.data())
    reviews.accept(clerk, plan.review)
    with pytest.raises(WrongStateError):
        services.withdraw_plan(school.actor, plan)
    reviews.reject(chief, plan.review, reasons={"place": "请写明楼层"})

    services.update_plan(school.actor, plan, school.data(name=plan.name, place="样本街2号三楼"))
    services.submit_plan(school.actor, plan)
    plan.review.refresh_from_db()
    assert [row["after"] for row in reviews.changes(plan.review)] == ["样本街2号三楼"]
    reviews.accept(clerk, plan.review)
    reviews.approve(chief, plan.review)

    plan.refresh_from_db()
    assert (plan.review.state, plan.stage) == (ReviewState.APPROVED, PlanStage.UPCOMING)
    acts = [(log.action, log.user) for log in reviews.history(plan.review)]
    assert acts[-2:] == [("accept", clerk.user), ("approve", chief.user)]


def test_enrollment_opens_and_closes_by_itself(school):
    """TRN-04: at its time, without anybody's click."""
    plan = services.create_plan(school.actor, school.data(opens_at=moment(1, 8), closes_at=moment(2)))
    services.submit_plan(school.actor, plan)
    authority = school.world.actor(school.institution.supervisor)
    reviews.accept(authority, plan.review)
    reviews.approve(authority, plan.review)

    services.follow_dates(moment(0, 7))
    stages = []
    for now in (moment(1, 7), moment(1, 8), moment(2, 10)):
        services.follow_dates(now)
        plan.refresh_from_db()
        stages.append(plan.stage)
    assert stages == [PlanStage.UPCOMING, PlanStage.ENROLLING, PlanStage.CLOSED]


def test_strangers_neither_see_nor_touch_a_plan(school):
    """SEC-01: another institution, another city's authority, an organization the plan isn't offered to."""
    plan = services.create_plan(school.actor, school.data())
    other = make_school(school.world)
    firm = school.world.actor(school.world.organization(supervisor=school.institution.supervisor))

    for stranger in (other.actor, firm, school.world.actor(school.world.authority("330200", "宁波市"))):
        assert not TrainingPlan.objects.visible_to(stranger).exists()
    with pytest.raises(NotFoundError):
        services.submit_plan(other.actor, plan)
    with pytest.raises(NotAllowedError):
        services.create_plan(firm, school.data())

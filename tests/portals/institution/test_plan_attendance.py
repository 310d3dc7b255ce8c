"""考勤 in the institution's portal: by day, by code, confirmed once, corrected, finished (TRN-06)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.portals.pressing import refused
from tests.zhupei.training.schools import School, make_school
from zhupei.enrollment.models import Enrollment
from zhupei.training import services
from zhupei.training.models import AttendanceMark, TrainingPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(world: Any) -> School:
    return make_school(world)


@pytest.fixture
def clerk(school: School) -> Client:
    return school.world.client(school.actor.user)


@pytest.fixture
def plan(school: School) -> TrainingPlan:
    """A class of three that has started."""
    batch = school.world.batch(3, state="enrolled", offer=school.offer)
    plan = school.plan()
    services.place_into_plan(school.actor, plan, list(batch.enrollments.values_list("pk", flat=True)))
    services.start_class(school.actor, plan)
    plan.refresh_from_db()
    return plan


def at(name: str, *keys: int) -> str:
    return reverse(f"institution:{name}", args=keys)


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def teach_now(plan: TrainingPlan) -> None:
    """The first lesson is on."""
    day, now = plan.days.first(), timezone.now()
    assert day is not None
    day.period = DateTimeTZRange(now - dt.timedelta(seconds=1), now + dt.timedelta(hours=2))
    day.save()


def test_before_the_class_the_page_says_what_to_do(school: School, clerk: Client) -> None:
    """TRN-06: an empty state with the way on."""
    assert "还没有开班" in text(clerk.get(at("plan_attendance", school.plan().pk)))


def test_a_day_is_kept_with_the_ticked_absent(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-06: everybody else counts as present."""
    url, day = at("plan_attendance", plan.pk), plan.days.first()
    absent = plan.placements.first()
    assert day is not None and absent is not None
    assert "还没有登记" in text(clerk.get(url))
    kept = clerk.post(url, {"day": day.pk, "absent": [absent.pk]}, follow=True)
    assert "出勤 2 人，缺勤 1 人" in kept.content.decode()
    assert sorted(AttendanceMark.objects.values_list("is_present", flat=True)) == [False, True, True]
    assert clerk.get(url, {"day": 10**6}).status_code == 404
    assert clerk.post(url, {"day": "x"}).status_code == 404


def test_the_attendance_takes_few_queries(
    clerk: Client, plan: TrainingPlan, django_assert_max_num_queries: Any
) -> None:
    """PRF: whatever the number of people and days."""
    with django_assert_max_num_queries(16):
        clerk.get(at("plan_attendance", plan.pk))


def test_confirmed_once_after_a_summary_then_locked(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-06: n present, n absent with names; a double click confirms once."""
    url, absent = at("plan_attendance_confirm", plan.pk), plan.placements.first()
    assert absent is not None
    clerk.post(at("plan_attendance", plan.pk), {"day": plan.days.first().pk, "absent": [absent.pk]})  # type: ignore[union-attr]
    listed = text(clerk.get(url))
    assert listed.count(" checked") == 1
    summary = text(clerk.post(url, {"step": "check", "absent": [absent.pk]}))
    assert "出勤 2 人，缺勤 1 人" in summary and absent.enrollment.name in summary
    assert Enrollment.objects.filter(state="in_training").count() == 3
    done = clerk.post(url, {"step": "confirm", "absent": [absent.pk]}, follow=True)
    again = clerk.post(url, {"step": "confirm"}, follow=True)
    assert "2 人培训完成，1 人缺勤" in done.content.decode()
    assert "没有再次确认" in again.content.decode()
    assert sorted(Enrollment.objects.values_list("state", flat=True)) == ["absent", "trained", "trained"]
    day = plan.days.first()
    assert day is not None
    late = clerk.post(at("plan_attendance", plan.pk), {"day": day.pk}, follow=True)
    assert "还没有确认考勤" in late.content.decode()


def test_somebody_of_another_plan_cannot_be_marked(clerk: Client, plan: TrainingPlan) -> None:
    """SEC-01: a foreign key in the form changes nothing."""
    clerk.post(at("plan_attendance_confirm", plan.pk), {"step": "confirm", "absent": [10**9]})
    plan.refresh_from_db()
    assert plan.stage == "in_session"


def test_a_correction_needs_a_reason_and_is_listed_then_the_training_ends(
    school: School, clerk: Client, plan: TrainingPlan
) -> None:
    """TRN-06: logged with who, whom, why; 培训结束."""
    seat = plan.placements.first()
    assert seat is not None
    services.confirm_attendance(school.actor, plan, {seat.pk})
    url = at("plan_attendance_correct", plan.pk, seat.pk)
    refused = clerk.post(url, {"to": "present"}, follow=True)
    assert "请写明更正的原因" in refused.content.decode()
    clerk.post(url, {"to": "present", "reason": "补签到表"})
    page = text(clerk.get(at("plan_attendance", plan.pk)))
    assert f"{seat.enrollment.name}：更正为出勤" in page and "补签到表" in page
    assert "出勤 3 人，缺勤 0 人" in page
    clerk.post(at("plan_finish", plan.pk))
    plan.refresh_from_db()
    assert plan.stage == "finished"
    assert "培训结束" in text(clerk.get(at("plan_attendance", plan.pk)))


NOBODY = {"absent": [10**9]}


@pytest.mark.parametrize(
    ("confirmed", "stands_on", "button", "data", "sentence"),
    [
        (False, "plan_attendance", "plan_attendance", NOBODY, "有人不在本计划"),
        (False, "plan_attendance_confirm", "plan_attendance_confirm", NOBODY, "有人不在本计划"),
        (False, "plan_attendance", "plan_attendance_correct", {"reason": "补签"}, "考勤还没有确认"),
        (False, "plan_attendance", "plan_finish", {}, "不能"),
        (True, "plan_attendance", "plan_attendance", {}, "还没有确认考勤的计划可以登记"),
        (True, "plan_attendance", "plan_attendance_correct", {"to": "absent"}, "请写明更正的原因"),
    ],
)
def test_a_refusal_is_said_where_the_button_stands(
    school: School,
    clerk: Client,
    plan: TrainingPlan,
    confirmed: bool,
    stands_on: str,
    button: str,
    data: dict[str, Any],
    sentence: str,
) -> None:
    """TRN-06: on the page of the very day, and nothing is changed."""
    if confirmed:
        services.confirm_attendance(school.actor, plan, set())
    seat, day = plan.placements.first(), plan.days.last()
    assert seat is not None and day is not None
    here = at(stands_on, plan.pk)
    if button == "plan_attendance":
        here += f"?day={day.pk}"
    there = at(button, plan.pk, *([seat.pk] if button == "plan_attendance_correct" else []))
    assert sentence in refused(clerk, here, there, {"day": day.pk, "step": "confirm"} | data)
    assert not AttendanceMark.objects.exists()
    plan.refresh_from_db()
    assert plan.stage == ("attendance_confirmed" if confirmed else "in_session")


def test_the_screen_shows_a_code_and_who_is_in(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-06: renewed every 30 seconds, counted every 5; a day without a lesson says so."""
    screen = at("plan_check_in", plan.pk)
    assert "今天没有课" in text(clerk.get(screen))
    teach_now(plan)
    page = text(clerk.get(screen))
    assert 'hx-trigger="every 30s"' in page and "<svg" in page and "还有 3 人没有签到" in page
    seat, day = plan.placements.first(), plan.days.first()
    assert seat is not None and day is not None
    AttendanceMark.objects.create(placement=seat, day=day, is_present=True, method="qr_code")
    assert "<b>1</b> / 3 人" in text(clerk.get(at("plan_check_in_count", plan.pk)))
    answer = clerk.get(at("plan_check_in_code", plan.pk))
    assert "<svg" in text(answer) and "no-store" in answer["Cache-Control"]


def test_strangers_find_nothing(school: School, plan: TrainingPlan) -> None:
    """SEC-01: 404 on every address."""
    seat = plan.placements.first()
    assert seat is not None
    stranger = school.world.client(school.world.institution())
    for name in ("plan_attendance", "plan_attendance_confirm", "plan_check_in", "plan_check_in_code"):
        assert stranger.get(at(name, plan.pk)).status_code == 404
    assert stranger.get(at("plan_check_in_count", plan.pk)).status_code == 404
    for url in (
        at("plan_attendance", plan.pk),
        at("plan_attendance_confirm", plan.pk),
        at("plan_attendance_correct", plan.pk, seat.pk),
        at("plan_finish", plan.pk),
    ):
        assert stranger.post(url, {"step": "confirm"}).status_code == 404
    plan.refresh_from_db()
    assert plan.stage == "in_session"

"""The learner's plan and check-in by phone (TRN-06, TRN-07)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.zhupei.training.schools import School, make_school
from zhupei.enrollment.models import Enrollment
from zhupei.learning.services import open_study_accounts
from zhupei.portals.learner.views.plans import SCANNED
from zhupei.training import services
from zhupei.training.models import AttendanceMark, TrainingPlan
from zhupei.training.services import attendance

pytestmark = pytest.mark.django_db
HOME, CHECK_IN = "/learner/", "/learner/check-in/"


@pytest.fixture
def school(world: Any) -> School:
    return make_school(world)


@pytest.fixture
def plan(school: School) -> TrainingPlan:
    """A class of two that has started; its first lesson is on."""
    batch = school.world.batch(2, state="enrolled", offer=school.offer)
    plan = school.plan()
    services.place_into_plan(school.actor, plan, list(batch.enrollments.values_list("pk", flat=True)))
    services.start_class(school.actor, plan)
    day, now = plan.days.first(), timezone.now()
    assert day is not None
    day.period = DateTimeTZRange(now - dt.timedelta(seconds=1), now + dt.timedelta(hours=2))
    day.save()
    plan.refresh_from_db()
    return plan


@pytest.fixture
def learner(school: School, plan: TrainingPlan) -> Client:
    return client_of(school, plan.placements.order_by("pk")[0].enrollment)


def client_of(school: School, row: Enrollment) -> Client:
    open_study_accounts([row])
    row.person.refresh_from_db()
    return school.world.client(row.person.user)


def test_the_plan_is_on_the_home_page_and_has_its_own(
    school: School, learner: Client, plan: TrainingPlan
) -> None:
    """TRN-07: days, place, teacher, attendance."""
    home = learner.get(HOME).content.decode()
    page = learner.get(reverse("learner:plan", args=[plan.pk])).content.decode()
    assert plan.name in home and plan.place in home and "下次上课" in home
    for word in (plan.place, "沈老师", "安全生产与理论", "未开始", "未登记", "已开班"):
        assert word in page
    services.confirm_attendance(school.actor, plan, {plan.placements.order_by("pk")[0].pk})
    assert "本期记为缺勤" in learner.get(HOME).content.decode()
    assert "不用再缴费" in learner.get(reverse("learner:plan", args=[plan.pk])).content.decode()


def test_another_learners_plan_is_not_there(school: School, plan: TrainingPlan) -> None:
    """SEC-01: also for who was taken out of it."""
    other = school.world.batch(1, state="enrolled", offer=school.offer).enrollments.get()
    stranger = client_of(school, other)
    url = reverse("learner:plan", args=[plan.pk])
    assert stranger.get(url).status_code == 404
    assert Client().get(url).status_code == 302
    day = plan.days.first()
    assert day is not None
    AttendanceMark.objects.create(
        placement=plan.placements.all()[0], day=day, is_present=True, method="qr_code"
    )
    assert stranger.get(reverse("learner:checked_in", args=[day.pk])).status_code == 404


def test_scanning_checks_in_and_shows_a_result_that_survives_a_reload(
    learner: Client, plan: TrainingPlan
) -> None:
    """TRN-06: once, with a clear page."""
    token = attendance.check_in_token(plan)
    result = learner.get(CHECK_IN, {"t": token}, follow=True)
    assert "签到成功" in result.content.decode()
    again = learner.get(result.redirect_chain[-1][0])
    assert "签到成功" in again.content.decode()
    assert AttendanceMark.objects.get().is_present
    stale = learner.get(CHECK_IN, {"t": "1:2:3"})
    assert stale.status_code == 409 and "签到码已过期" in stale.content.decode()
    assert "扫描教室屏幕上的二维码" in learner.get(CHECK_IN).content.decode()


def test_who_is_not_signed_in_signs_in_first_and_is_checked_in_then(
    school: School, plan: TrainingPlan
) -> None:
    """TRN-06: the scan counts from when it was made, in this browser only."""
    row = plan.placements.order_by("pk")[1].enrollment
    open_study_accounts([row])
    row.person.refresh_from_db()
    user = row.person.user
    user.set_password("Zhupei-2026-test")
    user.must_change_password = False
    user.save()
    token = attendance.check_in_token(plan)
    phone = Client()
    sent = phone.get(CHECK_IN, {"t": token})
    assert sent.status_code == 302 and "/sign-in/learner/" in sent["Location"]
    # The home page, where a first sign-in ends, goes on to the check-in as well.
    phone.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    done = phone.get(HOME, follow=True)
    assert "签到成功" in done.content.decode()
    assert AttendanceMark.objects.get().placement.enrollment == row
    assert SCANNED not in phone.session
    assert phone.get(HOME).status_code == 200


def test_signing_in_by_password_goes_on_to_the_check_in(school: School, plan: TrainingPlan) -> None:
    """TRN-06: from the code to the result in one go, through the real sign-in page."""
    row = plan.placements.order_by("pk")[1].enrollment
    open_study_accounts([row])
    row.person.refresh_from_db()
    user = row.person.user
    user.set_password("Zhupei-2026-test")
    user.save()
    phone = Client()
    sent = phone.get(CHECK_IN, {"t": attendance.check_in_token(plan)})
    done = phone.post(
        sent["Location"], {"account": row.id_number, "password": "Zhupei-2026-test"}, follow=True
    )
    assert "签到成功" in done.content.decode()


def test_home_with_plans_uses_few_queries(
    learner: Client, plan: TrainingPlan, django_assert_max_num_queries: Any
) -> None:
    """PRF: no query a plan or day."""
    with django_assert_max_num_queries(12):
        learner.get(HOME)

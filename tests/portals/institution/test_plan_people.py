"""学员 of a plan in the institution's portal: compare, return, take out, put in, start (TRN-04 … TRN-06)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.portals.pressing import press, refused
from tests.zhupei.training.schools import School, make_school
from tests.zhupei.training.test_enrolling import entry
from zhupei.enrollment.models import Enrollment, MaterialKind
from zhupei.training import services
from zhupei.training.models import Placement, TrainingPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(world: Any) -> School:
    return make_school(world)


@pytest.fixture
def clerk(school: School) -> Client:
    return school.world.client(school.actor.user)


@pytest.fixture
def plan(school: School) -> TrainingPlan:
    """Three paid people of one organization in it, with their pictures."""
    batch = school.world.batch(3, state="enrolled", offer=school.offer)
    for row in batch.enrollments.all():
        for kind in (MaterialKind.PORTRAIT, MaterialKind.ID_FRONT):
            school.world.material(row, kind)
    plan = school.plan()
    services.place_into_plan(school.actor, plan, list(batch.enrollments.values_list("pk", flat=True)))
    plan.refresh_from_db()
    return plan


def at(name: str, *keys: int) -> str:
    return reverse(f"institution:{name}", args=keys)


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def test_organizations_people_and_both_pictures_are_listed(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-04: 报名企业 with counts, portrait beside the ID front, ID numbers masked."""
    page = text(clerk.get(at("plan_people", plan.pk)))
    row = Enrollment.objects.first()
    assert row is not None
    assert row.organization.name in page and "3 人" in page and "还剩 <b>2</b>" in page
    assert page.count("?thumb=1") == 6 and page.count('alt="身份证正面"') == 3
    assert row.id_number not in page
    assert "开班后 3 人变为“培训中”" in page


def test_the_list_takes_few_queries(
    school: School, clerk: Client, plan: TrainingPlan, django_assert_max_num_queries: Any
) -> None:
    """PRF: no query a person; twelve of its own beside what every page of the portal asks."""
    with django_assert_max_num_queries(18):
        clerk.get(at("plan_people", plan.pk))
    seat = plan.placements.first()
    assert seat is not None
    with django_assert_max_num_queries(24):
        clerk.get(at("plan_person", plan.pk, seat.pk))


def test_a_mismatch_is_returned_with_a_reason_and_keeps_the_seat(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-04: without a reason nothing happens."""
    seat = plan.placements.first()
    assert seat is not None
    url = at("plan_person", plan.pk, seat.pk)
    page = text(clerk.get(url))
    assert "退回企业修改" in page and "移出计划" in page
    clerk.post(url, {"verdict": "return"})
    assert Enrollment.objects.get(pk=seat.enrollment_id).state == "enrolled"
    clerk.post(url, {"verdict": "return", "reason": "portrait:头像与身份证不是同一人"})
    row = Enrollment.objects.get(pk=seat.enrollment_id)
    plan.refresh_from_db()
    assert (row.state, plan.seats_taken) == ("returned", 3)
    assert "头像与身份证不是同一人" in str(row.reasons)
    listed = text(clerk.get(at("plan_people", plan.pk)))
    assert "还不能开班：1 人" in listed and row.name in listed
    assert at("plan_start", plan.pk) not in listed
    clerk.post(at("plan_start", plan.pk))
    plan.refresh_from_db()
    assert plan.stage == "enrolling"


def test_one_or_many_are_taken_out(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-05: by the list or on the person's page."""
    first, second, third = plan.placements.order_by("pk")
    clerk.post(at("plan_remove", plan.pk, first.pk))
    clerk.post(at("plan_people", plan.pk), {"_action": "remove", "ids": [second.pk, third.pk]})
    plan.refresh_from_db()
    assert plan.seats_taken == 0 and not plan.placements.live().exists()
    assert "还没有学员" in text(clerk.get(at("plan_people", plan.pk)))


def test_people_are_put_in_by_tick_or_by_waiting_time(
    school: School, clerk: Client, plan: TrainingPlan
) -> None:
    """TRN-05: seats left are shown and enforced."""
    waiting = school.world.batch(4, state="enrolled", offer=school.offer)
    keys = list(waiting.enrollments.order_by("created_at", "pk").values_list("pk", flat=True))
    url = at("plan_placing", plan.pk)
    page = text(clerk.get(url))
    assert "最多还能加 2 人" in page and "按等待时间编入前 2 人" in page
    refused = clerk.post(url, {"_action": "place", "ids": keys[:3]}, follow=True)
    assert "只剩 2 个名额" in refused.content.decode()
    clerk.post(url, {"_action": "place", "ids": keys[3:]})
    clerk.post(at("plan_place_longest", plan.pk))
    seated = set(plan.placements.live().values_list("enrollment_id", flat=True))
    assert {keys[0], keys[3]} <= seated and not {keys[1], keys[2]} & seated
    assert "名额已满" in text(clerk.get(url))


def test_absentees_of_an_earlier_plan_join(school: School, clerk: Client, plan: TrainingPlan) -> None:
    """TRN-05: they don't pay again."""
    services.start_class(school.actor, plan)
    absent = plan.placements.first()
    assert absent is not None
    services.confirm_attendance(school.actor, plan, {absent.pk})
    school.teacher.days.all().delete()
    following = school.plan()
    url = at("plan_absentees", following.pk)
    assert absent.enrollment.name in text(clerk.get(url))
    clerk.post(url, {"_action": "place", "ids": [absent.enrollment_id]})
    assert Enrollment.objects.get(pk=absent.enrollment_id).state == "enrolled"
    assert "缺勤转入" in text(clerk.get(at("plan_people", following.pk)))
    assert "缺勤，已转入下一期" in text(clerk.get(at("plan_people", plan.pk)))


def test_the_class_starts_once(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-06: a double click does no harm."""
    first = clerk.post(at("plan_start", plan.pk), follow=True)
    again = press(clerk, at("plan_people", plan.pk), at("plan_start", plan.pk), follow=True)
    assert "已开班，3 人进入培训中" in first.content.decode()
    assert "已开班" in again.content.decode()
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"in_training"}


@pytest.mark.parametrize(
    ("started", "stands_on", "button", "data", "sentence"),
    [
        (False, "plan_person", "plan_person", {"verdict": "return"}, "请点选原因后退回"),
        (False, "plan_placing", "plan_place_longest", {}, "没有可以编入的学员，或名额已满"),
        (True, "plan_person", "plan_person", {"verdict": "return", "reason": "portrait:不清"}, "已经开班"),
        (True, "plan_person", "plan_remove", {}, "不能变动学员"),
        (True, "plan_people", "plan_remove", {}, "不能变动学员"),
    ],
)
def test_a_refusal_is_said_where_the_button_stands(
    school: School,
    clerk: Client,
    plan: TrainingPlan,
    started: bool,
    stands_on: str,
    button: str,
    data: dict[str, Any],
    sentence: str,
) -> None:
    """TRN-04 … TRN-06: also on one person's page, and nothing is changed."""
    if started:
        services.start_class(school.actor, plan)
    seat = plan.placements.first()
    assert seat is not None
    of_seat = {"plan_person", "plan_remove"}
    here, there = (at(name, plan.pk, *([seat.pk] if name in of_seat else [])) for name in (stands_on, button))
    assert sentence in refused(clerk, here, there, data)
    assert plan.placements.live().count() == 3


def test_a_class_that_cannot_start_stays_with_its_people(clerk: Client, plan: TrainingPlan) -> None:
    """TRN-06: who is not ready is named where the button stands."""
    row = Enrollment.objects.order_by("pk")[0]
    Enrollment.objects.filter(pk=row.pk).update(state="returned")
    said = refused(clerk, at("plan_people", plan.pk), at("plan_start", plan.pk))
    assert f"{row.name}还没有完成报名缴费" in said
    plan.refresh_from_db()
    assert plan.stage != "in_session"


def test_people_who_have_not_handed_in_are_seen_without_their_papers(school: School, clerk: Client) -> None:
    """ENR-07: a seat is seen from the start and can be taken back; what was not handed in stays closed."""
    plan = school.plan()
    firm = school.world.actor(school.world.organization(supervisor=school.institution.supervisor))
    row = services.enroll_one_into_plan(firm, plan.items.get(), entry(school.world, firm.body))
    seat = Placement.objects.get(enrollment=row)
    listed = text(clerk.get(at("plan_people", plan.pk)))
    page = text(clerk.get(at("plan_person", plan.pk, seat.pk)))
    assert row.name in listed and "未提交" in listed
    assert "资料还没有提交" in page and row.phone not in page and "退回企业修改" not in page


def test_strangers_find_nothing(school: School, plan: TrainingPlan) -> None:
    """SEC-01: 404 on every address, whoever asks; another plan's seat neither."""
    seat = plan.placements.first()
    assert seat is not None
    stranger = school.world.client(school.world.institution())
    for name in ("plan_people", "plan_placing", "plan_absentees"):
        assert stranger.get(at(name, plan.pk)).status_code == 404
    assert stranger.get(at("plan_person", plan.pk, seat.pk)).status_code == 404
    for url in (
        at("plan_start", plan.pk),
        at("plan_place_longest", plan.pk),
        at("plan_remove", plan.pk, seat.pk),
        at("plan_person", plan.pk, seat.pk),
        at("plan_placing", plan.pk),
    ):
        assert stranger.post(url, {"verdict": "return"}).status_code == 404
    assert plan.placements.live().count() == 3

"""计划审核 of the authority: work list, case, 受理, verdict (TRN-03)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from foundation.messages.models import Message
from foundation.review import services as reviews
from foundation.review.models import Review
from tests.zhupei.training.schools import School, make_school, moment
from zhupei.training import services
from zhupei.training.models import PlanStage, TrainingPlan

pytestmark = pytest.mark.django_db
LIST = "/authority/plans/"
# What a browser sends along; a refusal leads back there.
FROM = "http://testserver"


@pytest.fixture
def school(world) -> School:
    return make_school(world)


@pytest.fixture
def client(school) -> Client:
    return school.world.client(school.institution.supervisor)


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def handed_in(school: School, offset: int = 0, **changed) -> TrainingPlan:
    """A plan that waits; one of another `offset` is taught on other days."""
    days = [
        services.DayData(moment(3 + 2 * offset + n), moment(3 + 2 * offset + n, 17), "理论", school.teacher)
        for n in range(2)
    ]
    plan = services.create_plan(school.actor, school.data(days=days, **changed))
    services.submit_plan(school.actor, plan)
    return plan


def url_of(plan: TrainingPlan, act: str = "") -> str:
    return f"{LIST}{plan.pk}/{act}"


def decide(client: Client, plan: TrainingPlan, verdict: str, **given):
    plan.review.refresh_from_db()
    data = {"verdict": verdict, "round": plan.review.round} | given
    return client.post(url_of(plan, "decide/"), data, headers={"referer": FROM + url_of(plan)})


def test_what_waits_comes_first_with_its_deadline(client, school):
    """TRN-03: the oldest first, the deadline as a traffic light, tabs by state, the menu counts."""
    first, second = handed_in(school), handed_in(school, 1)
    draft = services.create_plan(
        school.actor, school.data(days=[services.DayData(moment(20), moment(20, 22), "理论")])
    )
    Review.objects.filter(pk=first.review_id).update(due_on=timezone.localdate() - dt.timedelta(days=7))
    text = page(client, LIST)
    assert text.index(first.name) < text.index(second.name) and "超期" in text and "个工作日" in text
    assert draft.name not in page(client, f"{LIST}?tab=")
    for word in ("未受理", "已受理", "已审核", "审核不通过"):
        assert word in text
    assert 'aria-label="2 件待办"' in text
    client.post(url_of(first, "accept/"))
    assert first.name in page(client, f"{LIST}?tab=accepted")
    assert first.name not in page(client, f"{LIST}?tab=submitted")


def test_the_home_page_lists_the_plans_that_wait(client, school):
    """QRY-04: with the institution beside the plan."""
    plan = handed_in(school)
    text = page(client, "/authority/")
    assert plan.name in text and school.institution.name in text and url_of(plan) in text


def test_acceptance_is_a_step_of_its_own_and_the_next_case_loads(client, school):
    """TRN-03: 受理, then 通过; the plan is published and the institution told; on to the next one."""
    plan, following = handed_in(school), handed_in(school, 1)
    text = page(client, url_of(plan))
    assert "受理（A）" in text and 'value="approve"' not in text
    assert decide(client, plan, "approve")["Location"] == FROM + url_of(plan)
    plan.refresh_from_db()
    assert plan.stage == PlanStage.PENDING

    assert client.post(url_of(plan, "accept/"))["Location"] == url_of(plan)
    text = page(client, url_of(plan))
    assert 'value="approve"' in text and 'data-key="r"' in text and "受理（A）" not in text
    assert decide(client, plan, "approve")["Location"] == url_of(following)

    plan.refresh_from_db()
    assert plan.stage == PlanStage.UPCOMING and plan.review.state == "approved"
    told = Message.objects.visible_to(school.actor).filter(title__contains=plan.name)
    assert "审核通过" in told.get().title
    client.post(url_of(following, "accept/"))
    assert decide(client, following, "approve")["Location"] == LIST


def test_a_rejection_names_the_items_and_the_change_is_seen_next_time(client, school):
    """TRN-03: 不通过 needs reasons per item; after 去上报 the case shows what changed since."""
    plan = handed_in(school)
    client.post(url_of(plan, "accept/"))
    decide(client, plan, "reject")
    plan.review.refresh_from_db()
    assert plan.review.state == "accepted"
    decide(client, plan, "reject", reason=["place|培训地点不具体，请写明楼层和教室"])
    plan.review.refresh_from_db()
    assert plan.review.reasons == {"place": "培训地点不具体，请写明楼层和教室"}
    assert "审核不通过，等待对方修改" in page(client, url_of(plan))

    days = [services.DayData(moment(3 + n), moment(3 + n, 17), "理论", school.teacher) for n in range(2)]
    services.update_plan(school.actor, plan, school.data(name=plan.name, place="样本街2号三楼301", days=days))
    plan.review.refresh_from_db()
    services.submit_plan(school.actor, plan)
    text = page(client, url_of(plan))
    assert "与上次提交相比" in text and "<mark>样本街2号三楼301</mark>" in text and "样本街2号<" in text
    assert "上次不通过的原因" in text and "第 2 次提交" in text
    assert text.count("提交审核") >= 2


def test_the_case_holds_hours_against_the_minimum_and_people_against_seats(client, school):
    """TRN-02: what the reviewer would have to reckon is there."""
    plan = handed_in(school, head_count=40)
    text = page(client, url_of(plan))
    assert "21 / 16 学时" in text and "40 人 / 40 座" in text
    assert f"¥{school.offer.fee:,.2f}" in text and school.teacher.name in text
    school.room.seats = 30
    school.room.save()
    text = page(client, url_of(plan))
    assert "40 人 / 30 座" in text and "不符合：" in text


def test_another_citys_authority_and_other_portals_find_nothing(client, school):
    """SEC-01: strangers; the province looks but does not decide."""
    plan, world = handed_in(school), school.world
    draft_of_nobody = services.create_plan(
        school.actor, school.data(days=[services.DayData(moment(20), moment(20, 22), "理论")])
    )
    assert client.get(url_of(draft_of_nobody)).status_code == 404
    for stranger in (world.authority("330200", "宁波市"), school.institution, world.organization()):
        other = world.client(stranger)
        assert other.get(url_of(plan)).status_code == 404
        assert other.post(url_of(plan, "accept/")).status_code == 404
        assert decide(other, plan, "approve").status_code == 404
    province = world.client(world.authority("330000", "浙江省"))
    assert "这里只能查看" in page(province, url_of(plan))
    province.post(url_of(plan, "accept/"))
    decide(province, plan, "approve")
    plan.review.refresh_from_db()
    assert plan.review.state == "submitted"


def test_an_outdated_screen_decides_nothing(client, school):
    """TRN-03: what was withdrawn and handed in again meanwhile is looked at again."""
    plan = handed_in(school)
    services.withdraw_plan(school.actor, plan)
    plan.review.refresh_from_db()
    services.submit_plan(school.actor, plan)
    reviews.accept(school.world.actor(school.institution.supervisor), plan.review)
    client.post(url_of(plan, "decide/"), {"verdict": "approve", "round": "1"})
    plan.review.refresh_from_db()
    assert plan.review.state == "accepted"


def test_the_list_asks_few_questions(client, school, django_assert_max_num_queries):
    """TRN-03: at most 12 queries besides session and user."""
    for number in range(4):
        handed_in(school, number)
    client.get(LIST)
    with django_assert_max_num_queries(14):
        page(client, LIST)


def test_accepting_and_deciding_may_be_two_peoples_work(school):
    """ORG-14, TRN-03: the acceptor accepts, the reviewer decides; each sees only the own button."""
    plan, world = handed_in(school), school.world
    acceptor = world.client(world.user(school.institution.supervisor, "acceptor"))
    reviewer = world.client(world.user(school.institution.supervisor, "reviewer"))
    assert "受理（A）" not in page(reviewer, url_of(plan))
    reviewer.post(url_of(plan, "accept/"))
    plan.review.refresh_from_db()
    assert plan.review.state == "submitted"
    acceptor.post(url_of(plan, "accept/"))
    assert 'value="approve"' not in page(acceptor, url_of(plan))
    decide(acceptor, plan, "approve")
    plan.review.refresh_from_db()
    assert plan.review.state == "accepted"
    decide(reviewer, plan, "approve")
    plan.review.refresh_from_db()
    assert plan.review.state == "approved"

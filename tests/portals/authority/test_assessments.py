"""考核审核 of the authority: work list, case with what was checked, 受理, verdict (ASM-03)."""

from __future__ import annotations

import pytest
from django.test import Client

from foundation.messages.models import Message
from tests.zhupei.assessment.halls import Hall, make_hall, moment
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db
LIST = "/authority/assessments/"
# What a browser sends along; a refusal leads back there.
FROM = "http://testserver"


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world, seats=(30, 20))


@pytest.fixture
def client(hall) -> Client:
    return hall.world.client(hall.institution.supervisor)


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def handed_in(hall: Hall, count: int = 3, days: int = 7, occupation: str = "土建施工员") -> AssessmentPlan:
    hall.people(count, occupation=occupation)
    return hall.submit(hall.plan(starts_at=moment(days)), accept=False)


def url_of(plan: AssessmentPlan, act: str = "") -> str:
    return f"{LIST}{plan.pk}/{act}"


def decide(client: Client, plan: AssessmentPlan, verdict: str, **given):
    plan.review.refresh_from_db()
    return client.post(
        url_of(plan, "decide/"),
        {"verdict": verdict, "round": plan.review.round} | given,
        headers={"referer": FROM + url_of(plan)},
    )


def test_what_waits_is_listed_counted_and_on_the_home_page(client, hall):
    """ASM-03, QRY-04: the oldest first, tabs by state, menu and home lead to it; drafts are not there."""
    first, second = handed_in(hall), handed_in(hall, days=9)
    hall.people(1)
    draft = hall.plan(starts_at=moment(12))
    text = page(client, LIST)
    assert text.index(first.name) < text.index(second.name) and "个工作日" in text
    assert draft.name not in page(client, f"{LIST}?tab=")
    assert 'aria-label="2 件待办"' in text
    home = page(client, "/authority/")
    assert url_of(first) in home and url_of(second) in home
    assert client.get(url_of(draft)).status_code == 404


def test_the_case_shows_who_sits_where_and_who_is_left_out(client, hall):
    """ASM-03: figures, candidates by occupation and room, the class without those examined, with reasons."""
    absent = hall.people(1, is_absent=True)[0]
    hall.people(2, occupation="测量员")
    plan = handed_in(hall)
    text = page(client, url_of(plan))
    assert absent.name in text and "未编入考核的学员" in text
    for row in Candidate.objects.filter(plan=plan).select_related("enrollment__organization"):
        assert row.enrollment.name in text and str(row.enrollment.organization) in text
        assert row.enrollment.id_number not in text
    for words in ("测量员", "5 人 / 2 个考场", "监考员核验", "第 01 考场", "第 02 考场"):
        assert words in text


def test_neighbors_of_one_firm_and_short_notice_are_pointed_out(client, hall):
    """ASM-02, ASM-03: three of one firm in one room must sit side by side; two days are short."""
    plan = handed_in(hall, days=2)
    text = page(client, url_of(plan))
    assert "2 对同企业" in text and "距开考不足 3 天" in text


def test_somebody_barred_since_keeps_the_plan_from_approval(client, hall):
    """ORG-15, ASM-03: he is named in red, and 通过 refuses in words."""
    plan = handed_in(hall)
    client.post(url_of(plan, "accept/"))
    barred = plan.candidates.first().enrollment
    PersonBar.objects.create(
        id_number=barred.id_number,
        name=barred.name,
        authority=hall.institution.supervisor,
        reason="替考",
    )
    assert "1 人不符合" in page(client, url_of(plan))
    answer = decide(client, plan, "approve")
    assert answer["Location"] == FROM + url_of(plan)
    assert "黑名单" in page(client, url_of(plan))
    plan.refresh_from_db()
    assert plan.stage == AssessmentStage.NOT_REVIEWED


def test_acceptance_then_approval_gives_tickets_and_leads_on(client, hall):
    """ASM-03, ASM-05: 受理 first; approval numbers the tickets and tells the institution; then the next case."""
    plan, following = handed_in(hall), handed_in(hall, days=9)
    text = page(client, url_of(plan))
    assert "受理（A）" in text and 'value="approve"' not in text
    client.post(url_of(plan, "accept/"))
    assert 'value="approve"' in page(client, url_of(plan))
    assert decide(client, plan, "approve")["Location"] == url_of(following)
    plan.refresh_from_db()
    assert plan.stage == AssessmentStage.REVIEWED
    assert plan.candidates.filter(ticket_number=None).count() == 0
    assert "审核通过" in Message.objects.visible_to(hall.actor).filter(title__contains=plan.name).get().title
    assert "自动核对" not in page(client, url_of(plan))


def test_a_rejection_names_the_items_and_the_change_is_seen_next_time(client, hall):
    """ASM-03: 不通过 with a reason at its item; the next submission shows what is different."""
    plan = handed_in(hall)
    client.post(url_of(plan, "accept/"))
    decide(client, plan, "reject", reason=["time|考核时间安排不合理，请调整"])
    plan.refresh_from_db()
    assert plan.stage == AssessmentStage.NOT_REPORTED
    assert plan.review.reasons == {"time": "考核时间安排不合理，请调整"}
    services.update_plan(hall.actor, plan, hall.data(starts_at=moment(10)))
    services.arrange_seats(hall.actor, plan)
    services.submit_plan(hall.actor, plan)
    text = page(client, url_of(plan))
    assert "与上次提交相比" in text and "上次不通过的原因" in text and "考核时间安排不合理" in text


def test_another_city_sees_nothing(hall, world):
    """SEC-01."""
    plan = handed_in(hall)
    stranger = world.client(world.authority("330200", "宁波市"))
    assert stranger.get(url_of(plan)).status_code == 404
    assert stranger.post(url_of(plan, "accept/")).status_code == 404


def test_queries_do_not_grow_with_the_people(client, hall, django_assert_max_num_queries):
    """Details take at most 18 queries."""
    plan = handed_in(hall, 12)
    with django_assert_max_num_queries(18):
        page(client, url_of(plan))

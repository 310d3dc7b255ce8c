"""The pages of everything that is reviewed, kind by kind through the one frame (architecture.md 2, ORG-10, SEC-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.review import services as reviews
from foundation.review.kinds import kind_of
from foundation.review.models import Review, ReviewState
from tests.portals.authority.test_plans import handed_in as plan_handed_in
from tests.portals.authority.test_reviews import changed
from tests.world import World
from tests.zhupei.assessment.halls import make_hall
from tests.zhupei.exam.score_rows import finished_exam
from tests.zhupei.organizations.filling import registered
from tests.zhupei.organizations.test_institution_files import handed_in as file_handed_in
from tests.zhupei.training.schools import make_school
from zhupei.portals.shared.review_pages import changed_lines, paper_images, state_tabs

pytestmark = pytest.mark.django_db


@dataclass
class Case:
    """Something that waits: whose decision it is, the name of its page, that of its list, what a look is logged as."""

    subject: Any
    authority: Any
    page: str
    queue: str
    looked: str

    def url(self, act: str = "") -> str:
        return reverse(f"authority:{self.page}{act}", args=[self.subject.pk])

    @property
    def review(self) -> Review:
        return Review.objects.get(pk=self.subject.review_id)


def registration(world: World) -> Case:
    row = registered(world)
    return Case(row, row.supervisor, "organization", "organizations", "organization.view")


def change(world: World) -> Case:
    row = changed(world)
    return Case(row, row.supervisor, "change", "changes", "organization_change.view")


def institution_file(world: World) -> Case:
    actor = world.actor(world.institution())
    file_handed_in(world, actor)
    row = actor.body
    return Case(row, row.supervisor, "institution_file", "institutions", "institution.file_view")


def plan(world: World) -> Case:
    school = make_school(world)
    row = plan_handed_in(school)
    return Case(row, school.institution.supervisor, "plan", "plans", "training_plan.view")


def assessment(world: World) -> Case:
    hall = make_hall(world)
    hall.people(2)
    row = hall.submit(hall.plan(), accept=False)
    return Case(row, hall.institution.supervisor, "assessment", "assessments", "assessment_plan.view")


def scores(world: World) -> Case:
    exam = finished_exam(world, 2)
    exam.sat(0, 88)
    exam.sat(1, "59.5")
    return Case(exam.reported(), exam.plan.institution.supervisor, "score", "scores", "score_report.view")


MAKERS = (registration, change, institution_file, plan, assessment, scores)


@pytest.fixture(params=MAKERS, ids=lambda make: make.__name__)
def case(request: Any, world: World) -> Case:
    make: Callable[[World], Case] = request.param
    return make(world)


@pytest.fixture
def owner(world: World, case: Case) -> Client:
    return world.client(case.authority)


def text(response: HttpResponse) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def post(client: Client, case: Case, act: str, **given: Any) -> str:
    """The page that the act leads to, with what it says."""
    origin = {"referer": f"http://testserver{case.url()}"}
    return text(client.post(case.url(f"_{act}"), given, headers=origin, follow=True))


def test_listed_looked_at_accepted_and_approved(world: World, case: Case, owner: Client) -> None:
    """ORG-10, TRN-03, ASM-03, SCO-01, SEC-02: in the queue with its light, one look one audit row, then on to the list."""
    kind = kind_of(case.review)
    listing = reverse(f"authority:{case.queue}")
    Review.objects.filter(pk=case.review.pk).update(due_on=timezone.localdate())
    assert case.url() in text(owner.get(f"{listing}?tab=todo")) and "今天到期" in text(owner.get(listing))
    Review.objects.filter(pk=case.review.pk).update(due_on=timezone.localdate() - dt.timedelta(days=1))
    assert "超期" in text(owner.get(listing))

    page = text(owner.get(case.url()))
    assert "第 1 / 1" in page and "超期" in page and case.url("_accept") in page
    assert (case.url("_decide") in page) == (not kind.separate_acceptance)
    looks = AuditEntry.objects.filter(act=case.looked, subject_id=str(case.subject.pk))
    assert looks.get().actor_key == f"authority:{case.authority.pk}"

    said = post(owner, case, "accept", round="1")
    assert f"{kind.submitter}不能再撤回。请审核。" in said and case.url("_accept") not in said
    assert case.review.state == ReviewState.ACCEPTED
    assert looks.count() == 2  # the page it led back to
    answer = owner.post(case.url("_decide"), {"verdict": "approve", "round": "1"})
    assert answer["Location"] == listing
    assert looks.count() == 2
    assert case.review.state == ReviewState.APPROVED
    page = text(owner.get(case.url()))
    assert "审核通过。" in page and 'name="verdict"' not in page
    assert [log.action for log in reviews.history(case.review)][-2:] == ["accept", "approve"]


def test_strangers_and_onlookers(world: World, case: Case) -> None:
    """SEC-01: another city, a firm and an institution find nothing; the province looks on; a look is no POST."""
    others = (world.authority("330200", "宁波市"), world.institution(), world.organization())
    for stranger in others:
        client = world.client(stranger)
        assert client.get(case.url()).status_code == 404
        for act in ("_accept", "_decide"):
            assert client.post(case.url(act), {"verdict": "approve", "round": "1"}).status_code == 404
    province = world.client(world.authority("330000"))
    assert "这里只能查看" in text(province.get(case.url()))
    for act in ("accept", "decide"):
        assert "没有办理这一步的权限" in post(province, case, act, verdict="approve", round="1")
    assert province.post(case.url()).status_code == 405
    assert province.get(case.url("_decide")).status_code == 405
    assert case.review.state == ReviewState.SUBMITTED


def test_what_was_seen_is_what_is_decided_and_a_reason_is_needed(case: Case, owner: Client) -> None:
    """ORG-10: an outdated screen accepts and decides nothing; no verdict, no reason: nothing is done."""
    kind = kind_of(case.review)
    for act in ("accept", "decide"):
        assert "刚刚重新提交" in post(owner, case, act, verdict="approve", round="0")
    assert case.review.state == ReviewState.SUBMITTED
    post(owner, case, "accept", round="1")
    assert "刚刚重新提交" in post(owner, case, "decide", verdict="approve", round="2")
    assert "请选择通过或不通过" in post(owner, case, "decide", round="1")
    assert "写明原因" in post(owner, case, "decide", verdict="reject", round="1")
    assert case.review.state == ReviewState.ACCEPTED
    item, sentence = kind.reasons[0]
    given = {"reason": [f"{item}|{sentence}"], "other_item": ["", item], "other_text": ["请尽快", "另见说明"]}
    post(owner, case, "decide", verdict="reject", round="1", **given)
    review = case.review
    assert (review.state, review.reasons, review.remark) == (
        ReviewState.REJECTED,
        {item: f"{sentence}；另见说明"},
        "请尽快",
    )
    page = text(owner.get(case.url()))
    assert "审核不通过，等待对方修改" in page and sentence in page and "审核意见" in page


def test_accepting_and_deciding_may_be_two_peoples_work(world: World, case: Case) -> None:
    """ORG-14: each does the own part alone and is told what comes next; the record names both."""
    acceptor = world.client(one := world.user(case.authority, "acceptor"))
    reviewer = world.client(other := world.user(case.authority, "reviewer"))
    assert "没有办理这一步的权限" in post(reviewer, case, "accept", round="1")
    assert case.review.state == ReviewState.SUBMITTED
    assert "接下来由审核人员审核。" in post(acceptor, case, "accept", round="1")
    assert "没有办理这一步的权限" in post(acceptor, case, "decide", verdict="approve", round="1")
    assert case.review.state == ReviewState.ACCEPTED
    post(reviewer, case, "decide", verdict="approve", round="1")
    assert case.review.state == ReviewState.APPROVED
    page = text(acceptor.get(case.url()))
    assert one.name in page and other.name in page


def test_the_queue_leads_from_case_to_case(world: World) -> None:
    """ORG-10: the one after, after the last the one before, then the list."""
    cases = [registration(world) for _ in range(3)]
    client = world.client(cases[0].authority)
    page = client.get(cases[1].url())
    assert page.context["place"].position == 2
    assert page.context["previous_url"] == cases[0].url() and page.context["next_url"] == cases[2].url()
    verdict = {"verdict": "approve", "round": "1"}
    assert client.post(cases[1].url("_decide"), verdict)["Location"] == cases[2].url()
    assert client.post(cases[2].url("_decide"), verdict)["Location"] == cases[0].url()
    assert client.post(cases[0].url("_decide"), verdict)["Location"] == reverse("authority:organizations")


def test_a_case_asks_few_questions(case: Case, owner: Client, django_assert_max_num_queries: Any) -> None:
    """ui.md: a page of one thing, whatever its kind."""
    owner.get(case.url())
    with django_assert_max_num_queries(24):
        owner.get(case.url())


def test_tabs_speak_the_kinds_words() -> None:
    """TRN-03, SCO-01: with 受理 as a step of its own there are tabs for it; the labels are the kind's."""
    from zhupei.exam.scores.review import SCORE_KIND
    from zhupei.organizations.reviews import REGISTRATION_KIND
    from zhupei.training.reviewing import PLAN_KIND

    assert [tab.label for tab in state_tabs(REGISTRATION_KIND)] == [
        "待审核",
        "已审核",
        "审核不通过",
        "未上报",
    ]
    labels = ["待办", "未受理", "已受理", "已审核", "审核不通过", "未上报"]
    assert [tab.label for tab in state_tabs(PLAN_KIND)] == labels
    assert [tab.label for tab in state_tabs(SCORE_KIND)] == [
        "待办",
        "待受理",
        "已受理",
        "已审核",
        "未通过",
        "未上报",
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("旧", "新", (["旧"], ["新"])),
        ("", "新", (["未填写"], ["新"])),
        ("旧", "", (["旧"], ["（已清空）"])),
        (["甲", "乙"], ["乙", "丙"], (["甲"], ["丙"])),  # of a long list only what differs
        (["甲", "乙"], ["乙", "甲"], (["甲", "乙"], ["乙", "甲"])),  # but the order may be what changed
        (["甲"], ["甲", "乙"], ([], ["乙"])),
        ({"document": "1", "name": "a.jpg"}, {"document": "2", "name": "b.jpg"}, ([], ["重新上传"])),
        ({"document": "1", "name": "a.jpg"}, None, (["a.jpg"], ["（已清空）"])),
    ],
)
def test_what_changed_in_lines(before: Any, after: Any, lines: Any) -> None:
    """ORG-10, ASM-03: what the reviewer has to read again, and no more."""
    shown = changed_lines({"label": "名称", "before": before, "after": after})
    assert (shown["before"], shown["after"]) == lines


def test_a_replaced_paper_stands_beside_the_one_before() -> None:
    """ORG-10, ORG-12: both can be opened; what is gone is shown, too."""
    slots = [("yyzz", "营业执照"), ("cns", "承诺书"), ("zzzs", "资质证书")]
    now = {"yyzz": "11111111-1111-1111-1111-111111111111", "cns": "22222222-2222-2222-2222-222222222222"}
    old = {"before": {"document": "33333333-3333-3333-3333-333333333333", "name": "旧.jpg"}}
    images = paper_images(slots, now, {"cns": old, "zzzs": old})
    assert [(image.label, image.tone) for image in images] == [
        ("营业执照", ""),
        ("承诺书（新）", "wait"),
        ("承诺书（上次）", ""),
        ("资质证书（上次）", ""),
    ]
    assert len({image.key for image in images}) == 4

"""A review in words: reasons, timeline, submissions (architecture.md 2, ORG-10, TRN-03)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from foundation.review import kinds, rights, services, words
from foundation.review.models import Review
from foundation.scoping import Actor
from zhupei.accounts.models import User

pytestmark = pytest.mark.django_db


class Words(models.TextChoices):
    """The states as an invented kind calls them."""

    DRAFT = "draft", "没交"
    SUBMITTED = "submitted", "交了"
    ACCEPTED = "accepted", "收了"
    APPROVED = "approved", "成了"
    REJECTED = "rejected", "没成"


class Body:
    def __init__(self, name: str) -> None:
        self.pk, self.name = 1, name

    def __str__(self) -> str:
        return self.name


def actor(portal: str, name: str) -> Actor:
    user, _ = User.objects.get_or_create(portal=portal, account=portal, defaults={"name": "王芳"})
    return Actor(user=user, portal=portal, body=Body(name))


@pytest.fixture
def case(monkeypatch: Any) -> Review:
    """Handed in, rejected, handed in again, accepted, approved, taken back, handed in a third time and withdrawn."""
    monkeypatch.setattr(rights, "_RIGHTS", {})
    kinds.register(
        kinds.ReviewKind(
            key="worded",
            label="试件",
            items={"name": "名称", "scope": "范围"},
            snapshot=lambda subject: {},
            find=lambda review: None,
            states=Words,
        )
    )
    return Review.objects.create(kind="worded", reviewer_key="authority:1", submitter_key="enterprise:1")


@pytest.fixture
def way(case: Review) -> Review:
    firm, office = actor("enterprise", "甲公司"), actor("authority", "建设局")
    services.submit(firm, case)
    services.reject(office, case, reasons={"scope": "不含施工", "name": "太短"}, remark="请尽快")
    services.submit(firm, case)
    services.accept(office, case)
    services.approve(office, case, "同意")
    services.reopen(firm, case, "停电")
    services.submit(firm, case)
    services.withdraw(firm, case)
    return case


def test_reasons_are_named_by_their_items_and_the_remark_comes_last(case: Review) -> None:
    """ORG-10: in the message and on the page, in the order of the items; nothing of it is lost."""
    firm, office = actor("enterprise", "甲公司"), actor("authority", "建设局")
    services.submit(firm, case)
    assert words.reasons_given(case) == []
    services.reject(office, case, reasons={"scope": "不含施工", "name": "太短"}, remark="请尽快")
    assert words.reasons_in_words(case) == "名称：太短；范围：不含施工；请尽快"
    assert words.reasons_given(case) == [
        ("名称", "太短"),
        ("范围", "不含施工"),
        ("审核意见", "请尽快"),
    ]


def test_what_is_not_rejected_has_no_reasons(way: Review) -> None:
    """ORG-10: a remark of another kind is no reason."""
    way.remark = "停电"
    assert words.reasons_given(way) == []
    assert words.reasons_in_words(Review(kind="worded", remark="同意")) == "同意"


def test_the_last_rejection_stays_with_the_record(way: Review, case: Review) -> None:
    """ORG-10: whoever reviews the next submission knows what was wrong with the one before."""
    given = words.last_rejection(way, services.history(way))
    assert given == [("名称", "太短"), ("范围", "不含施工"), ("审核意见", "请尽快")]
    assert words.last_rejection(way, services.history(way)[:1]) == []


def test_the_timeline_is_newest_first_and_colored_as_the_states(way: Review) -> None:
    """states.md: each act with who and when; an approval that was taken back stands out."""
    rows = words.timeline(way, services.history(way))
    assert [(row["action"], row["tone"]) for row in rows] == [
        ("撤回", "mute"),
        ("提交审核", "wait"),
        ("退回重报", "wait"),
        ("审核通过", "ok"),
        ("受理", "info"),
        ("提交审核", "wait"),
        ("去上报", "mute"),
        ("审核不通过", "bad"),
        ("提交审核", "wait"),
    ]
    assert rows[-2]["items"] == {"范围": "不含施工", "名称": "太短"} and rows[-2]["remark"] == "请尽快"
    assert rows[-1]["actor"] == "甲公司 · 王芳"


def test_outsiders_read_bodies_not_persons(way: Review) -> None:
    """SEC-02: a firm learns which department acted, not who."""
    rows = words.timeline(way, services.history(way), persons=False)
    assert {row["actor"] for row in rows} == {"甲公司", "建设局", "系统"}


def test_the_record_submission_by_submission(way: Review) -> None:
    """TRN-03, states.md: accept time, review time, state in the kind's words, remark; each act in detail."""
    third, second, first = words.rounds(way, services.history(way))
    assert (first.number, first.state, first.tone) == (1, "没成", "bad")
    assert first.remark == "名称：太短；范围：不含施工；请尽快"
    assert first.accepted_at is None and first.decided_at is not None
    assert (second.number, second.state, second.tone) == (2, "审核通过后取消，退回重报", "wait")
    assert second.accepted_at and second.decided_at and second.remark.endswith("停电")
    assert (third.number, third.state, third.tone) == (3, "已撤回", "mute")
    assert [row["action"] for row in second.entries] == ["提交审核", "受理", "审核通过", "退回重报"]


@pytest.mark.parametrize(("acts", "state"), [(0, "交了"), (1, "收了"), (2, "成了")])
def test_a_submission_on_its_way(case: Review, acts: int, state: str) -> None:
    """TRN-03."""
    firm, office = actor("enterprise", "甲公司"), actor("authority", "建设局")
    services.submit(firm, case)
    if acts:
        services.accept(office, case)
    if acts == 2:
        services.approve(office, case)
    (only,) = words.rounds(case, services.history(case))
    assert only.state == state


def test_nothing_handed_in_has_no_record(case: Review) -> None:
    """TRN-03."""
    assert words.rounds(case, services.history(case)) == []

"""The one review model (architecture.md 2, states.md 'Review')."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.review import kinds, rights, services
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from zhupei.accounts.models import User

pytestmark = pytest.mark.django_db

SEEN: list[str] = []
CONTENT = {"name": {"label": "名称", "value": "甲公司"}, "scope": {"label": "范围", "value": "施工"}}


@pytest.fixture(autouse=True)
def no_rights(monkeypatch):
    """The mechanism alone: without what the stages demand besides."""
    monkeypatch.setattr(rights, "_RIGHTS", {})


@pytest.fixture
def content():
    return {key: dict(item) for key, item in CONTENT.items()}


@pytest.fixture
def case(content):
    """A review of an invented kind with accepting as a step of its own."""
    SEEN.clear()
    kinds.register(
        kinds.ReviewKind(
            key="probe",
            label="试件",
            items={"name": "名称", "scope": "范围"},
            snapshot=lambda subject: {key: dict(item) for key, item in content.items()},
            find=lambda review: None,
            on_decided=lambda actor, review, subject: SEEN.append(review.state),
            separate_acceptance=True,
        )
    )
    return Review.objects.create(kind="probe", reviewer_key="authority:1", submitter_key="enterprise:1")


class Body:
    """Something with a key, to act for."""

    def __init__(self, pk: int) -> None:
        self.pk = pk

    def __str__(self) -> str:
        return f"单位{self.pk}"


def actor(portal: str, pk: int) -> Actor:
    user, _ = User.objects.get_or_create(portal=portal, account=f"{portal}{pk}")
    return Actor(user=user, portal=portal, body=Body(pk))


def test_the_whole_way_from_draft_to_approved(case):
    """states.md: submit, accept, approve; times and record are kept."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)

    services.submit(applicant, case)
    assert case.state == ReviewState.SUBMITTED and case.due_on > dt.date(2020, 1, 1)
    services.accept(authority, case)
    services.approve(authority, case, remark="材料齐全")

    case.refresh_from_db()
    assert (case.state, case.remark) == (ReviewState.APPROVED, "材料齐全")
    assert case.accepted_at <= case.decided_at
    assert [log.action for log in services.history(case)] == ["submit", "accept", "approve"]
    assert SEEN == ["approved"]


def test_withdraw_only_while_submitted(case):
    """states.md: withdraw only while submitted (未受理)."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    services.submit(applicant, case)
    services.withdraw(applicant, case)
    assert case.state == ReviewState.DRAFT

    services.submit(applicant, case)
    services.accept(authority, case)
    with pytest.raises(WrongStateError):
        services.withdraw(applicant, case)


def test_rejected_with_reasons_revised_and_the_reviewer_sees_what_changed(case, content):
    """ORG-10, states.md: a reason per item; resubmission shows the differences."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    services.submit(applicant, case)
    services.accept(authority, case)
    with pytest.raises(DomainError, match="至少选择一项"):
        services.reject(authority, case, reasons={"name": " "})
    with pytest.raises(DomainError, match="审核项目不存在"):
        services.reject(authority, case, reasons={"nonsense": "x"})
    services.reject(authority, case, reasons={"scope": "不含施工"})
    assert case.reasons == {"scope": "不含施工"}
    assert services.changes(case) == []

    content["scope"]["value"] = "房屋建筑施工"
    services.submit(applicant, case)

    assert (case.round, case.reasons) == (2, {})
    assert services.changes(case) == [
        {"key": "scope", "label": "范围", "before": "施工", "after": "房屋建筑施工"}
    ]


def test_strangers_neither_see_nor_decide(case):
    """SEC-01: another organization, another authority."""
    applicant = actor("enterprise", 1)
    services.submit(applicant, case)

    for stranger in (actor("enterprise", 2), actor("authority", 2)):
        assert not Review.objects.visible_to(stranger).exists()
        with pytest.raises(NotAllowedError):
            services.accept(stranger, case)
    assert Review.objects.visible_to(actor("authority", 1)).exists()


def test_a_kind_without_separate_acceptance_is_decided_at_once(case):
    """states.md: whether accepting is a separate step is a setting of the reviewed kind."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    services.submit(applicant, case)
    with pytest.raises(NotAllowedError):
        services.approve(authority, case)

    Review.objects.update(kind="probe-direct")
    kinds.register(
        kinds.ReviewKind(
            key="probe-direct", label="试件", items={}, snapshot=lambda s: {}, find=lambda r: None
        )
    )
    case.refresh_from_db()
    services.approve(authority, case)
    assert case.state == ReviewState.APPROVED and case.accepted_at


@pytest.mark.parametrize("act", ["submit", "accept", "decide"])
def test_a_stage_may_demand_more_of_who_acts(case, act):
    """ORG-14: a registered right holds besides being the submitter or the reviewer."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    steps = {
        "submit": (applicant, lambda: services.submit(applicant, case)),
        "accept": (authority, lambda: services.accept(authority, case)),
        "decide": (authority, lambda: services.approve(authority, case)),
    }
    for name, (who, perform) in steps.items():
        if name == act:
            rights.register("probe", lambda actor, review, asked: asked != act)
            with pytest.raises(NotAllowedError):
                perform()
            rights.register("probe", lambda actor, review, asked, who=who: (actor, asked) == (who, act))
        perform()
        if name == act:
            return


def test_an_approval_is_taken_back_by_the_platform_in_somebodys_name(case):
    """architecture.md 2: reopened it is a draft again, the record says who and why; handed in anew it is round two."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    with pytest.raises(WrongStateError):
        services.reopen(applicant, case, "停电")
    services.submit(applicant, case)
    services.accept(authority, case)
    services.approve(authority, case, "同意")
    for someone in (applicant, authority):
        with pytest.raises(NotAllowedError):
            services.REVIEW.perform(someone, case, "reopen", remark="停电")
    with pytest.raises(WrongStateError, match="原因"):
        services.reopen(applicant, case, "  ")
    services.reopen(applicant, case, " 停电 ")
    assert (case.state, case.round, case.remark) == (ReviewState.DRAFT, 1, f"{applicant.label}：停电")
    assert case.submitted_at is case.accepted_at is case.decided_at is case.due_on is None
    last = services.history(case)[-1]
    assert (last.action_label, last.remark) == ("退回重报", case.remark)
    services.submit(applicant, case)
    assert (case.state, case.round, case.remark) == (ReviewState.SUBMITTED, 2, "")


@pytest.mark.parametrize("act", ["accept", "approve", "reject"])
def test_an_outdated_screen_does_nothing(case, act):
    """ORG-10: taken back and handed in again meanwhile; the refusal fits whatever is reviewed."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    services.submit(applicant, case)
    services.withdraw(applicant, case)
    services.submit(applicant, case)
    if act != "accept":
        services.accept(authority, case)
    before = case.state
    perform = {
        "accept": lambda seen: services.accept(authority, case, seen_round=seen),
        "approve": lambda seen: services.approve(authority, case, seen_round=seen),
        "reject": lambda seen: services.reject(authority, case, reasons={"name": "x"}, seen_round=seen),
    }[act]
    for outdated in (1, 3, 0):
        with pytest.raises(WrongStateError, match="刚刚重新提交") as refusal:
            perform(outdated)
        assert "单位" not in refusal.value.message
    case.refresh_from_db()
    assert case.state == before
    perform(2)
    case.refresh_from_db()
    assert case.state != before


def refuse(subject):
    raise DomainError("not_ready", "还差一项。")


def test_a_kind_refuses_what_cannot_be_handed_in_or_approved(case, monkeypatch):
    """architecture.md 2: the kind's checks are asked before the state is moved; a rejection is always possible."""
    applicant, authority = actor("enterprise", 1), actor("authority", 1)
    kind = kinds.kind_of(case)
    kinds.register(replace(kind, check_submission=refuse))
    with pytest.raises(DomainError, match="还差一项"):
        services.submit(applicant, case)
    case.refresh_from_db()
    assert (case.state, case.round) == (ReviewState.DRAFT, 0) and not services.history(case)

    kinds.register(replace(kind, check_approval=refuse))
    services.submit(applicant, case)
    services.accept(authority, case)
    with pytest.raises(DomainError, match="还差一项"):
        services.approve(authority, case)
    case.refresh_from_db()
    assert case.state == ReviewState.ACCEPTED and SEEN == []
    services.reject(authority, case, reasons={"name": "不对"})
    assert case.state == ReviewState.REJECTED

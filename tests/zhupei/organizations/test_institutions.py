"""Training institutions as an authority keeps them (ORG-12), bodies it bars (ORG-15), and its notices."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message
from foundation.scoping import ANONYMOUS, Actor
from zhupei.accounts.models import User
from zhupei.organizations import queries, services
from zhupei.organizations.data import InstitutionData
from zhupei.organizations.models import Authority, BodyBar, Institution, Notice
from zhupei.regions.models import Region

pytestmark = pytest.mark.django_db
FIRST = "Yangban-2026"


@pytest.fixture
def hangzhou(world):
    return world.actor(Authority.objects.get(region__code="330100"))


@pytest.fixture
def province(world):
    return world.actor(Authority.objects.get(region__code="330000"))


def filled(**changed) -> InstitutionData:
    values = {
        "name": "杭州样本培训学校",
        "short_name": "杭样培",
        "region": Region.objects.get(code="330105"),
        "address": "杭州市拱墅区样本街 2 号",
        "account_name": "杭州样本培训学校",
        "account_number": "1205 2201 0920 0069 722",
        "account_bank": "样本银行杭州支行",
        "contact_name": "沈慧",
        "contact_phone": "0571-87654321",
    } | changed
    return InstitutionData(**values)


# --- institutions


def test_an_institution_with_its_first_account(hangzhou):
    """ORG-12: under the authority that made it; the first password must be changed."""
    institution, user = services.create_institution(hangzhou, filled(), " HZ-yangben-01 ", FIRST)

    assert institution.supervisor == hangzhou.body
    assert institution.account_number == "1205220109200069722"
    assert (user.portal, user.account, user.must_change_password) == ("institution", "hz-yangben-01", True)
    assert User.objects.of_account("institution", " HZ-Yangben-01") == user  # as the slip of paper writes it
    assert user.membership.institution == institution
    assert user.check_password(FIRST)


@pytest.mark.parametrize(
    ("changed", "account", "password", "field"),
    [
        ({"name": ""}, "hz01", FIRST, "name"),
        ({"short_name": "六个字的简称"}, "hz01", FIRST, "short_name"),
        ({"account_number": "12x"}, "hz01", FIRST, "account_number"),
        ({"contact_phone": "call"}, "hz01", FIRST, "contact_phone"),
        ({"region": None}, "hz01", FIRST, "region"),
        ({}, "h z!", FIRST, "account"),
        ({}, "hz01", "123", "password"),
    ],
)
def test_every_field_is_refused_by_name(hangzhou, changed, account, password, field):
    """ORG-12."""
    with pytest.raises(DomainError) as refusal:
        services.create_institution(hangzhou, filled(**changed), account, password)

    assert set(refusal.value.items) == {field}
    assert not Institution.objects.exists()


def test_a_city_creates_in_its_own_region_only(hangzhou, province):
    """SEC-01, ORG-12: the province anywhere."""
    ningbo = Region.objects.get(code="330206")
    with pytest.raises(DomainError) as refusal:
        services.create_institution(hangzhou, filled(region=ningbo), "hz01", FIRST)
    assert set(refusal.value.items) == {"region"}

    institution, _ = services.create_institution(province, filled(region=ningbo), "hz01", FIRST)
    assert institution.is_provincial


def test_names_and_accounts_are_taken_once(hangzhou):
    """ORG-12: name, short name and account are unique; the one at fault is named."""
    services.create_institution(hangzhou, filled(), "hz01", FIRST)
    cases = [
        ({"short_name": "另一个"}, "hz02", {"name"}),
        ({"name": "另一所学校"}, "hz02", {"short_name"}),
        ({"name": "另一所学校", "short_name": "另一个"}, "HZ01", {"account"}),
    ]
    for changed, account, fields in cases:
        with pytest.raises(DomainError) as refusal:
            services.create_institution(hangzhou, filled(**changed), account, FIRST)
        assert set(refusal.value.items) == fields


def test_only_an_authority_creates(world):
    """SEC-01."""
    for actor in (world.actor(world.organization()), world.actor(world.institution()), ANONYMOUS):
        with pytest.raises(NotAllowedError):
            services.create_institution(actor, filled(), "hz01", FIRST)


def test_its_own_authority_changes_closes_and_reopens(world, hangzhou, province):
    """ORG-12: another authority, even the province, may not; closing needs a reason and takes it off the offers."""
    institution, user = services.create_institution(hangzhou, filled(), "hz01", FIRST)
    organization = world.organization(supervisor=hangzhou.body)
    acts = [
        lambda who: services.update_institution(who, institution, filled()),
        lambda who: services.set_institution_active(who, institution, False, "整改"),
        lambda who: services.reset_institution_password(who, institution, user, FIRST + "x"),
    ]
    for act in acts:
        with pytest.raises(NotAllowedError):
            act(province)

    row = services.update_institution(hangzhou, institution, replace(filled(), strengths="师资齐全"))
    assert row.strengths == "师资齐全"
    with pytest.raises(DomainError):
        services.set_institution_active(hangzhou, institution, False, " ")
    services.set_institution_active(hangzhou, institution, False, "整改")
    assert not Institution.objects.visible_to(Actor(portal="enterprise", body=organization)).exists()
    services.set_institution_active(hangzhou, institution, True)
    assert Institution.objects.visible_to(Actor(portal="enterprise", body=organization)).exists()
    assert list(
        AuditEntry.objects.filter(act__startswith="institution.").order_by("pk").values_list("act", flat=True)
    ) == ["institution.create", "institution.update", "institution.close", "institution.open"]


def test_a_new_first_password(world, hangzhou):
    """ORG-12: only for its own accounts; the old one is void, a new one is demanded at once."""
    institution, user = services.create_institution(hangzhou, filled(), "hz01", FIRST)
    other = world.user(world.institution())
    with pytest.raises(NotAllowedError):
        services.reset_institution_password(hangzhou, institution, other, "Another-2026")
    services.reset_institution_password(hangzhou, institution, user, "Another-2026")
    user.refresh_from_db()

    assert user.check_password("Another-2026") and user.must_change_password


# --- barred bodies


@pytest.mark.parametrize("kind", ["organization", "institution"])
def test_bar_and_lift_a_body(world, hangzhou, kind):
    """ORG-15: with reason and period; it is told; lifting needs a reason and happens once."""
    body = getattr(world, kind)(supervisor=hangzhou.body)
    bar = services.bar_body(
        hangzhou, body, " 组织替考 ", ends_on=timezone.localdate() + dt.timedelta(days=365)
    )

    assert queries.bar_in_force(body) == bar
    assert (bar.reason, bar.created_by) == ("组织替考", hangzhou.user)
    assert "组织替考" in Message.objects.get(recipient_key=body.key, code="organization.barred").body
    with pytest.raises(DomainError) as refusal:
        services.bar_body(hangzhou, body, "再次")
    assert refusal.value.code == "already_barred"
    with pytest.raises(DomainError):
        services.lift_body_bar(hangzhou, bar, "")
    services.lift_body_bar(hangzhou, bar, "整改完成")
    assert queries.bar_in_force(body) is None
    with pytest.raises(WrongStateError):
        services.lift_body_bar(hangzhou, bar, "再解除")


def test_a_bar_holds_from_its_first_to_its_last_day(world, hangzhou):
    """ORG-15: both included; a new one may follow when the old one is over."""
    body, today = world.organization(supervisor=hangzhou.body), timezone.localdate()
    bar = services.bar_body(hangzhou, body, "替考", starts_on=today + dt.timedelta(days=1))
    assert queries.bar_in_force(body) is None
    BodyBar.objects.filter(pk=bar.pk).update(starts_on=today, ends_on=today)
    assert queries.bar_in_force(body) is not None
    BodyBar.objects.filter(pk=bar.pk).update(
        starts_on=today - dt.timedelta(days=9), ends_on=today - dt.timedelta(days=1)
    )
    assert queries.bar_in_force(body) is None
    services.bar_body(hangzhou, body, "再犯")


@pytest.mark.parametrize(
    ("reason", "days", "field"), [("", 10, "reason"), ("长" * 301, 10, "reason"), ("替考", -1, "ends_on")]
)
def test_a_bar_is_judged(world, hangzhou, reason, days, field):
    """ORG-15."""
    with pytest.raises(DomainError) as refusal:
        services.bar_body(
            hangzhou,
            world.organization(supervisor=hangzhou.body),
            reason,
            ends_on=timezone.localdate() + dt.timedelta(days=days),
        )

    assert set(refusal.value.items) == {field}


def test_an_authority_bars_only_whom_it_supervises(world, hangzhou, province):
    """SEC-01, ORG-15: a city its own, the province everybody; who barred lifts."""
    ningbo = Authority.objects.get(region__code="330200")
    body = world.organization(supervisor=ningbo, city="330200")
    with pytest.raises(NotFoundError):
        services.bar_body(hangzhou, body, "替考")
    with pytest.raises(NotAllowedError):
        services.bar_body(world.actor(body), body, "替考")
    bar = services.bar_body(province, body, "替考")
    with pytest.raises(NotFoundError):
        services.lift_body_bar(world.actor(ningbo), bar, "整改完成")
    own = services.bar_body(hangzhou, world.organization(supervisor=hangzhou.body), "替考")
    with pytest.raises(NotAllowedError, match=hangzhou.body.name):
        services.lift_body_bar(province, own, "整改完成")


# --- notices


def test_a_notice_is_written_published_taken_back_changed(hangzhou):
    """The public sees what is published, and nothing else."""
    notice = services.write_notice(hangzhou, " 关于报名的通知 ", "第一段\r\n第二段")
    assert (notice.title, notice.body, notice.state) == ("关于报名的通知", "第一段\n第二段", "draft")
    assert not Notice.objects.visible_to(ANONYMOUS).exists()

    services.publish_notice(hangzhou, notice)
    assert Notice.objects.visible_to(ANONYMOUS).get().published_at is not None
    with pytest.raises(WrongStateError):
        services.edit_notice(hangzhou, notice, "改", "改")

    services.withdraw_notice(hangzhou, notice)
    assert not Notice.objects.published().exists()
    services.edit_notice(hangzhou, notice, "更正后的通知", "正文")
    services.publish_notice(hangzhou, notice)
    assert Notice.objects.published().get().title == "更正后的通知"


@pytest.mark.parametrize(
    ("title", "body", "field"),
    [
        ("", "正文", "title"),
        ("长" * 121, "正文", "title"),
        ("标题", " ", "body"),
        ("标题", "长" * 20_001, "body"),
    ],
)
def test_a_notice_is_judged(hangzhou, title, body, field):
    """Named by field."""
    with pytest.raises(DomainError) as refusal:
        services.write_notice(hangzhou, title, body)

    assert set(refusal.value.items) == {field}


def test_nobody_touches_somebody_elses_notice(world, hangzhou, province):
    """SEC-01: the province sees a city's notice and leaves it alone; an enterprise writes none."""
    notice = services.write_notice(hangzhou, "标题", "正文")
    ningbo = world.actor(Authority.objects.get(region__code="330200"))
    assert Notice.objects.visible_to(province).filter(pk=notice.pk).exists()
    assert not Notice.objects.visible_to(ningbo).exists()
    for stranger in (province, ningbo, world.actor(world.organization())):
        with pytest.raises(NotAllowedError if stranger is province else NotFoundError):
            services.publish_notice(stranger, notice)
        with pytest.raises(NotAllowedError if stranger is province else NotFoundError):
            services.edit_notice(stranger, notice, "改", "改")
    with pytest.raises(NotAllowedError):
        services.write_notice(world.actor(world.institution()), "标题", "正文")

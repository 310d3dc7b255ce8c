"""机构备案: contact, introduction, bank account, places; audited, and only one's own (ORG-12)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from foundation.audit.models import AuditEntry
from foundation.messages.models import Message
from zhupei.billing.models import OrderState
from zhupei.organizations.models import Institution, TestSite
from zhupei.organizations.services.own_institution import may_change_account

pytestmark = pytest.mark.django_db
EDIT = "/institution/profile/edit/"


@pytest.fixture
def institution(world: Any) -> Institution:
    return world.institution(contact_name="周敏")


def form_of(institution: Institution, **changes: str) -> dict[str, str]:
    names = (
        "contact_name",
        "contact_phone",
        "strengths",
        "introduction",
        "account_name",
        "account_number",
        "account_bank",
    )
    return {name: getattr(institution, name) for name in names} | changes


def test_everything_on_file_is_shown(world: Any, institution: Institution) -> None:
    """ORG-12."""
    page = world.client(institution).get("/institution/profile/").content.decode()
    for words in (institution.name, institution.short_name, institution.account_number, "一号机房", "30"):
        assert words in page


def test_changes_are_stored_with_before_and_after_in_the_log(world: Any, institution: Institution) -> None:
    """SEC-06."""
    answer = world.client(institution).post(
        EDIT, form_of(institution, contact_phone="0571-88001122", strengths="周末班")
    )
    assert answer.status_code == 302
    institution.refresh_from_db()
    assert (institution.contact_phone, institution.strengths) == ("0571-88001122", "周末班")
    entry = AuditEntry.objects.get(act="institution.profile")
    assert entry.detail["changes"] == {
        "contact_phone": ["0571-00000001", "0571-88001122"],
        "strengths": ["实训场地齐全", "周末班"],
    }
    assert not Message.objects.exists()


def test_saving_without_a_change_logs_nothing(world: Any, institution: Institution) -> None:
    """SEC-06."""
    world.client(institution).post(EDIT, form_of(institution))
    assert not AuditEntry.objects.filter(act="institution.profile").exists()


def test_a_new_account_is_told_to_the_authority_and_leaves_orders_as_they_are(world: Any) -> None:
    """BIL-01: the account of an order is the one it was made with."""
    order = world.order(1, state=OrderState.OPEN)
    institution, before = order.institution, order.account_number
    world.client(institution).post(EDIT, form_of(institution, account_number="6222 0000 1111 2222"))
    institution.refresh_from_db()
    order.refresh_from_db()
    assert institution.account_number == "6222000011112222"
    assert order.account_number == before
    keys = set(
        Message.objects.filter(code="organization.account_changed").values_list("recipient_key", flat=True)
    )
    assert keys == {institution.key, f"authority:{institution.supervisor_id}"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("account_number", "12ab", "8 至 30 位"),
        ("contact_phone", "一二三", "电话格式不对"),
        ("account_name", "", "请填写户名"),
        ("strengths", "长" * 201, "200"),
    ],
)
def test_what_is_wrong_is_told_at_the_field_and_nothing_typed_is_lost(
    world: Any, institution: Institution, field: str, value: str, words: str
) -> None:
    """ui.md, forms."""
    page = world.client(institution).post(
        EDIT, form_of(institution, introduction="新的介绍", **{field: value})
    )
    assert page.status_code == 200
    assert words in page.content.decode()
    assert "新的介绍" in page.content.decode()
    institution.refresh_from_db()
    assert institution.introduction == ""


@pytest.mark.parametrize(("role", "allowed"), [("owner", True), ("finance", True), ("clerk", False)])
def test_the_account_is_for_owner_and_finance(
    world: Any, institution: Institution, role: str, allowed: bool
) -> None:
    """ORG-14."""
    user = world.user(institution, role)
    world.client(user).post(EDIT, form_of(institution, account_number="6222000011112222", strengths="新"))
    institution.refresh_from_db()
    assert (institution.account_number == "6222000011112222") is allowed
    assert institution.strengths == "新"
    assert may_change_account(world.actor(institution, role)) is allowed


def test_places_are_added_changed_and_removed(world: Any, institution: Institution) -> None:
    """ORG-12."""
    clerk = world.client(institution)
    clerk.post(reverse("institution:site_new"), {"name": "二号机房", "address": "样本街3号", "seats": "40"})
    site = institution.sites.get(name="二号机房")
    clerk.post(
        reverse("institution:site", args=[site.pk]),
        {"name": "二号机房", "address": "样本街5号", "seats": "45"},
    )
    site.refresh_from_db()
    assert (site.address, site.seats) == ("样本街5号", 45)
    offer = world.offer(institution)
    offer.site = site
    offer.save()
    assert "有 1 个培训项目在这里" in clerk.get("/institution/profile/").content.decode()
    clerk.post(reverse("institution:site_remove", args=[site.pk]))
    offer.refresh_from_db()
    assert offer.site is None
    acts = list(AuditEntry.objects.filter(act__startswith="institution.site").values_list("act", flat=True))
    assert acts == ["institution.site_add", "institution.site_update", "institution.site_remove"]


def test_a_place_needs_a_name_of_its_own(world: Any, institution: Institution) -> None:
    """ORG-12."""
    page = world.client(institution).post(
        reverse("institution:site_new"), {"name": "一号机房", "address": "样本街3号", "seats": "0"}
    )
    assert "已有同名的地点" in page.content.decode()
    assert institution.sites.count() == 1


def test_strangers_cannot_touch_places(world: Any, institution: Institution) -> None:
    """SEC-01."""
    site = TestSite.objects.get(institution=institution)
    stranger = world.client(world.institution())
    assert stranger.get(reverse("institution:site", args=[site.pk])).status_code == 404
    assert stranger.post(reverse("institution:site_remove", args=[site.pk])).status_code == 404
    assert TestSite.objects.filter(pk=site.pk).exists()

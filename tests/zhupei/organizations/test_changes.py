"""What an approved organization changes at once, and what goes to review again (ORG-11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.messages.models import Sms
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from tests.zhupei.organizations.filling import paper, registered
from zhupei.accounts.models import User
from zhupei.organizations import services
from zhupei.organizations.actors import actor_for
from zhupei.organizations.data import ChangeData, ContactData
from zhupei.organizations.models import Authority, Organization, OrganizationChange, Slot
from zhupei.regions.models import Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(world):
    row = registered(world)
    reviews.approve(world.actor(row.supervisor), row.review)
    return Organization.objects.select_related("review", "supervisor__region", "region").get(pk=row.pk)


@pytest.fixture
def owner(organization):
    return actor_for(User.objects.get(membership__organization=organization))


def wanted(organization: Organization, **changed) -> ChangeData:
    values = {
        "name": organization.name,
        "uscc": organization.uscc,
        "region": organization.region,
        "reason": "企业名称变更",
        "review_choice": "provincial" if organization.supervisor.is_provincial else "city",
    } | changed
    return ChangeData(**values)


def contact(organization: Organization, **changed) -> ContactData:
    values = {name: getattr(organization, name) for name in ContactData.__dataclass_fields__} | changed
    return ContactData(**values)


# --- at once


def test_contact_data_are_stored_at_once(organization, owner):
    """ORG-11: the account's phone follows the responsible person's; the log names the fields only."""
    services.update_contact(
        owner, organization, contact(organization, address="新地址 5 号", responsible_phone="13857100088")
    )
    organization = Organization.objects.get(pk=organization.pk)
    owner.user.refresh_from_db()

    assert (organization.address, organization.responsible_phone) == ("新地址 5 号", "13857100088")
    assert owner.user.phone == "13857100088"
    entry = AuditEntry.objects.get(act="organization.contact")
    assert entry.detail == {"fields": ["address", "responsible_phone"]}
    assert organization.is_approved


@pytest.mark.parametrize("field", ["address", "contact_name", "contact_phone", "responsible_phone"])
def test_contact_data_are_judged(organization, owner, field):
    """ORG-11."""
    with pytest.raises(DomainError) as refusal:
        services.update_contact(owner, organization, contact(organization, **{field: ""}))

    assert set(refusal.value.items) == {field}


def test_nobody_changes_somebody_elses_contact(world, organization):
    """SEC-01; and a registration under review changes nothing this way."""
    other = registered(world)
    stranger = actor_for(User.objects.get(membership__organization=other))
    with pytest.raises(NotAllowedError):
        services.update_contact(stranger, organization, contact(organization, address="别处"))
    with pytest.raises(NotAllowedError):
        services.update_contact(stranger, other, contact(other, address="别处"))


# --- under review


def test_old_values_stay_in_force_until_approval(world, organization, owner):
    """ORG-11: nothing of the organization changes while the change is under review, nor by a rejection."""
    before = Organization.objects.filter(pk=organization.pk).values().get()
    code = world.invent.credit_code()
    change = services.request_change(
        owner,
        organization,
        wanted(organization, name="浙江新晨光建设有限公司", uscc=code),
        {Slot.LICENSE: paper(owner)},
    )

    def now():
        return Organization.objects.filter(pk=organization.pk).values().get()

    assert now() == before
    assert change.what == "单位名称、信用代码"
    reviews.reject(world.actor(change.supervisor), change.review, reasons={"name": "名称与营业执照不一致"})
    assert now() == before
    assert User.objects.filter(account=organization.uscc).exists()
    assert "名称与营业执照不一致" in Sms.objects.get(code="organization_change.rejected").text


def test_approval_puts_everything_into_force(world, organization, owner):
    """ORG-11, ORG-06: name, code, account, papers in one transaction."""
    code, old_license = world.invent.credit_code(), organization.documents.get(slot="yyzz").document_id
    license_ = paper(owner)
    change = services.request_change(
        owner,
        organization,
        wanted(organization, name="浙江新晨光建设有限公司", uscc=code),
        {Slot.LICENSE: license_},
    )
    reviews.approve(world.actor(change.supervisor), change.review)
    organization = Organization.objects.get(pk=organization.pk)
    owner.user.refresh_from_db()

    assert (organization.name, organization.uscc) == ("浙江新晨光建设有限公司", code)
    assert owner.user.account == code
    assert organization.documents.get(slot="yyzz").document_id == license_.pk != old_license
    assert Document.objects.filter(pk=old_license).exists()
    assert organization.review.subject_label == "浙江新晨光建设有限公司"
    assert organization.is_approved


def test_a_move_is_decided_by_the_new_city_and_changes_the_supervisor(world, organization, owner):
    """ORG-08, ORG-11: the receiving city decides; afterwards the organization is its own."""
    hangzhou, ningbo = organization.supervisor, Authority.objects.get(region__code="330200")
    change = services.request_change(
        owner, organization, wanted(organization, region=Region.objects.get(code="330206"), reason="迁址")
    )
    old, new = world.actor(hangzhou), world.actor(ningbo)
    assert OrganizationChange.objects.visible_to(old).filter(pk=change.pk).exists()
    assert OrganizationChange.objects.visible_to(new).filter(pk=change.pk).exists()
    papers = Document.objects.filter(owner_key=organization.key)
    assert Document.objects.visible_to(new).filter(pk__in=papers).count() == 2
    with pytest.raises(NotAllowedError):
        reviews.approve(old, change.review)

    reviews.approve(new, change.review)

    organization = Organization.objects.get(pk=organization.pk)
    assert organization.supervisor == ningbo
    assert Organization.objects.visible_to(new).filter(pk=organization.pk).exists()
    assert not Organization.objects.visible_to(old).filter(pk=organization.pk).exists()


def test_the_receiving_city_loses_sight_when_it_declines(world, organization, owner):
    """MAT-05: papers of an organization that is not (yet) its own are open only while the city decides."""
    change = services.request_change(
        owner, organization, wanted(organization, region=Region.objects.get(code="330206"), reason="迁址")
    )
    new = world.actor(change.supervisor)
    reviews.reject(new, change.review, reasons={"region": "不是本地企业"})

    assert not Document.objects.visible_to(new).filter(owner_key=organization.key).exists()


def test_a_change_of_the_chosen_review_changes_what_is_on_offer(world, organization, owner):
    """ORG-08, ORG-09: from the city's review to the province's."""
    from zhupei.organizations.models import Institution

    world.institution(supervisor=organization.supervisor)
    assert Institution.objects.visible_to(Actor(portal="enterprise", body=organization)).count() == 1
    change = services.request_change(
        owner, organization, wanted(organization, review_choice="provincial", reason="改为省级审核")
    )
    assert change.what == "主管部门"
    reviews.approve(world.actor(change.supervisor), change.review)

    assert not Institution.objects.visible_to(
        Actor(portal="enterprise", body=Organization.objects.get(pk=organization.pk))
    ).exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "nothing_changed"),
        ({"name": "新名称有限公司"}, "invalid_change"),
        ({"reason": " "}, "invalid_change"),
    ],
)
def test_what_cannot_be_applied_for(organization, owner, changed, code):
    """ORG-11: nothing changed; a new name without a new license; no reason."""
    with pytest.raises(DomainError) as refusal:
        services.request_change(owner, organization, wanted(organization, **changed))

    assert refusal.value.code == code
    assert not OrganizationChange.objects.exists()


def test_one_change_at_a_time(organization, owner):
    """ORG-11: while one is under review no second; taken back, the same one is corrected and handed in again."""
    data = wanted(organization, review_choice="provincial")
    change = services.request_change(owner, organization, data)
    with pytest.raises(DomainError) as refusal:
        services.request_change(owner, organization, data)
    assert refusal.value.code == "change_pending"

    services.withdraw_change(owner, change)
    again = services.request_change(owner, organization, replace(data, reason="理由写得更清楚"))

    assert again.pk == change.pk
    assert again.review.round == 2


def test_a_taken_code_is_refused_at_both_ends(world, organization, owner):
    """ORG-07, ORG-11: when applying, and when somebody registered it while it was under review."""
    taken = registered(world)
    with pytest.raises(DomainError) as refusal:
        services.request_change(
            owner, organization, wanted(organization, uscc=taken.uscc), {Slot.LICENSE: paper(owner)}
        )
    assert refusal.value.code == "already_registered"

    code = world.invent.credit_code()
    change = services.request_change(
        owner, organization, wanted(organization, uscc=code), {Slot.LICENSE: paper(owner)}
    )
    registered(world, uscc=code)
    with pytest.raises(DomainError) as refusal:
        reviews.approve(world.actor(change.supervisor), change.review)

    assert refusal.value.code == "already_registered"
    assert Review.objects.get(pk=change.review_id).state == ReviewState.SUBMITTED
    assert Organization.objects.get(pk=organization.pk).uscc == organization.uscc


def test_only_the_organization_itself_applies_once_approved(world, organization, owner):
    """SEC-01, ORG-10."""
    waiting = registered(world)
    stranger = actor_for(User.objects.get(membership__organization=waiting))
    with pytest.raises(NotAllowedError):
        services.request_change(stranger, organization, wanted(organization, reason="x"))
    with pytest.raises(NotAllowedError):
        services.request_change(stranger, waiting, wanted(waiting, reason="x"))


def test_taking_back_ends_with_acceptance(world, organization, owner):
    """ORG-11."""
    change = services.request_change(owner, organization, wanted(organization, review_choice="provincial"))
    reviews.accept(world.actor(change.supervisor), change.review)
    with pytest.raises(WrongStateError):
        services.withdraw_change(owner, change)

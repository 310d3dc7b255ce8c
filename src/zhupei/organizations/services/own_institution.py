"""What an institution keeps by itself: contact, introduction, bank account, places of training and testing (ORG-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.scoping import Actor
from zhupei.organizations import news
from zhupei.organizations.checks import checked_institution
from zhupei.organizations.data import InstitutionData
from zhupei.organizations.models import Institution, TestSite
from zhupei.organizations.roles import Capability, may, require
from zhupei.organizations.services.facilities import check_open

CONTACT_FIELDS = ("contact_name", "contact_phone", "introduction", "strengths")
ACCOUNT_FIELDS = ("account_name", "account_number", "account_bank")
_GIVEN = ("name", "short_name", "region", "address")  # kept by the authority
MOST_SEATS = 2000


@dataclass
class ProfileData:
    """What an institution may change about itself."""

    contact_name: str
    contact_phone: str
    introduction: str
    strengths: str
    account_name: str
    account_number: str
    account_bank: str


@dataclass
class SiteData:
    """A place of training or testing: name, address, seats at computers."""

    name: str
    address: str
    seats: int = 0


def may_change_account(actor: Actor) -> bool:
    """The bank account that payers read is for the owner and finance alone (`organizations.roles`)."""
    return may(actor, Capability.KEEP_ACCOUNT)


def update_profile(actor: Actor, institution: Institution, data: ProfileData) -> Institution:
    """Store what was changed; before and after go into the audit log. Orders that exist keep their account.

    Raises NotAllowedError (another institution; the account, by a clerk), DomainError `invalid_institution` by field.
    A change of the account is told to the institution and to its authority.
    """
    _refuse_others(actor, institution)
    require(actor, Capability.KEEP_PROFILE)
    with transaction.atomic():
        row = Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
        checked = _checked(row, data)
        before = {
            name: getattr(row, name)
            for name in (*CONTACT_FIELDS, *ACCOUNT_FIELDS)
            if getattr(row, name) != getattr(checked, name)
        }
        changed_account = [name for name in before if name in ACCOUNT_FIELDS]
        if changed_account and not may_change_account(actor):
            raise NotAllowedError("收款账户只能由管理员或财务修改，请联系本机构的管理员。")
        if before:
            changes = {name: [value, getattr(checked, name)] for name, value in before.items()}
            for name, (_, value) in changes.items():
                setattr(row, name, value)
            row.save(update_fields=list(changes))
            audit.record(actor, "institution.profile", row, changes=changes)
        if changed_account:
            news.account_changed(row)
    for name in before:
        setattr(institution, name, getattr(checked, name))
    return row


def _checked(row: Institution, data: ProfileData) -> InstitutionData:
    """The same judge as when the authority enters an institution; only our own fields can be found wrong."""
    given = {name: getattr(row, name) for name in _GIVEN}
    own = {name: getattr(data, name) for name in (*CONTACT_FIELDS, *ACCOUNT_FIELDS)}
    return checked_institution(InstitutionData(**given, **own))


def add_site(actor: Actor, institution: Institution, data: SiteData) -> TestSite:
    """A new place. Raises NotAllowedError, DomainError `invalid_site` by field."""
    check_open(actor, institution)
    values = _checked_site(institution, data)
    with transaction.atomic():
        site = TestSite.objects.create(institution=institution, **values)
        audit.record(actor, "institution.site_add", site, **values)
    return site


def update_site(actor: Actor, site: TestSite, data: SiteData) -> TestSite:
    """Change a place. Raises as `add_site`."""
    check_open(actor, site.institution)
    values = _checked_site(site.institution, data, but=site)
    with transaction.atomic():
        row = TestSite.objects.select_for_update(of=("self",), no_key=True).get(pk=site.pk)
        changes = {
            name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value
        }
        for name, (_, value) in changes.items():
            setattr(row, name, value)
        if changes:
            row.save(update_fields=list(changes))
            audit.record(actor, "institution.site_update", row, changes=changes)
    return row


def remove_site(actor: Actor, site: TestSite) -> None:
    """Take a place away with its rooms; what was offered there stands without a place afterwards.

    Raises DomainError `site_in_use` when a training plan uses one of its rooms.
    """
    check_open(actor, site.institution)
    try:
        with transaction.atomic():
            audit.record(actor, "institution.site_remove", site, name=site.name, address=site.address)
            site.delete()
    except ProtectedError:
        raise DomainError(
            "site_in_use", f"“{site.name}”的教室已用于培训计划，不能删除，可以停用教室。"
        ) from None


def _refuse_others(actor: Actor, institution: Institution) -> None:
    if actor.key != institution.key:
        raise NotAllowedError("只能修改本机构的信息。")


def _checked_site(institution: Institution, data: SiteData, *, but: TestSite | None = None) -> dict[str, Any]:
    name, address = " ".join(data.name.split()), " ".join(data.address.split())
    items: dict[str, str] = {}
    for field, text, label, limit in (("name", name, "名称", 100), ("address", address, "地址", 200)):
        if not text:
            items[field] = f"请填写{label}。"
        elif len(text) > limit:
            items[field] = f"{label}最多 {limit} 个字，现在有 {len(text)} 个，请写短一些。"
    if not 0 <= data.seats <= MOST_SEATS:
        items["seats"] = f"机位数应为 0 至 {MOST_SEATS}。"
    same = institution.sites.filter(name=name)
    if "name" not in items and (same.exclude(pk=but.pk) if but else same).exists():
        items["name"] = "已有同名的地点，请换一个名称。"
    if items:
        raise DomainError("invalid_site", "填写的内容有误，请改正后再保存。", items=items)
    return {"name": name, "address": address, "seats": data.seats}

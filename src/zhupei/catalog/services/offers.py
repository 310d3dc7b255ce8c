"""What an institution offers (培训项目): mode, fee standard, site and start pattern of an occupation (ORG-13)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.scoping import Actor
from zhupei.catalog.models import Delivery, Level, Occupation, Offer
from zhupei.catalog.services.common import assign, record_change, refuse, two_places, values_of
from zhupei.organizations.models import Institution, TestSite
from zhupei.organizations.roles import Capability, require

MOST = Decimal("1000000")


def _own_institution(actor: Actor) -> Institution:
    body = actor.body
    if actor.portal != "institution" or not isinstance(body, Institution):
        raise NotAllowedError("培训项目由培训机构自己维护。")
    require(actor, Capability.OFFER)
    return body


def _locked(actor: Actor, offer: Offer) -> Offer:
    require(actor, Capability.OFFER, offer)
    return Offer.objects.select_for_update().get(pk=offer.pk)


def _check_terms(institution: Institution, fee: Decimal | None, site: TestSite | None) -> None:
    items = {}
    if fee is None or not fee.is_finite() or fee < 0 or fee >= MOST:
        items["fee"] = "收费标准应是不小于 0 的金额。"
    elif not two_places(fee):
        items["fee"] = "收费标准最多两位小数，单位为元。"
    if site is not None and site.institution_id != institution.pk:
        items["site"] = "请选择本机构的测试地点。"
    elif site is None and institution.sites.exists():
        items["site"] = "请选择测试地点，报名单位要据此判断是否方便。"
    refuse(items)


def _check_kind(occupation: Occupation, level: Level | None, delivery: str) -> None:
    items = {}
    if not occupation.is_active or not occupation.programme.is_active:
        items["occupation"] = f"{occupation}已停用，请选择其他岗位（工种）。"
    levels = occupation.programme.levels.filter(is_active=True)
    if level is None and levels.exists():
        items["level"] = "请选择等级。"
    elif level is not None and not levels.filter(pk=level.pk).exists():
        items["level"] = f"{occupation.programme}没有开设这个等级，请重新选择。"
    if delivery not in Delivery.values:
        items["delivery"] = "请选择培训方式。"
    refuse(items)


def set_offer(
    actor: Actor,
    offer: Offer | None = None,
    *,
    fee: Decimal,
    site: TestSite | None,
    start_pattern: str = "",
    occupation: Occupation | None = None,
    level: Level | None = None,
    delivery: str = "",
) -> Offer:
    """Add an offer, or change the fee, site and start pattern of one.

    What it is for (occupation, level, mode) is settled when it is added: people are enrolled under it. Orders that
    exist keep the fee of their time. Raises a DomainError with the fields that are wrong.
    """
    institution = _own_institution(actor)
    with transaction.atomic():
        if offer is not None:
            row = _locked(actor, offer)
            _check_terms(institution, fee, site)
            before = values_of(row)
            assign(row, {"fee": fee, "site": site, "start_pattern": start_pattern})
            row.save(update_fields=["fee", "site", "start_pattern"])
            record_change(actor, "catalog.offer.change", row, before)
            return row
        if occupation is None:
            raise DomainError("invalid", "请选择岗位（工种）。", {"occupation": "请选择岗位（工种）。"})
        _check_kind(occupation, level, delivery)
        _check_terms(institution, fee, site)
        row = Offer(institution=institution, occupation=occupation, level=level, delivery=delivery)
        assign(row, {"fee": fee, "site": site, "start_pattern": start_pattern})
        return _insert(actor, row)


def _insert(actor: Actor, row: Offer) -> Offer:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        same = Offer.objects.get(
            institution=row.institution, occupation=row.occupation, level=row.level, delivery=row.delivery
        )
        words = f"已有“{same}”这个培训项目，" + (
            "请直接修改它的收费或地点。" if same.is_open else "它已停止报名，可以重新开放。"
        )
        raise DomainError("offer_exists", words, {"occupation": words}) from None
    audit.record(actor, "catalog.offer.add", row, after=values_of(row))
    return row


def add_offers(
    actor: Actor,
    *,
    occupations: Sequence[Occupation],
    deliveries: Sequence[str],
    fee: Decimal,
    site: TestSite | None,
    levels: Sequence[Level] = (),
    start_pattern: str = "",
) -> tuple[list[Offer], list[Offer]]:
    """Add one offer for every occupation × level × mode chosen, all at the same terms, in one transaction.

    Returns (added, those that were there before and stay as they are).
    """
    institution = _own_institution(actor)
    items = {}
    if not occupations:
        items["occupations"] = "请至少选择一个岗位（工种）。"
    if not deliveries:
        items["deliveries"] = "请至少选择一种培训方式。"
    refuse(items)
    wanted = [
        (occupation, level, delivery)
        for occupation in occupations
        for level in (levels or (None,))
        for delivery in deliveries
    ]
    with transaction.atomic():
        # Two clerks adding at once wait here for each other.
        Institution.objects.select_for_update().get(pk=institution.pk)
        known = {(row.occupation_id, row.level_id, row.delivery): row for row in institution.offers.all()}
        present = [known[key] for key in map(_key, wanted) if key in known]
        added = [
            set_offer(
                actor,
                occupation=occupation,
                level=level,
                delivery=delivery,
                fee=fee,
                site=site,
                start_pattern=start_pattern,
            )
            for occupation, level, delivery in wanted
            if _key((occupation, level, delivery)) not in known
        ]
    return added, present


def _key(kind: tuple[Occupation, Level | None, str]) -> tuple[int, int | None, str]:
    occupation, level, delivery = kind
    return occupation.pk, level.pk if level is not None else None, delivery


def _set_open(actor: Actor, offer: Offer, is_open: bool) -> Offer:
    with transaction.atomic():
        row = _locked(actor, offer)
        before: dict[str, Any] = values_of(row)
        row.is_open = is_open
        row.save(update_fields=["is_open"])
        record_change(actor, "catalog.offer.change", row, before)
        return row


def close_offer(actor: Actor, offer: Offer) -> Offer:
    """Take no more enrollments for an offer; those handed in go on."""
    return _set_open(actor, offer, False)


def reopen_offer(actor: Actor, offer: Offer) -> Offer:
    """Take enrollments for an offer again, unless its occupation or level was stopped."""
    require(actor, Capability.OFFER, offer)
    _check_kind(offer.occupation, offer.level, offer.delivery)
    return _set_open(actor, offer, True)

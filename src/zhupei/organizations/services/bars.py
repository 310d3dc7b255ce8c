"""Bar an organization or institution from business, lift the bar (ORG-15). Persons: zhupei.people."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.scoping import Actor
from zhupei.accounts.models import Portal
from zhupei.organizations import news
from zhupei.organizations.models import Authority, BodyBar, Institution, Organization
from zhupei.organizations.roles import Capability, require

LONGEST_REASON = 300


def checked_bar(
    actor: Actor, reason: str, starts_on: dt.date | None, ends_on: dt.date | None
) -> tuple[Authority, str, dt.date]:
    """The barring authority, the tidied reason, the first day; raises DomainError `invalid_bar` by field."""
    if actor.portal != Portal.AUTHORITY or not isinstance(actor.body, Authority):
        raise NotAllowedError()
    require(actor, Capability.BLACKLIST)
    reason, first = reason.strip(), starts_on or timezone.localdate()
    items: dict[str, str] = {}
    if not reason:
        items["reason"] = "请写明列入黑名单的原因。"
    elif len(reason) > LONGEST_REASON:
        items["reason"] = f"原因最多 {LONGEST_REASON} 个字，现在有 {len(reason)} 个，请写短一些。"
    if ends_on is not None and ends_on < first:
        items["ends_on"] = "截止日期不能早于起始日期。"
    elif ends_on is not None and ends_on < timezone.localdate():
        items["ends_on"] = "截止日期已经过去，请核对。"
    if items:
        raise DomainError("invalid_bar", "填写的内容有误，请改正后再提交。", items=items)
    return actor.body, reason, first


def checked_lifting(actor: Actor, authority: Authority, lifted: bool, reason: str) -> str:
    """The tidied reason for lifting; only the authority that barred may lift."""
    if not isinstance(actor.body, Authority) or actor.body.pk != authority.pk:
        raise NotAllowedError(f"由{authority}列入，请联系该部门解除。")
    require(actor, Capability.BLACKLIST)
    if lifted:
        raise WrongStateError("已经解除，请刷新页面查看最新情况。")
    if not reason.strip():
        raise DomainError("reason_required", "请写明解除的原因。", items={"reason": "请写明原因。"})
    return reason.strip()[:LONGEST_REASON]


def bar_body(
    actor: Actor,
    body: Organization | Institution,
    reason: str,
    *,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> BodyBar:
    """Bar a body the authority supervises from `starts_on` (today) to `ends_on` (open end), both included.

    Raises DomainError `invalid_bar`, `already_barred`; NotFoundError for a body of another authority.
    """
    require(actor, Capability.BLACKLIST, body)
    authority, reason, first = checked_bar(actor, reason, starts_on, ends_on)
    field = "organization" if isinstance(body, Organization) else "institution"
    with transaction.atomic():
        type(body)._base_manager.select_for_update(no_key=True).get(pk=body.pk)
        standing = BodyBar.objects.of(body).filter(lifted_at=None)
        if standing.exclude(ends_on__lt=timezone.localdate()).exists():
            raise DomainError("already_barred", f"{body}已在黑名单中，需要延长时请先解除再重新列入。")
        bar = BodyBar.objects.create(
            authority=authority,
            reason=reason,
            starts_on=first,
            ends_on=ends_on,
            created_by=actor.user,
            **{field: body},
        )
        audit.record(actor, "blacklist.bar", bar, body=body.key, reason=reason)
        news.barred(bar, body, period_of(first, ends_on))
    return bar


def lift_body_bar(actor: Actor, bar: BodyBar, reason: str) -> BodyBar:
    """Lift a bar now, with the reason; raises NotAllowedError, WrongStateError or `reason_required`."""
    require(actor, Capability.BLACKLIST, bar)
    with transaction.atomic():
        row = (
            BodyBar.objects.select_for_update(of=("self",), no_key=True)
            .select_related("authority")
            .get(pk=bar.pk)
        )
        row.lifted_reason = checked_lifting(actor, row.authority, row.lifted_at is not None, reason)
        row.lifted_at = timezone.now()
        row.save(update_fields=["lifted_at", "lifted_reason"])
        audit.record(actor, "blacklist.lift", row, reason=row.lifted_reason)
    return row


def period_of(starts_on: dt.date, ends_on: dt.date | None) -> str:
    """`2026-11-21 至 2027-11-20`, or without an end."""
    return f"{starts_on} 至 {ends_on}" if ends_on else f"{starts_on} 起，未定截止日期"

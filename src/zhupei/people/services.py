"""Bar a person from training and exams, lift the bar (黑名单, ORG-15)."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.crypto import blind_index
from foundation.errors import DomainError, NotAllowedError
from foundation.identifiers import id_number as id_numbers
from foundation.identifiers import names
from foundation.identifiers.problems import Problem
from foundation.scoping import Actor
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.bars import checked_bar, checked_lifting
from zhupei.people.models import PersonBar


def bar_person(
    actor: Actor,
    id_number: str,
    name: str,
    reason: str,
    *,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
) -> PersonBar:
    """Bar somebody by ID number from `starts_on` (today) to `ends_on` (open end), both included.

    The person need not be known here. Raises DomainError `invalid_bar` (items by field), or `already_barred`
    when this authority barred the same number and the bar still stands.
    """
    items: dict[str, str] = {}
    number, name = id_numbers.normalize(id_number), names.normalize(name)
    found = id_numbers.examine(number) if number else Problem("required", "请填写身份证号。")
    if isinstance(found, Problem):
        items["id_number"] = found.message
    if wrong := names.problem(name):
        items["name"] = wrong.message
    try:
        authority, reason, first = checked_bar(actor, reason, starts_on, ends_on)
    except NotAllowedError:
        raise
    except DomainError as refusal:
        raise DomainError(refusal.code, refusal.message, items=items | refusal.items) from None
    if items:
        raise DomainError("invalid_bar", "填写的内容有误，请改正后再提交。", items=items)
    digest = blind_index(number)
    with transaction.atomic():
        _one_at_a_time(digest)
        standing = PersonBar.objects.filter(id_number_index=digest, authority=authority, lifted_at=None)
        if standing.exclude(ends_on__lt=timezone.localdate()).exists():
            sentence = "该人员已在本部门的黑名单中，需要延长时请先解除再重新列入。"
            raise DomainError("already_barred", sentence, items={"id_number": sentence})
        bar = PersonBar.objects.create(
            id_number=number,
            name=name,
            authority=authority,
            reason=reason,
            starts_on=first,
            ends_on=ends_on,
            created_by=actor.user,
        )
        audit.record(actor, "blacklist.bar", bar, reason=reason)
    return bar


def _one_at_a_time(digest: str) -> None:
    """Two who bar the same person at once wait for each other; there is no row to lock yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"person-bar:{digest}"])


def lift_person_bar(actor: Actor, bar: PersonBar, reason: str) -> PersonBar:
    """Lift a bar now, with the reason; only the authority that barred.

    Raises NotAllowedError, WrongStateError when it was lifted before, DomainError `reason_required`.
    """
    require(actor, Capability.BLACKLIST, bar)
    with transaction.atomic():
        rows = PersonBar.objects.select_for_update(of=("self",), no_key=True).select_related("authority")
        row = rows.get(pk=bar.pk)
        row.lifted_reason = checked_lifting(actor, row.authority, row.lifted_at is not None, reason)
        row.lifted_at = timezone.now()
        row.save(update_fields=["lifted_at", "lifted_reason"])
        audit.record(actor, "blacklist.lift", row, reason=row.lifted_reason)
    return row

"""Write an entry, seal what was written, check that nothing was altered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction

from foundation.audit.models import AuditEntry, AuditSeal
from foundation.scoping import Actor

GENESIS = "0" * 64
SEAL_LOCK = 0x5A48_5550


def record(actor: Actor, act: str, subject: models.Model | None = None, **detail: Any) -> AuditEntry:
    """One entry: `act` is a stable word such as `document.open`; `detail` must hold no full ID numbers."""
    return AuditEntry.objects.create(
        user=actor.user,
        actor_key=actor.key,
        actor_label=actor.label[:200],
        address=actor.address,
        act=act,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        detail=detail,
    )


def _digest(previous: str, entries: Iterable[AuditEntry]) -> tuple[str, int, int]:
    """Digest, number of entries and the last transaction of a batch in chain order."""
    chain, count, last = hashlib.sha256(previous.encode()), 0, 0
    for entry in entries:
        fields = [
            entry.pk,
            entry.at.isoformat(),
            entry.user_id,
            entry.actor_key,
            entry.actor_label,
            entry.address,
            entry.act,
            entry.subject_type,
            entry.subject_id,
            entry.detail,
        ]
        chain.update(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode())
        count, last = count + 1, entry.transaction
    return chain.hexdigest(), count, last


def seal() -> AuditSeal | None:
    """Seal every entry whose writing transaction is surely over; returns the new link or None."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), txid_snapshot_xmin(txid_current_snapshot())", [SEAL_LOCK]
        )
        oldest_running = cursor.fetchone()[1]
        tail = AuditSeal.objects.order_by("-last_transaction").first()
        entries = AuditEntry.objects.filter(
            transaction__gt=tail.last_transaction if tail else 0, transaction__lt=oldest_running
        ).order_by("transaction", "pk")
        previous = tail.digest if tail else GENESIS
        digest, count, last = _digest(previous, entries.iterator())
        if not count:
            return None
        return AuditSeal.objects.create(
            last_transaction=last, entries=count, previous=previous, digest=digest
        )


def verify() -> int | None:
    """Recompute the chain; None when it holds, otherwise the id of the first broken link."""
    previous, after = GENESIS, 0
    for link in AuditSeal.objects.order_by("last_transaction"):
        entries = AuditEntry.objects.filter(
            transaction__gt=after, transaction__lte=link.last_transaction
        ).order_by("transaction", "pk")
        digest, count, _ = _digest(previous, entries.iterator())
        if (link.previous, link.digest, link.entries) != (previous, digest, count):
            return link.pk
        previous, after = digest, link.last_transaction
    return None

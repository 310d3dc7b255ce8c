"""Ask whether something may be done once more, and count that it was (SEC-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import Exists, Q
from django.db.models.expressions import Combinable
from django.utils import timezone

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.limits.models import Use


@dataclass(frozen=True)
class Limit:
    """At most `times` within any `window`. Limits of one name count the same uses."""

    name: str
    times: int
    window: dt.timedelta


@dataclass(frozen=True)
class Full:
    """A limit that is reached, and how long until it lets one more through."""

    limit: Limit
    wait: dt.timedelta


# A limit, and whom it counts for: an address, a phone, a ticket.
Asked = tuple[Limit, str]

_FULL = """
SELECT asked.place, held.at
FROM unnest(%s::text[], %s::integer[], %s::interval[]) WITH ORDINALITY AS asked (key, times, span, place)
CROSS JOIN LATERAL (
    SELECT at FROM limits_use WHERE key = asked.key AND at > %s - asked.span
    ORDER BY at DESC OFFSET asked.times - 1 LIMIT 1
) AS held
ORDER BY asked.place LIMIT 1
"""


def full(asked: Sequence[Asked]) -> Full | None:
    """The first of these limits that is reached now, if any; nothing is counted."""
    now = timezone.now()
    with connection.cursor() as cursor:
        keys = [_key(limit, subject) for limit, subject in asked]
        spans = [limit.window for limit, _ in asked]
        cursor.execute(_FULL, [keys, [limit.times for limit, _ in asked], spans, now])
        row = cursor.fetchone()
    if row is None:
        return None
    limit = asked[row[0] - 1][0]
    return Full(limit, row[1] + limit.window - now)


def is_full(asked: Sequence[Asked]) -> Combinable | Q:
    """Whether one of these limits is reached, as an expression for a query that is made anyway."""
    now = timezone.now()
    return reduce(
        or_,
        (
            Exists(
                Use.objects.filter(key=_key(limit, subject), at__gt=now - limit.window)[
                    limit.times - 1 : limit.times
                ]
            )
            for limit, subject in asked
        ),
    )


def spend(asked: Sequence[Asked]) -> Full | None:
    """Count one use against all of these limits, or against none and return the first that is reached.

    Whoever asks at the same time waits until the caller's transaction ends; what it takes back was not counted.
    """
    until: dict[str, dt.timedelta] = {}
    for limit, subject in asked:
        key = _key(limit, subject)
        until[key] = max(limit.window, until.get(key, limit.window))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_advisory_xact_lock(hashtextextended('limit:' || key, 0))) FROM unnest(%s::text[]) AS key",
                [sorted(until)],
            )
        reached = full(asked)
        if reached is None:
            now = timezone.now()
            Use.objects.bulk_create(
                Use(key=key, at=now, counts_until=now + span) for key, span in until.items()
            )
        return reached


def require(limit: Limit, subject: str) -> None:
    """Count one use. Raises DomainError `too_many_requests` when the limit is reached."""
    if spend([(limit, subject)]):
        raise DomainError("too_many_requests", "操作太频繁，请过几分钟再试。")


def sweep() -> int:
    """Forget uses that no limit counts any more; returns how many."""
    return Use.objects.filter(counts_until__lte=timezone.now()).delete()[0]


def _key(limit: Limit, subject: str) -> str:
    return blind_index(f"{limit.name}:{subject}")

"""Monthly partitions of the answers' table, made ahead (architecture.md, Scale)."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

AHEAD_MONTHS = 3


def month_of(day: dt.date) -> dt.date:
    """The partition that a day's answers belong to."""
    return day.replace(day=1)


def ensure_partitions(today: dt.date | None = None) -> list[str]:
    """Make the partitions of this month and the next AHEAD_MONTHS that are missing; returns their names.

    A month whose rows are already in the default partition stays there: PostgreSQL would refuse to part them.
    """
    month = month_of(today or timezone.localdate())
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exam-partitions'))")
        for _ in range(AHEAD_MONTHS + 1):
            following = month_of(month + dt.timedelta(days=32))
            name = f"exam_answer_{month:%Y_%m}"
            cursor.execute("SELECT to_regclass(%s) IS NULL", [name])
            is_missing = cursor.fetchone()[0]
            cursor.execute("SELECT EXISTS (SELECT 1 FROM exam_answer_rest WHERE month = %s)", [month])
            has_rows = cursor.fetchone()[0]
            if is_missing and not has_rows:
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF exam_answer"
                    f" FOR VALUES FROM ('{month:%Y-%m-%d}') TO ('{following:%Y-%m-%d}') WITH (fillfactor = 80)"
                )
                made.append(name)
            month = following
    return made

"""Several counts in one statement, for menus and home pages that show many of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet


def count_together(*querysets: QuerySet[Any]) -> list[int]:
    """How many rows each of `querysets` (all of one database) has, in their order; at most one statement."""
    counts = [0] * len(querysets)
    parts: list[str] = []
    places: list[int] = []
    values: list[Any] = []
    for place, rows in enumerate(querysets):
        try:
            sql, given = rows.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:  # nothing can be in it, so the database need not be asked
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS c{place})")  # noqa: S608
        places.append(place)
        values.extend(given)
    if parts:
        with connections[querysets[0].db].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", values)
            for place, number in zip(places, cursor.fetchone(), strict=True):
                counts[place] = number
    return counts

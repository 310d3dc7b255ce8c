"""Looking people up."""

from __future__ import annotations

from collections.abc import Iterable

from zhupei.people.models import PersonBar


def barred(id_number_indexes: Iterable[str]) -> dict[str, str]:
    """Blind index of the ID number → that the person is barred today, by whom, why and until when (ORG-15); one query.

    The words follow whatever the person is called: `该人员` … `，不能报名。`
    """
    bars = PersonBar.objects.in_force().filter(id_number_index__in=list(id_number_indexes))
    found: dict[str, str] = {}
    for bar in bars.select_related("authority"):
        found.setdefault(bar.id_number_index, bar.in_words)
    return found

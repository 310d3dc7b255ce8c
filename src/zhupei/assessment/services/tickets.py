"""Ticket numbers (准考证号): city code, day of the session, running number (ASM-02)."""

from __future__ import annotations

from django.db import connection

from zhupei.assessment import rules
from zhupei.assessment.models import AssessmentPlan, Candidate


def number_tickets(plan: AssessmentPlan) -> int:
    """Give every seated candidate without a number one, in the order of session, room and seat; returns how many.

    Runs in the caller's transaction; the numbers of the days are locked until its end, so that none is left out.
    """
    region = plan.institution.region
    code = (region.city or region).code
    rows = (
        plan.candidates.filter(ticket_number=None, exam_room__isnull=False)
        .order_by("exam_room__session__number", "exam_room__number", "seat_number")
        .values_list("pk", "exam_room__session__starts_at")
    )
    keys: dict[str, list[int]] = {}
    for key, starts_at in rows:
        keys.setdefault(rules.ticket_prefix(code, starts_at), []).append(key)
    numbers: dict[int, str] = {}
    for prefix in sorted(keys):
        taken = rules.TICKET_NUMBERS.take(prefix, len(keys[prefix]))
        numbers |= zip(keys[prefix], taken, strict=True)
    _write(numbers)
    return len(numbers)


def _write(numbers: dict[int, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Candidate._meta.db_table} AS c SET ticket_number = t.number"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::text[]) AS t(pk, number) WHERE c.id = t.pk",
            [list(numbers), list(numbers.values())],
        )

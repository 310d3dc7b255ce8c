"""Versions of the table of majors and of the years of practice (CAT-02)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.catalog.models import EligibilityTable, MajorRow, PracticeRule, Programme
from zhupei.catalog.rules import RELATION_LABELS, TIER_LABELS
from zhupei.catalog.services.common import check_new_day, check_still_future, refuse, require_province

# The order of attachment 5: number → tier and relation.
ROWS: tuple[tuple[int, str, str], ...] = (
    (1, "graduate", "matching"),
    (2, "bachelor", "matching"),
    (3, "college", "matching"),
    (4, "graduate", "related"),
    (5, "bachelor", "related"),
    (6, "college", "related"),
    (7, "secondary", "matching"),
    (8, "secondary", "related"),
)
_SEPARATORS = re.compile(r"[、，,；;\n\r\t]+")
MOST_YEARS = 40


def split_majors(text: str) -> list[str]:
    """Majors typed into one cell, divided by 、 or line ends; each once, in their order."""
    return list(dict.fromkeys(major.strip() for major in _SEPARATORS.split(text) if major.strip()))


@dataclass(frozen=True)
class TableDraft:
    """One version as it is typed.

    `groups` are the columns ({"key", "label"}); `majors` maps (row number, group key) to majors, `years` maps the row
    number to the least years of practice.
    """

    effective_from: dt.date
    source: str
    groups: Sequence[Mapping[str, str]]
    majors: Mapping[tuple[int, str], Sequence[str]]
    years: Mapping[int, Decimal]
    note: str = ""
    accept_lower_tier: bool = False


def row_label(number: int) -> str:
    """本科相关专业 for row 5."""
    _, tier, relation = ROWS[number - 1]
    return f"{TIER_LABELS[tier]}{RELATION_LABELS[relation]}"


def _check(draft: TableDraft) -> None:
    items: dict[str, str] = {}
    if not draft.source.strip():
        items["source"] = "请写明依据，例如标准或文件的名称。"
    if not draft.groups or any(not group["label"].strip() for group in draft.groups):
        items["groups"] = "请写明每一列适用的岗位。"
    for number, _, _ in ROWS:
        years = draft.years.get(number)
        if years is None or not 0 <= years <= MOST_YEARS or years != years.quantize(Decimal("0.1")):
            items[f"years_{number}"] = (
                f"第 {number} 行的工作年限应在 0 至 {MOST_YEARS} 年之间，最多一位小数。"
            )
    if not any(draft.majors.values()):
        items["majors"] = "专业对应表还没有填写任何专业。"
    refuse(items)


def _write(table: EligibilityTable, draft: TableDraft) -> None:
    table.effective_from = draft.effective_from
    table.source = draft.source.strip()
    table.note = draft.note.strip()
    table.groups = [{"key": group["key"], "label": group["label"].strip()} for group in draft.groups]
    table.accept_lower_tier = draft.accept_lower_tier
    table.save()
    table.majors.all().delete()
    table.practice.all().delete()
    MajorRow.objects.bulk_create(
        MajorRow(
            table=table,
            number=number,
            tier=tier,
            relation=relation,
            group=group["key"],
            majors=list(draft.majors.get((number, group["key"]), ())),
        )
        for number, tier, relation in ROWS
        for group in draft.groups
    )
    PracticeRule.objects.bulk_create(
        PracticeRule(table=table, tier=tier, relation=relation, years=draft.years[number])
        for number, tier, relation in ROWS
    )


def snapshot(table: EligibilityTable) -> dict[str, Any]:
    """A version in full, as the audit keeps it."""
    return {
        "effective_from": str(table.effective_from),
        "source": table.source,
        "note": table.note,
        "groups": table.groups,
        "accept_lower_tier": table.accept_lower_tier,
        "majors": {f"{row.number}.{row.group}": row.majors for row in table.majors.all()},
        "years": {f"{rule.tier}.{rule.relation}": str(rule.years) for rule in table.practice.all()},
    }


def add_eligibility_version(actor: Actor, programme: Programme, draft: TableDraft) -> EligibilityTable:
    """Add a version that holds from `draft.effective_from` on, today or later; earlier ones stay as they were."""
    require_province(actor)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        check_new_day(draft.effective_from, programme.eligibility_tables.all())
        _check(draft)
        table = EligibilityTable(programme=programme)
        _write(table, draft)
        audit.record(actor, "catalog.eligibility.add", table, after=snapshot(table))
        return table


def change_eligibility_version(actor: Actor, table: EligibilityTable, draft: TableDraft) -> EligibilityTable:
    """Change a version that is not in force yet."""
    require_province(actor)
    with transaction.atomic():
        row = EligibilityTable.objects.select_for_update().get(pk=table.pk)
        check_still_future(row)
        others = EligibilityTable.objects.filter(programme=row.programme_id).exclude(pk=row.pk)
        check_new_day(draft.effective_from, others)
        _check(draft)
        before = snapshot(row)
        _write(row, draft)
        audit.record(actor, "catalog.eligibility.change", row, before=before, after=snapshot(row))
        return row


def drop_eligibility_version(actor: Actor, table: EligibilityTable) -> None:
    """Take back a version that is not in force yet."""
    require_province(actor)
    with transaction.atomic():
        row = EligibilityTable.objects.select_for_update().get(pk=table.pk)
        check_still_future(row)
        audit.record(actor, "catalog.eligibility.drop", row, before=snapshot(row))
        row.delete()

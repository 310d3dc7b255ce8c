"""Put the default catalog into an empty database: programmes, occupations, levels, rules, majors."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from zhupei.catalog import data
from zhupei.catalog.models import (
    EligibilityTable,
    Level,
    MajorRow,
    Occupation,
    PracticeRule,
    Programme,
    ProgrammeRules,
)


def describe_source(parts: list[list[str]]) -> str:
    """E.g. [["考试", "S"], ["学时", "P"]] → a sentence that says where each figure comes from."""
    words = data.read("programmes")["sources"]
    return "；".join(f"{what}：{words[letter]}" for what, letter in parts)


def load_catalog() -> int:
    """Insert what is missing of the default catalog; returns how many rows. Safe to call again.

    What is there already is left as it is, for the provincial authority maintains it on screen: occupations and
    levels are known by their codes, rules and the table of majors are loaded only where a programme has none.
    """
    with transaction.atomic():
        inserted = sum(
            _load_programme(place, given) for place, given in enumerate(data.read("programmes")["programmes"])
        )
        return inserted + _load_eligibility(data.read("eligibility"))


def _load_programme(position: int, given: dict[str, Any]) -> int:
    programme, made = Programme.objects.get_or_create(
        code=given["code"],
        defaults={
            "name": given["name"],
            "enrollment_order": given["enrollment_order"],
            "position": position,
        },
    )
    inserted = int(made)
    if not programme.rules.exists():
        figures = dict(given["rules"])
        source = describe_source(figures.pop("sources"))
        day = dt.date.fromisoformat(figures.pop("effective_from"))
        ProgrammeRules.objects.create(programme=programme, effective_from=day, source=source, **figures)
        inserted += 1
    return inserted + _load_occupations(programme, given) + _load_levels(programme, given)


def _load_occupations(programme: Programme, given: dict[str, Any]) -> int:
    rows: list[Occupation] = []
    for entry in given["occupations"]:
        source = describe_source(entry.get("sources") or given["occupation_sources"])
        for specialty in entry.get("specialties", [""]):
            position = len(rows) + 1
            rows.append(
                Occupation(
                    programme=programme,
                    code=f"{position:02d}",
                    base_name=entry["base"],
                    specialty=specialty,
                    name=f"{specialty}{entry['base']}",
                    group=entry.get("group", ""),
                    position=position,
                    source=source,
                )
            )
    codes, names = set(), set()
    for code, name in programme.occupations.values_list("code", "name"):
        codes.add(code)
        names.add(name)
    missing = [row for row in rows if row.code not in codes and row.name not in names]
    Occupation.objects.bulk_create(missing)
    return len(missing)


def _load_levels(programme: Programme, given: dict[str, Any]) -> int:
    known = set(programme.levels.values_list("code", flat=True))
    missing = [
        Level(programme=programme, position=place, **entry)
        for place, entry in enumerate(given["levels"], start=1)
        if entry["code"] not in known
    ]
    Level.objects.bulk_create(missing)
    return len(missing)


def _load_eligibility(given: dict[str, Any]) -> int:
    programme = Programme.objects.get(code=given["programme"])
    if programme.eligibility_tables.exists():
        return 0
    table = EligibilityTable.objects.create(
        programme=programme,
        effective_from=dt.date.fromisoformat(given["effective_from"]),
        source=given["source"],
        note=given["note"],
        groups=given["groups"],
        accept_lower_tier=given["accept_lower_tier"],
    )
    majors = [
        MajorRow(
            table=table,
            number=row["number"],
            tier=row["tier"],
            relation=row["relation"],
            group=group["key"],
            majors=row[group["key"]],
        )
        for row in given["rows"]
        for group in given["groups"]
    ]
    practice = [PracticeRule(table=table, **entry) for entry in given["practice"]]
    MajorRow.objects.bulk_create(majors)
    PracticeRule.objects.bulk_create(practice)
    return 1 + len(majors) + len(practice)


def load_after_migrate(apps: Any = None, **signal: Any) -> None:
    """Receiver of `post_migrate`; does nothing while the tables are not today's (migrating back)."""
    if apps is not None and not all(
        _is_present(apps, model) for model in (Programme, EligibilityTable, PracticeRule)
    ):
        return
    load_catalog()


def _is_present(apps: Any, model: Any) -> bool:
    try:
        there = {field.name for field in apps.get_model("catalog", model.__name__)._meta.local_fields}
    except LookupError:
        return False
    return {field.name for field in model._meta.local_fields} <= there

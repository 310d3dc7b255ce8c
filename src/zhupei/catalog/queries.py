"""What screens ask of the catalog: tables of majors in force, verdicts for many people at once, offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Protocol

from django.db.models import Exists, OuterRef
from django.utils import timezone

from foundation.scoping import Actor
from zhupei.catalog import data
from zhupei.catalog.models import EligibilityTable, Offer, OfferQuerySet
from zhupei.catalog.rules import (
    Cell,
    EligibilityRules,
    Knowledge,
    Verdict,
    judge_eligibility,
    normalize_major,
)
from zhupei.organizations.models import BodyBar


@cache
def known_majors() -> Knowledge:
    """Which majors the classes of the table contain, and which are plainly others (data/majors.json)."""
    given = data.read("majors")
    members = {
        tier: {entry: tuple(majors) for entry, majors in entries.items()}
        for tier, entries in given["members"].items()
    }
    other = frozenset(normalize_major(name) for name in given["other"]["exact"])
    return Knowledge(members, other, tuple(given["other"]["parts"]))


def majors_source() -> str:
    """Where the lists of majors come from."""
    return str(data.read("majors")["source"])


@lru_cache(maxsize=64)
def _rules_of(table_id: int, updated_at: dt.datetime) -> EligibilityRules:
    """The content of one version, kept until the version is changed."""
    table = EligibilityTable.objects.prefetch_related("majors", "practice").get(pk=table_id)
    return EligibilityRules(
        cells=tuple(
            Cell(row.number, row.tier, row.relation, row.group, tuple(row.majors))
            for row in table.majors.all()
        ),
        practice={(rule.tier, rule.relation): Decimal(rule.years) for rule in table.practice.all()},
        groups={group["key"]: group["label"] for group in table.groups},
        accept_lower_tier=table.accept_lower_tier,
        source=table.source,
        knowledge=known_majors(),
        key=table.pk,
    )


def rules_of(table: EligibilityTable) -> EligibilityRules:
    """One version of the table of majors as the pure rules take it; three queries once, then none."""
    return _rules_of(table.pk, table.updated_at)


class Applicant(Protocol):
    """What is asked of a person: an Enrollment fits, fetched with its occupation and organization."""

    pk: Any
    programme_id: int
    occupation: Any
    education: str
    major: str
    practice_years: Decimal | None


def explain(applicant: Applicant, day: dt.date | None = None) -> Verdict:
    """The verdict on one person, see `explain_many`."""
    return explain_many([applicant], day)[applicant.pk]


def explain_many(applicants: Iterable[Applicant], day: dt.date | None = None) -> dict[Any, Verdict]:
    """Primary key → verdict, by the table in force on `day`, else on the day each was handed in, else today.

    One query for all (three more the first time a table is used). Fetch enrollments with
    `select_related("occupation", "organization")`.
    """
    rows = list(applicants)
    versions: dict[int, list[EligibilityTable]] = {}
    wanted = {row.programme_id for row in rows}
    if wanted:
        for table in EligibilityTable.objects.filter(programme_id__in=wanted).order_by(
            "-effective_from", "-pk"
        ):
            versions.setdefault(table.programme_id, []).append(table)
    return {row.pk: _explain(row, versions, day or _day_of(row)) for row in rows}


def _day_of(applicant: Applicant) -> dt.date:
    submitted_at = getattr(applicant, "submitted_at", None)
    return timezone.localtime(submitted_at).date() if submitted_at else timezone.localdate()


def _explain(
    applicant: Applicant, versions: Mapping[int, Sequence[EligibilityTable]], day: dt.date
) -> Verdict:
    table = next(
        (each for each in versions.get(applicant.programme_id, ()) if each.effective_from <= day), None
    )
    occupation = applicant.occupation
    return judge_eligibility(
        rules_of(table) if table is not None else None,
        occupation.group,
        applicant.education,
        applicant.major,
        applicant.practice_years,
        occupation=occupation.base_name,
        by_school=getattr(getattr(applicant, "organization", None), "kind", "") == "school",
    )


def offers_to_choose(actor: Actor) -> OfferQuerySet:
    """What an applicant organization can enroll for today: open offers of the institutions on offer to it (ORG-09).

    Institutions that are closed or barred from business are left out. Fetched with everything that lists show.
    """
    barred = BodyBar.objects.in_force().filter(institution=OuterRef("institution"))
    offers: OfferQuerySet = Offer.objects.visible_to(actor)
    return (
        offers.open()
        .filter(~Exists(barred), institution__is_active=True)
        .select_related(
            "institution__supervisor__region",
            "institution__region__parent",
            "occupation__programme",
            "level",
            "site",
        )
    )

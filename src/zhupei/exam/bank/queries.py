"""What the pages of the question bank show in numbers: every bank at a glance (EXM-01, EXM-02)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation, Programme
from zhupei.exam.bank.models import Blueprint, Chapter, Question, QuestionVersion, VersionState
from zhupei.exam.bank.services.blueprints import missing

Key = tuple[int, int | None]


@dataclass
class BankFigures:
    """One bank: an occupation, of a level alone or for all of them."""

    occupation: Occupation
    level: Level | None = None
    questions: int = 0
    approved: int = 0
    practice: int = 0
    waiting: int = 0
    drafts: int = 0
    chapters: int = 0
    blueprint: Blueprint | None = None
    shortages: list[str] = field(default_factory=list)


def newest_versions(actor: Actor) -> QuerySet[QuestionVersion]:
    """Of each question the version that was written last."""
    later = QuestionVersion.objects.visible_to(actor).filter(
        question=OuterRef("question"), number__gt=OuterRef("number")
    )
    rows: QuerySet[QuestionVersion] = QuestionVersion.objects.visible_to(actor).filter(~Exists(later))
    return rows


def banks_of(actor: Actor, programme: Programme) -> list[BankFigures]:
    """Every occupation's bank with its numbers, the levels' own banks below it; ten queries whatever there is."""
    occupations = list(programme.occupations.filter(is_active=True))
    levels = {level.pk: level for level in programme.levels.all()}
    found: dict[Key, BankFigures] = {(row.pk, None): BankFigures(row) for row in occupations}
    names = {row.pk: row for row in occupations}

    def bank(occupation: int, level: int | None) -> BankFigures:
        key = (occupation, level)
        if key not in found:
            found[key] = BankFigures(names[occupation], levels[level] if level else None)
        return found[key]

    for occupation, level, n in _counted(Question.objects.visible_to(actor), names):
        bank(occupation, level).questions = n
    for occupation, level, n in _counted(Chapter.objects.visible_to(actor), names):
        bank(occupation, level).chapters = n
    versions = QuestionVersion.objects.visible_to(actor).filter(question__occupation__in=names).order_by()
    for occupation, level, state, is_practice, n in versions.values_list(
        "question__occupation", "question__level", "state", "question__is_practice"
    ).annotate(n=Count("pk")):
        row = bank(occupation, level)
        row.approved += n if state == VersionState.APPROVED else 0
        row.practice += n if state == VersionState.APPROVED and is_practice else 0
        row.waiting += n if state == VersionState.SUBMITTED else 0
        row.drafts += n if state in {VersionState.DRAFT, VersionState.RETURNED} else 0
    _add_blueprints(actor, names, bank)
    place = {row.pk: number for number, row in enumerate(occupations)}
    return sorted(
        found.values(),
        key=lambda row: (place[row.occupation.pk], row.level is not None, row.level and row.level.position),
    )


def _counted(rows: QuerySet[Any], occupations: Iterable[int]) -> Iterable[tuple[int, int | None, int]]:
    here = rows.filter(occupation__in=occupations).order_by()
    return here.values_list("occupation", "level").annotate(n=Count("pk"))


def _add_blueprints(
    actor: Actor, names: Iterable[int], bank: Callable[[int, int | None], BankFigures]
) -> None:
    """The blueprints in force, and what their banks lack for them."""
    stocks = _stocks(actor, names)
    active = Blueprint.objects.visible_to(actor).filter(occupation__in=names, is_active=True)
    for blueprint in active.prefetch_related("rows__chapter"):
        row = bank(blueprint.occupation_id, blueprint.level_id)
        row.blueprint = blueprint
        stock = Counter(stocks[blueprint.occupation_id, None])
        if blueprint.level_id:
            stock.update(stocks[blueprint.occupation_id, blueprint.level_id])
        row.shortages = list(missing(list(blueprint.rows.all()), stock).values())


def _stocks(actor: Actor, occupations: Iterable[int]) -> dict[Key, Counter[tuple[str, int, int]]]:
    """Approved questions by type, chapter and difficulty, bank by bank."""
    stocks: dict[Key, Counter[tuple[str, int, int]]] = defaultdict(Counter)
    rows = (
        QuestionVersion.objects.visible_to(actor)
        .filter(
            state=VersionState.APPROVED, question__occupation__in=occupations, question__is_practice=False
        )
        .order_by()
        .values_list("question__occupation", "question__level", "type", "chapter_id", "difficulty")
        .annotate(n=Count("pk"))
    )
    for occupation, level, kind, chapter, difficulty, n in rows:
        stocks[occupation, level][kind, chapter, difficulty] = n
    return stocks


def waiting_for(actor: Actor) -> int:
    """How many questions wait for a review that this very person may give."""
    rows = QuestionVersion.objects.visible_to(actor).filter(state=VersionState.SUBMITTED)
    return rows.exclude(author=actor.user).count() if actor.user else rows.count()


def queue(actor: Actor) -> QuerySet[QuestionVersion]:
    """What waits for review, in the order in which it was written."""
    rows: QuerySet[QuestionVersion] = (
        QuestionVersion.objects.visible_to(actor).filter(state=VersionState.SUBMITTED).order_by("pk")
    )
    return rows

"""组卷方案: what a paper consists of, in versions; refused unless it adds up and the bank can fill it (EXM-02)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models, transaction

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation
from zhupei.exam.bank.content import MOST_PARTS
from zhupei.exam.bank.models import (
    Blueprint,
    BlueprintRow,
    Chapter,
    Difficulty,
    QuestionType,
    QuestionVersion,
    VersionState,
)
from zhupei.exam.bank.services.questions import require_keeper

MOST_QUESTIONS = 200
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class RowData:
    """One row as filled in; open chapter and difficulty draw from all."""

    type: str
    count: int
    points: Decimal
    chapter: Chapter | None = None
    difficulty: int | None = None


def active_blueprint(occupation: Occupation, level: Level | None) -> Blueprint | None:
    """The blueprint for an occupation and level: that level's own, or the one for all levels."""
    found = Blueprint.objects.filter(occupation=occupation, is_active=True)
    return found.filter(level=level).first() or found.filter(level=None).first()


def save_blueprint(
    actor: Actor, occupation: Occupation, level: Level | None, rows: Sequence[RowData]
) -> Blueprint:
    """A new version, in force at once for papers prepared from now on. Raises DomainError, `items`: rows.<n> or total."""
    require_keeper(actor)
    rules = occupation.programme.rules_on()
    full_mark = rules.full_mark if rules else 100
    found = _problems(occupation, level, rows, full_mark)
    if found:
        raise DomainError("blueprint_refused", next(iter(found.values())), items=found)
    with transaction.atomic():
        Occupation.objects.select_for_update(no_key=True).get(pk=occupation.pk)
        earlier = Blueprint.objects.filter(occupation=occupation, level=level)
        last = earlier.aggregate(last=models.Max("version"))["last"] or 0
        earlier.update(is_active=False)
        blueprint = Blueprint.objects.create(
            occupation=occupation, level=level, version=last + 1, created_by=actor.user
        )
        BlueprintRow.objects.bulk_create(
            [
                BlueprintRow(
                    blueprint=blueprint,
                    chapter=row.chapter,
                    type=row.type,
                    difficulty=row.difficulty,
                    count=row.count,
                    points=row.points,
                    position=place,
                )
                for place, row in enumerate(rows)
            ]
        )
        audit.record(actor, "bank.blueprint", blueprint, version=blueprint.version)
        return blueprint


def _problems(
    occupation: Occupation, level: Level | None, rows: Sequence[RowData], full_mark: int
) -> dict[str, str]:
    if not rows:
        return {"total": "请至少填写一行。"}
    found: dict[str, str] = {}
    seen: dict[tuple[str, int | None, int | None], int] = {}
    for place, row in enumerate(rows):
        key = (row.type, row.chapter.pk if row.chapter else None, row.difficulty)
        if row.type not in QuestionType.values:
            found[f"rows.{place}"] = "请选择题型。"
        elif row.count < 1 or row.points <= 0:
            found[f"rows.{place}"] = "题数和分值都要大于 0。"
        elif row.points % TENTH:
            found[f"rows.{place}"] = "分值最多一位小数，例如 1.5。"
        elif row.type == QuestionType.CASE and row.points < MOST_PARTS * TENTH:
            found[f"rows.{place}"] = f"案例题每题至少 {MOST_PARTS * TENTH:.0f} 分，每道小题才有分。"
        elif row.chapter and not _belongs(row.chapter, occupation, level):
            found[f"rows.{place}"] = "请选择本题库的章节。"
        elif row.difficulty is not None and row.difficulty not in Difficulty.values:
            found[f"rows.{place}"] = "请选择难度。"
        elif key in seen:
            found[f"rows.{place}"] = f"与第 {seen[key] + 1} 行的题型、章节、难度相同，请合并。"
        seen.setdefault(key, place)
    if found:
        return found
    total = sum((row.count * row.points for row in rows), Decimal(0))
    if total != full_mark:
        return {"total": f"总分应为 {full_mark} 分，现在是 {total.normalize():f} 分。"}
    if sum(row.count for row in rows) > MOST_QUESTIONS:
        return {"total": f"一份试卷最多 {MOST_QUESTIONS} 题。"}
    return shortages(occupation, level, rows)


def _belongs(chapter: Chapter, occupation: Occupation, level: Level | None) -> bool:
    return chapter.occupation_id == occupation.pk and chapter.level_id in (None, level and level.pk)


Stock = Mapping[tuple[str, int, int], int]


def stock_of(occupation: Occupation, level: Level | None) -> dict[tuple[str, int, int], int]:
    """(type, chapter, difficulty) → how many approved questions a paper of this occupation and level may draw from."""
    approved = QuestionVersion.objects.filter(
        state=VersionState.APPROVED, question__occupation=occupation, question__is_practice=False
    ).filter(models.Q(question__level=level) | models.Q(question__level=None))
    counted = approved.order_by().values_list("type", "chapter_id", "difficulty")
    return {(kind, chapter, hard): n for kind, chapter, hard, n in counted.annotate(n=models.Count("pk"))}


def shortages(
    occupation: Occupation, level: Level | None, rows: Sequence[RowData | BlueprintRow]
) -> dict[str, str]:
    """rows.<n> → sentence for rows that the approved questions cannot fill."""
    return missing(rows, stock_of(occupation, level))


def missing(rows: Sequence[RowData | BlueprintRow], stock: Stock) -> dict[str, str]:
    """As `shortages`, from numbers: no question serves two rows, rows that overlap share as well as can be."""
    fitting = [[key for key in stock if _takes(row, key)] for row in rows]
    free = dict(stock)
    taken: list[Counter[tuple[str, int, int]]] = [Counter() for _ in rows]
    found: dict[str, str] = {}
    for place, row in enumerate(rows):
        lacking = sum(not _take_one(place, fitting, free, taken, set()) for _ in range(row.count))
        if lacking:
            found[f"rows.{place}"] = f"{describe(row)}需要 {row.count} 题，还差 {lacking} 题。"
    return found


def _takes(row: RowData | BlueprintRow, key: tuple[str, int, int]) -> bool:
    kind, chapter, difficulty = key
    return (
        row.type == kind
        and (row.chapter is None or row.chapter.pk == chapter)
        and (row.difficulty is None or row.difficulty == difficulty)
    )


def _take_one(
    place: int,
    fitting: Sequence[Sequence[tuple[str, int, int]]],
    free: dict[tuple[str, int, int], int],
    taken: Sequence[Counter[tuple[str, int, int]]],
    seen: set[tuple[str, int, int]],
) -> bool:
    """Give a row one more question, letting a row that holds one take another instead (augmenting path)."""
    for key in fitting[place]:
        if free[key] > 0:
            free[key] -= 1
            taken[place][key] += 1
            return True
    for key in fitting[place]:
        if key in seen:
            continue
        seen.add(key)
        for other, held in enumerate(taken):
            if other != place and held[key] > 0 and _take_one(other, fitting, free, taken, seen):
                held[key] -= 1
                taken[place][key] += 1
                return True
    return False


def describe(row: RowData | BlueprintRow) -> str:
    """E.g. “施工质量”单选题（中）."""
    chapter = f"“{row.chapter.name}”" if row.chapter else ""
    level = f"（{Difficulty(row.difficulty).label}）" if row.difficulty else ""
    return f"{chapter}{QuestionType(row.type).label}{level}"

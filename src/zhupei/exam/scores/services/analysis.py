"""试题分析 and 雷同分析 of a finished exam (EXM-09).

Papers differ in questions, order and options; here everything is brought back to question versions and to the original
letters of their options. The number of statements does not depend on the number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom
from zhupei.exam.bank.content import LETTERS
from zhupei.exam.bank.models import QuestionType, QuestionVersion
from zhupei.exam.hall.models import FINISHED, Answer, Attempt
from zhupei.exam.papers.models import Paper
from zhupei.exam.papers.scoring import is_right
from zhupei.exam.scores.similarity import (
    ItemFigures,
    Likeness,
    Mistakes,
    Sheet,
    item_figures,
    mistakes_of,
    suspicious,
)

# Fewer answers say nothing about a question.
LEAST_ANSWERS = 10
TOO_EASY = 0.95
TOO_HARD = 0.3
# Below this the question hardly tells strong from weak examinees.
LEAST_DISCRIMINATION = 0.15
FLAGS = {"easy": "过易", "hard": "过难", "negative": "区分度为负", "weak": "区分度低", "few": "样本少"}
_FLAG_TONES = {"easy": "wait", "hard": "wait", "negative": "bad", "weak": "wait", "few": "mute"}
_BY_WEIGHT = ("negative", "hard", "easy", "weak")


@dataclass(frozen=True)
class ItemRow:
    """One question (or part of a case) over all papers of a plan that had it."""

    version: int
    question: int
    part: int | None
    code: str
    type: str
    points: Decimal
    chapter: str
    expected: str
    figures: ItemFigures
    flags: tuple[str, ...]

    @property
    def name(self) -> str:
        """The code as people write it; a part of a case behind a dash."""
        return self.code if self.part is None else f"{self.code}-{self.part + 1}"

    @property
    def type_label(self) -> str:
        label = str(QuestionType(self.type).label)
        return label if self.part is None else f"案例题·{label}"

    @property
    def badges(self) -> list[tuple[str, str]]:
        """(tone, word) of each flag."""
        return [(_FLAG_TONES[flag], FLAGS[flag]) for flag in self.flags]


def flags_of(figures: ItemFigures) -> tuple[str, ...]:
    """What is to be noticed about a question: keys of FLAGS."""
    if figures.count < LEAST_ANSWERS:
        return ("few",)
    found = []
    if figures.difficulty > TOO_EASY:
        found.append("easy")
    if figures.difficulty < TOO_HARD:
        found.append("hard")
    if figures.discrimination is not None and figures.discrimination < 0:
        found.append("negative")
    elif figures.discrimination is not None and figures.discrimination < LEAST_DISCRIMINATION:
        found.append("weak")
    return tuple(found)


def _finished(plan: AssessmentPlan) -> Any:
    return Attempt.objects.filter(candidate__plan=plan, state__in=FINISHED, score__isnull=False)


def _keys(plan: AssessmentPlan) -> dict[int, list[dict[str, Any]]]:
    """Candidate → the key of the paper."""
    rows = Paper.objects.filter(candidate__plan=plan, candidate__attempt__state__in=FINISHED)
    return dict(rows.values_list("candidate_id", "key"))


def _versions(keys: Iterable[int]) -> dict[int, QuestionVersion]:
    """Versions without their contents."""
    rows = QuestionVersion.objects.select_related("question", "chapter").defer("content")
    return rows.in_bulk(list(keys))


def item_analysis(plan: AssessmentPlan) -> list[ItemRow]:
    """Difficulty (share right) and discrimination of every question of a plan; what is to be noticed first."""
    keys = _keys(plan)
    results: dict[tuple[int, int | None], list[tuple[bool, float]]] = defaultdict(list)
    entries: dict[tuple[int, int | None], dict[str, Any]] = {}
    for candidate, score, marks in _finished(plan).values_list("candidate_id", "score", "marks"):
        for entry, mark in zip(keys.get(candidate, []), marks, strict=False):
            item = (entry["version"], entry["part"])
            entries.setdefault(item, entry)
            results[item].append((Decimal(mark) == Decimal(entry["points"]), float(score)))
    versions = _versions({version for version, _ in results})
    rows = [_item(versions[item[0]], entries[item], item_figures(found)) for item, found in results.items()]
    return sorted(rows, key=_weight)


def _item(version: QuestionVersion, entry: dict[str, Any], figures: ItemFigures) -> ItemRow:
    return ItemRow(
        version=version.pk,
        question=version.question_id,
        part=entry["part"],
        code=version.question.code,
        type=entry["type"],
        points=Decimal(entry["points"]),
        chapter=str(version.chapter),
        expected=str(version.get_difficulty_display()),
        figures=figures,
        flags=flags_of(figures),
    )


def _weight(row: ItemRow) -> tuple[Any, ...]:
    heaviest = min((_BY_WEIGHT.index(flag) for flag in row.flags if flag in _BY_WEIGHT), default=9)
    return heaviest, row.figures.difficulty, row.code, row.part or 0


# --- likeness


@dataclass(frozen=True)
class Pair:
    """Two people of one room whose mistakes are alike."""

    one: Candidate
    other: Candidate
    likeness: Likeness

    @property
    def are_neighbors(self) -> bool:
        """Whether their seat numbers follow each other."""
        return abs((self.one.seat_number or 0) - (self.other.seat_number or 0)) == 1


@dataclass
class RoomLikeness:
    """A room with how many were compared and whom to look at."""

    room: ExamRoom
    people: int
    pairs: list[Pair] = field(default_factory=list)


def original(choice: str, options: list[int]) -> str:
    """Letters as shown → letters of the options' original places, sorted."""
    return "".join(sorted(LETTERS[options[LETTERS.index(letter)]] for letter in choice))


def _sheets(plan: AssessmentPlan, candidates: Iterable[int] | None = None) -> dict[int, Sheet]:
    """Candidate → question → (original letters, right); what was left blank is no answer.

    True/false questions are left out: there, two mistakes are always the same.
    """
    attempts = _finished(plan)
    if candidates is not None:
        attempts = attempts.filter(candidate__in=list(candidates))
    owners = {
        pk: (candidate, month) for pk, candidate, month in attempts.values_list("pk", "candidate_id", "month")
    }
    keys = _keys(plan)
    sheets: dict[int, dict[str, tuple[str, bool]]] = {candidate: {} for candidate, _ in owners.values()}
    answers = Answer.objects.filter(
        month__in={month for _, month in owners.values()}, attempt__in=list(owners)
    )
    for attempt, number, choice in answers.values_list("attempt_id", "number", "choice").iterator(5000):
        candidate = owners[attempt][0]
        key = keys.get(candidate, [])
        if not choice or number > len(key):
            continue
        entry = key[number - 1]
        if entry["type"] == QuestionType.TRUE_FALSE:
            continue
        name = f"{entry['version']}:{'' if entry['part'] is None else entry['part']}"
        sheets[candidate][name] = (original(choice, entry["options"]), is_right(entry, choice))
    return dict(sheets)


def likeness(plan: AssessmentPlan) -> list[RoomLikeness]:
    """Per exam room the pairs whose mistakes are suspiciously alike, rooms with pairs first."""
    sheets = _sheets(plan)
    people = Candidate.objects.filter(pk__in=list(sheets)).select_related(
        "enrollment__organization", "exam_room__room", "exam_room__session", "exam_room__occupation"
    )
    by_room: dict[int, list[Candidate]] = defaultdict(list)
    for person in people:
        if person.exam_room_id is not None:
            by_room[person.exam_room_id].append(person)
    mistakes = mistakes_of(sheets.values())
    rooms = [_room(rows, sheets, mistakes) for rows in by_room.values()]
    return sorted(rooms, key=lambda row: (not row.pairs, row.room.session.number, row.room.number))


def _room(people: list[Candidate], sheets: dict[int, Sheet], mistakes: Mistakes) -> RoomLikeness:
    by_key = {str(person.pk): person for person in people}
    own = {key: sheets[person.pk] for key, person in by_key.items()}
    pairs = suspicious(own, mistakes=mistakes)
    room = people[0].exam_room
    assert room is not None
    return RoomLikeness(
        room, len(people), [Pair(by_key[pair.one], by_key[pair.other], pair) for pair in pairs]
    )


@dataclass(frozen=True)
class SideBySide:
    """One question that both answered."""

    name: str
    one: str
    other: str
    one_right: bool
    other_right: bool

    @property
    def is_same_mistake(self) -> bool:
        return not self.one_right and not self.other_right and self.one == self.other


def side_by_side(plan: AssessmentPlan, one: Candidate, other: Candidate) -> list[SideBySide]:
    """The questions both answered, the same mistakes first; letters are the options' original ones."""
    sheets = _sheets(plan, [one.pk, other.pk])
    first, second = sheets.get(one.pk, {}), sheets.get(other.pk, {})
    common = [name for name in first if name in second]
    versions = _versions({int(name.partition(":")[0]) for name in common})
    rows = [
        SideBySide(_name(versions, name), first[name][0], second[name][0], first[name][1], second[name][1])
        for name in common
    ]
    return sorted(rows, key=lambda row: (not row.is_same_mistake, row.one_right or row.other_right, row.name))


def _name(versions: dict[int, QuestionVersion], item: str) -> str:
    version, _, part = item.partition(":")
    code = versions[int(version)].question.code
    return f"{code}-{int(part) + 1}" if part else code

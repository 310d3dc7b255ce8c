"""EXM-09: question figures and alike answers of a finished exam."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.exam.bank.content import LETTERS
from zhupei.exam.papers.scoring import is_right
from zhupei.exam.scores import similarity
from zhupei.exam.scores.services import analysis
from zhupei.exam.scores.similarity import ItemFigures

pytestmark = pytest.mark.django_db


def shown(letters: str, options: list[int]) -> str:
    """Original letters → as this paper shows them."""
    return "".join(sorted(LETTERS[options.index(LETTERS.index(letter))] for letter in letters))


def copy_mistakes(exam: FinishedExam, number: int, of: int) -> None:
    """`number` answers like `of` wherever their papers share a question, the rest right."""
    theirs = {}
    attempt = exam.candidates[of].attempt
    saved = dict(attempt.answers.values_list("number", "choice"))
    for place, entry in enumerate(exam.candidates[of].paper.key, start=1):
        theirs[entry["version"], entry["part"]] = analysis.original(saved[place], entry["options"])
    key = exam.candidates[number].paper.key
    wrong = {
        place: shown(theirs[entry["version"], entry["part"]], entry["options"])
        for place, entry in enumerate(key, start=1)
        if (entry["version"], entry["part"]) in theirs
    }
    exam.answered(number, right=len(key), wrong=wrong)


def test_question_figures(world: Any) -> None:
    """EXM-09: how many had it, how many were right, over all papers whatever their order."""
    exam = finished_exam(world, 12)
    for number in range(11):
        exam.answered(number, right=40 + 5 * number)
    rows = analysis.item_analysis(exam.plan)
    keys = [candidate.paper.key for candidate in exam.candidates[:11]]
    assert sum(row.figures.count for row in rows) == sum(len(key) for key in keys)
    item = rows[0]
    had = [
        (number, place)
        for number, key in enumerate(keys)
        for place, entry in enumerate(key, start=1)
        if (entry["version"], entry["part"]) == (item.version, item.part)
    ]
    assert item.figures.count == len(had)
    assert item.figures.right == sum(place <= 40 + 5 * number for number, place in had)
    assert {row.code for row in rows} and all(row.chapter.startswith("第") for row in rows)


@pytest.mark.parametrize(
    ("figures", "flags"),
    [
        (ItemFigures(9, 9, None), ("few",)),
        (ItemFigures(20, 20, None), ("easy",)),
        (ItemFigures(20, 5, 0.3), ("hard",)),
        (ItemFigures(20, 5, -0.1), ("hard", "negative")),
        (ItemFigures(20, 14, 0.1), ("weak",)),
        (ItemFigures(20, 14, 0.4), ()),
    ],
)
def test_flags(figures: ItemFigures, flags: tuple[str, ...]) -> None:
    """EXM-09: too easy, too hard, negative, weak; few answers say nothing."""
    assert analysis.flags_of(figures) == flags


def test_somebody_who_copied_is_found(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """EXM-09: the same mistakes in another order and with other letters; honest people are not named."""
    monkeypatch.setattr(similarity, "LEAST_COMMON", 5)  # how much two papers share is left to chance
    exam = finished_exam(world, 4)
    exam.answered(0, right=20)
    copy_mistakes(exam, 1, of=0)
    exam.answered(2, right=85)
    rooms = analysis.likeness(exam.plan)
    assert [room.people for room in rooms] == [3]
    (pair,) = rooms[0].pairs
    assert {pair.one.pk, pair.other.pk} == {exam.candidates[0].pk, exam.candidates[1].pk}
    assert pair.are_neighbors and pair.likeness.share == 1
    rows = analysis.side_by_side(exam.plan, pair.one, pair.other)
    assert len(rows) == pair.likeness.common
    assert sum(row.is_same_mistake for row in rows) == pair.likeness.same_wrong
    assert rows[0].is_same_mistake and rows[0].one == rows[0].other


def test_letters_are_brought_back(world: Any) -> None:
    """EXM-09: original letters of the right answer are right in every paper."""
    exam = finished_exam(world, 2)
    by_item: dict[Any, set[str]] = {}
    for candidate in exam.candidates:
        for entry in candidate.paper.key:
            answer = "".join(entry["answer"])
            assert is_right(entry, answer)
            by_item.setdefault((entry["version"], entry["part"]), set()).add(
                analysis.original(answer, entry["options"])
            )
    assert all(len(letters) == 1 for letters in by_item.values())


def test_as_many_queries_for_many(world: Any) -> None:
    """EXM-09: constant in the number of people."""
    counts = []
    for people in (3, 31):
        exam = finished_exam(world, people)
        for number in range(people):
            exam.answered(number, right=50 + number)
        with CaptureQueriesContext(connection) as items:
            analysis.item_analysis(exam.plan)
        with CaptureQueriesContext(connection) as alike:
            analysis.likeness(exam.plan)
        counts.append((len(items), len(alike)))
    assert counts[0] == counts[1] and max(counts[0]) <= 4

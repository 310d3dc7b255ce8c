"""EXM-02: drawing papers, as a property of any pool and blueprint; EXM-01: a case is taken apart into its parts."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhupei.exam.bank.content import LETTERS
from zhupei.exam.papers import drawing
from zhupei.exam.papers.drawing import BLOCKS, CannotDrawError, Pool, PoolQuestion, Row

PLAIN = ("single", "multiple", "true_false")


@st.composite
def contents(draw: st.DrawFn, kind: str, name: str) -> dict[str, Any]:
    """A question whose options say which one they are, so that it is recognized after shuffling."""
    count = 2 if kind == "true_false" else draw(st.integers(3, 6))
    least = 2 if kind == "multiple" else 1
    right = draw(st.lists(st.integers(0, count - 1), min_size=least, max_size=count, unique=True))
    if kind != "multiple":
        right = right[:1]
    options = ["正确", "错误"] if kind == "true_false" else [f"{name}·{n}" for n in range(count)]
    return {
        "type": kind,
        "stem": name,
        "options": options,
        "answer": sorted(LETTERS[n] for n in right),
        "explanation": f"解析·{name}",
    }


@st.composite
def questions(draw: st.DrawFn, number: int) -> PoolQuestion:
    kind = draw(st.sampled_from(BLOCKS))
    name = f"题{number}"
    if kind == "case":
        parts = draw(st.integers(1, 4))
        inside = [draw(contents(draw(st.sampled_from(PLAIN)), f"{name}之{part}")) for part in range(parts)]
        content: dict[str, Any] = {"stem": name, "explanation": "解析·案例", "parts": inside}
    else:
        content = draw(contents(kind, name))
    picture = draw(st.sampled_from(["", "data:image/png;base64,AAAA"]))
    return PoolQuestion(
        1000 + number, kind, content, draw(st.integers(1, 3)), draw(st.integers(1, 3)), picture
    )


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Up to 25 questions and up to 4 rows, which often overlap and are sometimes more than the pool has."""
    size = draw(st.integers(1, 25))
    pool = [draw(questions(number)) for number in range(size)]
    rows = draw(
        st.lists(
            st.builds(
                Row,
                type=st.sampled_from(BLOCKS),
                count=st.integers(1, 4),
                points=st.integers(10, 60).map(lambda n: Decimal(n) / 10),
                chapter=st.none() | st.integers(1, 3),
                difficulty=st.none() | st.integers(1, 3),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return Pool(pool, rows)


def is_feasible(pool: Pool) -> bool:
    """Hall's theorem, all subsets of rows."""
    for size in range(1, len(pool.rows) + 1):
        for some in itertools.combinations(range(len(pool.rows)), size):
            there = set().union(*(pool.eligible[n] for n in some))
            if len(there) < sum(pool.rows[n].count for n in some):
                return False
    return True


@settings(max_examples=150, deadline=None)
@given(pools(), st.integers(0, 2**62 - 1))
def test_a_paper_is_drawn_exactly_when_there_is_one(pool: Pool, seed: int) -> None:
    """EXM-02: rows that overlap do not spoil it for each other; what lacks is named."""
    if is_feasible(pool):
        assert pool.shortages() == {}
        assert drawing.draw(pool, seed).questions
        return
    assert pool.shortages()
    assert all(0 < lack <= pool.rows[row].count for row, lack in pool.shortages().items())
    with pytest.raises(CannotDrawError):
        drawing.draw(pool, seed)


def whole(pool: Pool) -> Pool:
    """The pool with a blueprint it can fill: one row a type with half of what there is."""
    rows = []
    for kind in BLOCKS:
        there = sum(question.type == kind for question in pool.questions)
        if there:
            rows.append(Row(kind, (there + 1) // 2, Decimal("5.0")))
    return Pool(pool.questions, rows)


def right_texts(question: dict[str, Any], letters: list[str]) -> set[str]:
    return {option["text"] for option in question["options"] if option["key"] in letters}


@settings(max_examples=150, deadline=None)
@given(pools(), st.integers(0, 2**62 - 1))
def test_every_paper_is_a_fair_one(drawn_from: Pool, seed: int) -> None:
    """EXM-02, EXM-07: full points, nothing twice, types in blocks, options a permutation with the key following."""
    pool = whole(drawn_from)
    drawn = drawing.draw(pool, seed)
    originals = {question.version: question for question in pool.questions}
    assert [question["id"] for question in drawn.questions] == [str(n) for n in range(1, len(drawn.key) + 1)]
    assert sum(Decimal(entry["points"]) for entry in drawn.key) == drawing.full_mark(pool.rows)
    places = [(entry["version"], entry["part"]) for entry in drawn.key]
    assert len(set(places)) == len(places)
    blocks = [originals[entry["version"]].type for entry in drawn.key]
    assert blocks == sorted(blocks, key=BLOCKS.index)
    for question, entry in zip(drawn.questions, drawn.key, strict=True):
        original = originals[entry["version"]]
        content = original.content if entry["part"] is None else original.content["parts"][entry["part"]]
        texts = [option["text"] for option in question["options"]]
        assert [option["key"] for option in question["options"]] == list(LETTERS[: len(texts)])
        assert [content["options"][n] for n in entry["options"]] == texts
        assert sorted(entry["options"]) == list(range(len(texts)))
        if entry["type"] == "true_false":
            assert texts == ["正确", "错误"]
        right = {content["options"][LETTERS.index(letter)] for letter in content["answer"]}
        assert right_texts(question, entry["answer"]) == right
        assert float(question["points"]) == float(entry["points"])
        assert set(question) <= {"id", "type", "stem", "options", "points", "picture", "case"}
        assert "解析" not in json.dumps(question, ensure_ascii=False)
        check_case(question, entry, original)


def check_case(question: dict[str, Any], entry: dict[str, Any], original: PoolQuestion) -> None:
    if original.type != "case":
        assert "case" not in question
        assert question.get("picture", "") == original.picture
        return
    case = question["case"]
    assert (case["part"], case["parts"]) == (entry["part"] + 1, len(original.content["parts"]))
    assert case["stem"] == original.content["stem"]
    assert case.get("picture", "") == original.picture


@settings(max_examples=60, deadline=None)
@given(pools(), st.integers(0, 2**62 - 1))
def test_the_same_seed_rebuilds_the_paper(drawn_from: Pool, seed: int) -> None:
    """EXM-02: bit by bit, also from a pool that was stored and read again."""
    pool = whole(drawn_from)
    again = Pool(
        list(pool.questions), [Row.from_json(json.loads(json.dumps(row.as_json()))) for row in pool.rows]
    )
    first, second = drawing.draw(pool, seed), drawing.draw(again, seed)
    assert first == second
    assert drawing.digest_of(first.body()) == drawing.digest_of(drawing.unpack(drawing.pack(second.body())))


def test_a_known_paper_stays_what_it_is() -> None:
    """EXM-02: papers of years ago must rebuild; whoever changes the drawing breaks this."""
    pool = Pool(
        [
            PoolQuestion(
                n, "single", {"stem": f"题{n}", "options": ["甲", "乙", "丙", "丁"], "answer": ["A"]}
            )
            for n in range(20)
        ],
        [Row("single", 6, Decimal(1))],
    )
    drawn = drawing.draw(pool, 20261121)
    assert [entry["version"] for entry in drawn.key] == [8, 13, 9, 18, 5, 4]
    assert "".join(entry["answer"][0] for entry in drawn.key) == "BBDACC"


def test_papers_differ_and_everything_is_drawn_now_and_then() -> None:
    """EXM-02: 400 papers of 10 out of 20: no two alike, each question in about half of them, each option everywhere."""
    pool = Pool(
        [
            PoolQuestion(
                n, "single", {"stem": f"题{n}", "options": ["甲", "乙", "丙", "丁"], "answer": ["A"]}
            )
            for n in range(20)
        ],
        [Row("single", 10, Decimal(10))],
    )
    drawn = [drawing.draw(pool, seed) for seed in range(400)]
    assert len({paper.body() for paper in drawn}) == 400
    shown = [entry["version"] for paper in drawn for entry in paper.key]
    assert all(140 < shown.count(version) < 260 for version in range(20))
    letters = [entry["answer"][0] for paper in drawn for entry in paper.key]
    assert all(850 < letters.count(letter) < 1150 for letter in "ABCD")


@given(st.integers(1, 10), st.integers(10, 300))
def test_a_cases_points_are_split_to_the_tenth(parts: int, tenths: int) -> None:
    """EXM-02: what does not divide is not lost."""
    points = Decimal(tenths) / 10
    split = drawing.split_points(points, parts)
    assert len(split) == parts
    assert sum(split) == points
    assert max(split) - min(split) <= Decimal("0.1")


@pytest.mark.parametrize(("points", "shown"), [("1.0", "1"), ("2.5", "2.5"), ("10", "10")])
def test_points_are_plain_numbers(points: str, shown: str) -> None:
    """interfaces.md: points as a number, whole where it is."""
    assert json.dumps(drawing.plain_number(Decimal(points))) == shown

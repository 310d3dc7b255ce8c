"""EXM-04: scoring a paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from zhupei.exam.papers import scoring

letters = st.sets(st.sampled_from("ABCDE"), min_size=1)


@st.composite
def keys(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = draw(st.lists(st.tuples(letters, st.integers(1, 50)), min_size=1, max_size=30))
    return [{"answer": sorted(answer), "points": str(Decimal(tenths) / 10)} for answer, tenths in rows]


choices = st.dictionaries(
    st.integers(1, 30), st.sets(st.sampled_from("ABCDE")).map(lambda s: "".join(sorted(s)))
)


@given(keys(), choices)
def test_the_score_is_what_the_right_questions_are_worth(
    key: list[dict[str, Any]], given_: dict[int, str]
) -> None:
    """EXM-04: a question counts in full when exactly its letters were chosen, and not at all otherwise."""
    scored = scoring.score(key, given_)
    right = [n for n, entry in enumerate(key, start=1) if given_.get(n) == "".join(entry["answer"])]
    assert scored.score == sum((Decimal(key[n - 1]["points"]) for n in right), Decimal(0))
    assert len(scored.marks) == len(key)
    assert sum(scored.marks) == scored.score
    assert [Decimal(text) for text in scored.as_strings()] == scored.marks


@given(keys())
def test_a_perfect_and_an_empty_paper(key: list[dict[str, Any]]) -> None:
    """EXM-04: everything right is the full mark, nothing answered is zero."""
    perfect = {n: "".join(entry["answer"]) for n, entry in enumerate(key, start=1)}
    assert scoring.score(key, perfect).score == sum(Decimal(entry["points"]) for entry in key)
    assert scoring.score(key, {}).score == 0
    assert scoring.score(key, dict.fromkeys(perfect, "")).score == 0


@given(letters, letters)
def test_no_part_marks(answer: set[str], chosen: set[str]) -> None:
    """EXM-04: one too many or one too few of a multiple choice earns nothing."""
    entry = {"answer": sorted(answer), "points": "2.0"}
    assert scoring.is_right(entry, "".join(sorted(chosen))) == (answer == chosen)

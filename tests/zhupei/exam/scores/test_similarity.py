"""EXM-09: likeness of answers, difficulty and discrimination; pure arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zhupei.exam.scores.similarity import agreement, compare, item_figures, suspicious

sheets = st.dictionaries(
    st.sampled_from([str(n) for n in range(30)]), st.tuples(st.sampled_from("ABCD"), st.booleans())
)


@given(sheets, sheets)
def test_likeness_is_symmetric_and_counts_fit(one: dict, other: dict) -> None:
    """EXM-09: who is compared with whom does not matter; parts are no larger than the whole."""
    there, back = compare("1", one, "2", other), compare("2", other, "1", one)
    assert (there.common, there.same, there.both_wrong, there.same_wrong) == (
        back.common,
        back.same,
        back.both_wrong,
        back.same_wrong,
    )
    assert there.same_wrong <= there.both_wrong <= there.common == len(one.keys() & other.keys())
    assert 0 <= there.share <= 1


def _sheet(wrong: dict[int, str], count: int = 40) -> dict[str, tuple[str, bool]]:
    return {str(n): (wrong[n], False) if n in wrong else ("A", True) for n in range(count)}


def test_the_same_mistakes_are_noticed_good_marks_are_not() -> None:
    """EXM-09: agreement on right answers says nothing; shared mistakes do."""
    people = {
        "a": _sheet({1: "B", 2: "C", 3: "D", 4: "B", 5: "C", 7: "B", 8: "D", 9: "C"}),
        "b": _sheet({1: "B", 2: "C", 3: "D", 4: "B", 5: "C", 6: "D", 7: "B", 8: "D", 9: "C"}),
        "c": _sheet({1: "C", 2: "B", 3: "B", 4: "C", 5: "D", 7: "C", 8: "B", 9: "D"}),
        "d": _sheet({}),
        "e": _sheet({}),
    }
    (pair,) = suspicious(people)
    assert (pair.one, pair.other, pair.both_wrong, pair.same_wrong, pair.share) == ("a", "b", 8, 8, 1.0)


def test_few_common_questions_are_no_evidence() -> None:
    """EXM-09: at least twenty questions in common."""
    wrong = {n: "BCD"[n % 3] for n in range(16)}
    assert not suspicious({"a": _sheet(wrong, 19), "b": _sheet(wrong, 19)})
    assert suspicious({"a": _sheet(wrong, 20), "b": _sheet(wrong, 20)})


def test_the_mistake_that_everybody_makes_is_no_evidence() -> None:
    """EXM-09: a tempting wrong option is shared by many; few mistakes are chance."""
    tempting = dict.fromkeys(range(12), "B")
    assert not suspicious({str(n): _sheet(tempting) for n in range(10)})
    assert not suspicious(
        {"a": _sheet({1: "B", 2: "C", 3: "D", 4: "B"}), "b": _sheet({1: "B", 2: "C", 3: "D", 4: "B"})}
    )


@given(
    st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 30)),
    st.sampled_from("ABCD"),
    st.sampled_from("ABCD"),
)
def test_agreement_is_a_share(counts: dict[str, int], one: str, other: str) -> None:
    """EXM-09: 0 … 1, whatever was answered; the two in question do not speak for themselves."""
    assert 0 <= agreement(counts, one, other) <= 1
    assert agreement({one: 2}, one, one) == pytest.approx(1 / 3)


@example([(False, 42.92134214515097), (True, 42.92134214515097), (True, 42.92134214515097)])
@example([(False, 0.0), (True, 5e-324)])
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), max_size=60))
def test_figures_stay_in_their_range(results: list[tuple[bool, float]]) -> None:
    """EXM-09: difficulty 0 … 1, discrimination −1 … 1."""
    figures = item_figures(results)
    assert figures.count == len(results) and 0 <= figures.difficulty <= 1
    assert figures.discrimination is None or -1 <= figures.discrimination <= 1


def test_discrimination_has_the_sign_of_the_question() -> None:
    """EXM-09: good people right → positive; good people wrong → negative; all right → none."""
    good = item_figures([(True, 90), (True, 80), (False, 40), (False, 30)])
    bad = item_figures([(False, 90), (False, 80), (True, 40), (True, 30)])
    assert good.discrimination == pytest.approx(0.9806, abs=1e-3)
    assert bad.discrimination == pytest.approx(-0.9806, abs=1e-3)
    assert item_figures([(True, 90), (True, 80)]).discrimination is None
    assert item_figures([]).difficulty == 0

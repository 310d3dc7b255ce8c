"""EXM-04, EXM-08, SCO-01: what was earned becomes a result; pure rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.exam.papers.scoring import PassRule
from zhupei.exam.scores import results
from zhupei.exam.scores.results import MOST_APART, judge, practical_mean, too_far_apart

points = st.decimals(0, 100, places=1)
maybe = st.none() | points
RULE = PassRule(Decimal(60), Decimal(60))


@given(
    theory=maybe,
    practical=maybe,
    absent=st.booleans(),
    void=st.sampled_from(["", "cheating", "void"]),
    has_practical=st.booleans(),
)
def test_only_a_normal_result_passes_and_only_with_all_its_points(
    theory: Decimal | None, practical: Decimal | None, absent: bool, void: str, has_practical: bool
) -> None:
    """SCO-01: cheating, void and absence never pass; passing needs every part at its pass mark."""
    rule = PassRule(Decimal(60), Decimal(60) if has_practical else None)
    verdict = judge(rule, theory=theory, practical=practical, void_kind=void, practical_absent=absent)
    if verdict.passed:
        assert verdict.mark == "normal" and theory is not None and theory >= 60
        assert not has_practical or (not absent and practical is not None and practical >= 60)
    if void:
        assert verdict.mark == void
    elif theory is None:
        assert verdict.mark == "absent"


@given(theory=points, more=points, practical=points)
def test_more_points_never_make_it_worse(theory: Decimal, more: Decimal, practical: Decimal) -> None:
    """EXM-04: a higher score passes wherever a lower one does."""
    low, high = sorted([theory, more])
    if judge(RULE, theory=low, practical=practical).passed:
        assert judge(RULE, theory=high, practical=practical).passed


@pytest.mark.parametrize(
    ("values", "mark", "passed"),
    [
        ({"theory": Decimal("60.0"), "practical": Decimal("60.0")}, "normal", True),
        ({"theory": Decimal("59.9"), "practical": Decimal(100)}, "normal", False),
        ({"theory": Decimal(100), "practical": Decimal("59.9")}, "normal", False),
        ({"theory": Decimal(90), "practical": None}, "absent", False),
        ({"theory": None, "practical": Decimal(90)}, "absent", False),
        ({"theory": Decimal(90), "practical": Decimal(90), "void_kind": "cheating"}, "cheating", False),
        ({"theory": None, "void_kind": "void"}, "void", False),
    ],
)
def test_results(values: dict[str, Any], mark: str, passed: bool) -> None:
    """SCO-01: the pass mark itself passes; each part counts."""
    verdict = judge(RULE, **values)
    assert (verdict.mark, verdict.passed) == (mark, passed)


@given(st.lists(points, min_size=2, max_size=2))
def test_the_mean_lies_between_the_examiners(scores: list[Decimal]) -> None:
    """EXM-08: mean to a tenth; order does not matter."""
    mean = practical_mean(scores)
    assert mean is not None and min(scores) <= mean <= max(scores)
    assert mean == practical_mean(scores[::-1])
    assert too_far_apart(scores) == (abs(scores[0] - scores[1]) > MOST_APART)


def test_exactly_fifteen_points_apart_is_near_enough() -> None:
    """EXM-08: a tenth more is not; one examiner cannot disagree."""
    low = Decimal(60)
    assert not too_far_apart([low, low + MOST_APART])
    assert too_far_apart([low + MOST_APART + Decimal("0.1"), low])
    assert not too_far_apart([low])


def test_one_examiner_is_not_enough() -> None:
    """EXM-08: two examiners; half a tenth is rounded up."""
    assert practical_mean([Decimal(80)]) is None and practical_mean([]) is None
    assert practical_mean([Decimal("80.0"), Decimal("80.1")]) == Decimal("80.1")
    assert not too_far_apart([Decimal(80)])


@pytest.mark.parametrize(
    ("pass_mark", "full_mark", "words"),
    [
        (60, 100, "0–49 50–59 60–69 70–79 80–89 90–100"),
        (72, 120, "0–59 60–71 72–83 84–95 96–107 108–120"),
        (65, 100, "0–54 55–64 65–74 75–84 85–94 95–100"),
        (5, 5, "0–3 4–4 5–5"),
        (0, 10, "0–0 1–1 2–2 3–3 4–4 5–5 6–6 7–7 8–8 9–10"),
    ],
)
def test_bands_are_cut_at_the_pass_mark_and_end_at_the_full_mark(pass_mark, full_mark, words):
    """SCO-01, CAT-01: pass mark and full mark are the programme's."""
    assert " ".join(map(str, results.bands(pass_mark, full_mark))) == words


@pytest.mark.parametrize(
    ("score", "band"), [("0", 0), ("71.5", 1), ("72", 2), ("100.5", 4), ("107.9", 4), ("108", 5), ("120", 5)]
)
def test_every_score_is_in_one_band(score, band):
    """SCO-01: exactly the pass mark, exactly the full mark, and above 100 where the paper has more points."""
    found = [each.holds(Decimal(score)) for each in results.bands(72, 120)]
    assert found.index(True) == band and sum(found) == 1

"""EXM-04, EXM-08, SCO-01: what was earned becomes a result; pure rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.exam.scores.results import MOST_APART, PassRule, judge, practical_mean, too_far_apart

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


def test_one_examiner_is_not_enough() -> None:
    """EXM-08: two examiners; half a tenth is rounded up."""
    assert practical_mean([Decimal(80)]) is None and practical_mean([]) is None
    assert practical_mean([Decimal("80.0"), Decimal("80.1")]) == Decimal("80.1")
    assert not too_far_apart([Decimal(80)])

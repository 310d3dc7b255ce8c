"""Names in a sentence."""

from __future__ import annotations

import pytest

from foundation.naming import some_clauses, some_of


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("", ""),
        ("甲", "甲"),
        ("甲乙丙丁戊", "甲、乙、丙、丁、戊"),
        ("甲乙丙丁戊己", "甲、乙、丙、丁、戊等 6 人"),
    ],
)
def test_up_to_the_limit_everybody_is_named_and_with_one_more_the_number_is_told(names, expected):
    """Exactly the limit; one more."""
    assert some_of(names) == expected


def test_the_limit_and_the_unit_are_the_callers():
    """Batches, items; a list of names without a number where the sentence tells it."""
    assert some_of("甲乙", 2, unit="项") == "甲、乙"
    assert some_of("甲乙丙", 2, unit="项") == "甲、乙等 3 项"
    assert some_of("甲乙丙", 2, unit="") == "甲、乙等"
    assert some_of(iter("甲乙丙"), 3) == "甲、乙、丙"


def test_the_total_counts_when_only_the_first_are_at_hand():
    """A page fetches a few names of many."""
    assert some_of("甲乙", 2, total=2) == "甲、乙"
    assert some_of("甲乙", 2, total=3) == "甲、乙等 3 人"


def test_people_with_their_reasons():
    """Clauses end without a full stop, the sentence around them ends with one."""
    lines = ["甲：缺头像。", "乙：缺学历证书。", "丙：未满年限"]
    assert some_clauses(lines, 3) == "甲：缺头像；乙：缺学历证书；丙：未满年限"
    assert some_clauses(lines, 2) == "甲：缺头像；乙：缺学历证书；等 3 人"
    assert some_clauses([]) == ""

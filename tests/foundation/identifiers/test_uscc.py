"""The unified social credit code of GB 32100."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.identifiers import uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GOOD = "91330106MA2B1QWE3P"


@st.composite
def codes(draw: st.DrawFn) -> str:
    """A valid code."""
    digits = draw(st.text("0123456789", min_size=8, max_size=8))
    first = digits + draw(st.text(ALPHABET, min_size=9, max_size=9))
    return first + uscc.check_character(first)


@given(codes())
def test_valid_codes_are_accepted_however_typed(code: str) -> None:
    """ORG-02: check digit verified; full-width, lower case, spaces and dashes do not matter."""
    wide = "".join(chr(ord(character) + 0xFEE0) for character in code.lower())
    for typed in (wide, f" {code[:8]}-{code[8:]} "):
        assert uscc.problem(typed) is None and uscc.normalize(typed) == code


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, other: str) -> None:
    """ORG-02: the check digit finds every single wrong character."""
    wrong = code[:place] + other + code[place + 1 :]
    assert wrong == code or not uscc.is_valid(wrong)


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """ORG-02: whatever is typed, there is a verdict and nothing is raised."""
    problem = uscc.problem(text)
    assert problem is None or problem.message.endswith("。")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "required"),
        (GOOD[:-1], "uscc_length"),
        (GOOD + "1", "uscc_length"),
        ("913301O6MA2B1QWE3P", "uscc_characters"),
        ("A1330106MA2B1QWE3P", "uscc_characters"),
        ("91330106MA2B1QWE3I", "uscc_characters"),
        ("９１３３０１０６ＭＡ２Ｂ１ＱＷＥ３Ｑ", "uscc_check_digit"),
    ],
)
def test_each_refusal_has_its_code(value: str, code: str) -> None:
    """ORG-02: each refusal is named."""
    problem = uscc.problem(value)
    assert problem is not None and problem.code == code


def test_sample_organization_is_accepted() -> None:
    """ORG-02: the samples' credit code."""
    assert uscc.is_valid(GOOD)

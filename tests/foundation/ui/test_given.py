"""What a request says in words."""

from __future__ import annotations

import pytest

from foundation.ui.given import number_in


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    """SEC-04: what an address or a form may name."""
    assert number_in(text) == number


@pytest.mark.parametrize(
    "text", ["", "²", "٣", "５", "-1", "+1", "1.0", " 1", "1_0", "x", "\0", "9" * 19, "9" * 5000]
)
def test_everything_else_is_none_and_never_a_mishap(text: str) -> None:
    """SEC-04, OPS-02: raised digits, other scripts, endless numbers: no error page of ours."""
    assert number_in(text) is None

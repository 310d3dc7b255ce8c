"""Mobile phone numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError
from foundation.identifiers import phone

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(MOBILES, st.sampled_from(["", "+86", "86", "0086", "+86 ", "(+86)", "＋８６-", "'"]))
def test_country_code_and_separators_do_not_matter(number: str, prefix: str) -> None:
    """ENR-03: +86, spaces, dashes and full-width digits are understood."""
    assert phone.parse(f" {prefix}{number[:3]}-{number[3:7]} {number[7:]} ") == number
    assert phone.parse("".join(chr(ord(digit) + 0xFEE0) for digit in number)) == number


@given(MOBILES)
def test_numeric_cells_do_not_matter(number: str) -> None:
    """ENR-03: a number cell may come as 13800000000.0."""
    assert phone.parse(number + ".0") == number


@pytest.mark.parametrize(
    "value",
    [
        "1385710",
        "12800000000",
        "138000000000",
        "0571-88888888",
        "1.38571E+10",
        "13800000000/13900000000",
        "无",
        "-",
    ],
)
def test_other_numbers_are_refused(value: str) -> None:
    """ENR-03: phone_invalid."""
    with pytest.raises(DomainError) as caught:
        phone.parse(value)
    assert caught.value.code == "phone_invalid"


def test_messages_say_what_is_wrong() -> None:
    """ENR-03: the sentence names the cause."""
    assert "现在是 7 位" in phone.problem("1385710").message
    assert "科学计数" in phone.problem("1.38571E+10").message
    assert phone.problem("").code == "required"


@given(st.text(max_size=30))
def test_any_text_is_judged(text: str) -> None:
    """ENR-03: whatever is typed, there is a verdict."""
    assert phone.is_valid(text) == (phone.problem(text) is None)


def test_mask_hides_the_middle() -> None:
    """SEC-02: masked on screen."""
    assert phone.mask("13800000000") == "138****0000"
    assert phone.mask("1234567") == "*******"

"""BIL-01, BIL-02: amounts in capital figures."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.documents.amounts import amount_in_words

CENTS = st.integers(min_value=0, max_value=10**18 - 1)


def amount_of_words(words: str) -> Decimal:
    """Reads capital figures back, in a way of its own: the inverse of what is tested."""
    digits = {character: number for number, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
    places = {"拾": 10, "佰": 100, "仟": 1000}

    def section(text: str) -> int:
        value, digit = 0, 0
        for character in text:
            if character in places:
                value += digit * places[character]
                digit = 0
            else:
                digit = digits[character]
        return value + digit

    def whole(text: str) -> int:
        for unit, size in (("亿", 10**8), ("万", 10**4)):
            if unit in text:
                high, low = text.rsplit(unit, 1)
                return whole(high) * size + whole(low)
        return section(text)

    match = re.fullmatch(r"(?:(.+)元)?零?(?:(.)角)?零?(?:(.)分)?整?", words)
    assert match, words
    yuan, jiao, fen = match.groups()
    cents = (whole(yuan) if yuan else 0) * 100
    cents += (digits[jiao] if jiao else 0) * 10 + (digits[fen] if fen else 0)
    return Decimal(cents) / 100


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("10.05", "壹拾元零伍分"),
        ("1.50", "壹元伍角整"),
        ("680.50", "陆佰捌拾元伍角整"),
        ("1005.30", "壹仟零伍元叁角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("100100", "壹拾万零壹佰元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("100000001", "壹亿零壹元整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1000000000000", "壹万亿元整"),
        ("1050000000000", "壹万零伍佰亿元整"),
        ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_known_amounts(amount: str, words: str) -> None:
    """BIL-01: the examples of the payment rules and the corners around them."""
    assert amount_in_words(Decimal(amount)) == words


@given(CENTS)
def test_words_read_back_as_the_amount(cents: int) -> None:
    """BIL-01: no two amounts share their words."""
    amount = Decimal(cents) / 100
    assert amount_of_words(amount_in_words(amount)) == amount


@given(CENTS)
def test_words_are_well_formed(cents: int) -> None:
    """BIL-01: one 零 for a run of zeros, none before a unit, 整 unless there are 分."""
    words = amount_in_words(Decimal(cents) / 100)
    assert "零零" not in words
    assert not re.search("零[拾佰仟万亿角分]", words)
    assert words.endswith("整") != words.endswith("分")
    if cents >= 100:
        assert "零元" not in words


@pytest.mark.parametrize("amount", ["-0.01", "10000000000000000", "0.001", "NaN", "Infinity"])
def test_impossible_amounts_are_refused(amount: str) -> None:
    """BIL-01: no words for what cannot be paid."""
    with pytest.raises(ValueError, match="amount"):
        amount_in_words(Decimal(amount))

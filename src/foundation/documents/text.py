"""Small pieces of text that documents need: clean strings, Chinese dates, a blank date to sign."""

from __future__ import annotations

import unicodedata
from datetime import date

BLANK_DATE = "\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"
KEPT_CONTROLS = "\n\t"


def clean(value: str) -> str:
    """`value` without characters that no document format can hold: controls and lone surrogates."""
    return "".join(
        character
        for character in value
        if character in KEPT_CONTROLS or unicodedata.category(character) not in {"Cc", "Cs"}
    )


def full_date(value: date | None) -> str:
    """`2026年11月2日`, or room to write a date by hand."""
    return BLANK_DATE if value is None else f"{value.year}年{value.month}月{value.day}日"


def year_month(value: date | None) -> str:
    """`1990年5月`; nothing for no date."""
    return "" if value is None else f"{value.year}年{value.month}月"


def width_in_ems(value: str) -> float:
    """How many full-width characters `value` takes up: wide ones count 1, others 0.55."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in value)

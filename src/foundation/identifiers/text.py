"""Tidying of typed text: full-width to half-width, stray and invisible characters removed."""

from __future__ import annotations

import re

# Full-width forms FF01–FF5E are ASCII 21–7E shifted; not NFKC, which also rewrites rare Han characters.
_TABLE: dict[int, str | None] = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
_TABLE |= dict.fromkeys((0x3000, 0xA0, 0x202F, 0x205F, 0x1680, *range(0x2000, 0x200B)), " ")
# Zero-width and direction marks, which come along when text is copied from chat programs and web pages.
_TABLE |= dict.fromkeys(
    (
        0xAD,
        0x200B,
        0x200C,
        0x200D,
        0x200E,
        0x200F,
        0x2060,
        0xFEFF,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    None,
)
_TABLE |= dict.fromkeys((*range(0x09), *range(0x0E, 0x20), 0x7F), None)
_SPACES = re.compile(r"\s+")
# People put these in front of a number so that the spreadsheet program leaves it alone.
_TEXT_MARKS = "'`‘’′\""
_WRAPPED = re.compile(r'^="(.*)"$', re.DOTALL)


def to_halfwidth(value: str) -> str:
    """Full-width letters, digits and punctuation become ASCII; invisible characters disappear."""
    return value if value.isascii() and value.isprintable() else value.translate(_TABLE)


def tidy(value: str) -> str:
    """Half-width, trimmed, every run of white space (also a line break) one space."""
    value = to_halfwidth(value)
    return _SPACES.sub(" ", value).strip()


def squeeze(value: str) -> str:
    """Half-width without any white space at all."""
    return _SPACES.sub("", to_halfwidth(value))


def bare_number(value: str) -> str:
    """A number typed as text, without what people and spreadsheets put around it.

    Removes white space, a leading apostrophe, the `="…"` wrapping of CSV files and the `.0` that
    programs append to whole numbers. Letters are left as they are.
    """
    value = squeeze(value)
    wrapped = _WRAPPED.match(value)
    if wrapped:
        value = wrapped[1]
    value = value.strip(_TEXT_MARKS)
    head, dot, tail = value.partition(".")
    return head if dot and head.isdigit() and not tail.strip("0") else value


def comparable(value: str) -> str:
    """A form in which two spellings of the same organization name or heading are equal.

    Brackets of every kind, dots and case are made equal, white space is removed.
    """
    return squeeze(value).translate(_COMPARABLE).casefold()


_COMPARABLE = str.maketrans({
    "〔": "(", "【": "(", "[": "(", "{": "(", "〕": ")", "】": ")", "]": ")", "}": ")",
    "•": "·", "・": "·", "‧": "·", "．": "·", "–": "-", "—": "-", "―": "-", "−": "-",
})  # fmt: skip


def hide(value: str, head: int, tail: int) -> str:
    """Stars for all but the first `head` and last `tail` characters, for everything when no star would be left."""
    hidden = len(value) - head - tail
    return f"{value[:head]}{'*' * hidden}{value[-tail:]}" if hidden > 0 else "*" * len(value)

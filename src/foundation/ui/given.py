"""What a request says in words, read so that nothing anybody may send is a mishap."""

from __future__ import annotations

# As many digits as every number of 64 bits can have.
MOST_DIGITS = 18


def number_in(text: str) -> int | None:
    """The whole number that `text` is, in plain digits; None for anything else, also for endless ones."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None

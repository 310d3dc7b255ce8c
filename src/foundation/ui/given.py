"""What a request says in words, read so that nothing anybody may send is a mishap."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

# As many digits as every number of 64 bits can have.
MOST_DIGITS = 18


def number_in(text: str) -> int | None:
    """The whole number that `text` is, in plain digits; None for anything else, also for endless ones."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def numbers_in(texts: Iterable[str]) -> list[int]:
    """Those of `texts` that are whole numbers."""
    return [number for text in texts if (number := number_in(text)) is not None]


def keys_in(texts: Iterable[str]) -> list[uuid.UUID]:
    """Those of `texts` that are keys as documents and sign-ins have them."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found

"""How an identifier is refused: a code for machines, a sentence for people."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with a value: a stable `code` and a Chinese sentence that says what to do."""

    code: str
    message: str

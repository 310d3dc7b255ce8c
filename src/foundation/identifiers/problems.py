"""How an identifier is refused: a code for machines, a sentence for people."""

from __future__ import annotations

from typing import NamedTuple

from foundation.errors import DomainError


class Problem(NamedTuple):
    """What is wrong with a value: a stable `code` and a Chinese sentence that says what to do."""

    code: str
    message: str


class InvalidIdentifierError(DomainError):
    """An identifier that cannot be accepted; carries the code and sentence of its Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, problem.message)

"""How a command says no."""

from __future__ import annotations

import pytest

from foundation.errors import DomainError, why_not


def check(limit: int, *, given: int) -> int:
    if given > limit:
        raise DomainError("too_many", "太多了，请减少。")
    return given


def test_why_not_is_the_sentence_or_nothing() -> None:
    """At the limit it does not refuse yet; a fault stays a fault."""
    assert why_not(check, 3, given=3) == ""
    assert why_not(check, 3, given=4) == "太多了，请减少。"
    with pytest.raises(TypeError):
        why_not(check, "3", given=4)

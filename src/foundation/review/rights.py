"""Further conditions on who may act on a review, registered by the stages; the mechanism knows no roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from foundation.scoping import Actor

Act = Literal["submit", "accept", "decide"]
Right = Callable[[Actor, Any, Act], bool]
_RIGHTS: dict[str, Right] = {}


def register(name: str, right: Right) -> None:
    """`right(actor, review, act)` must hold besides being the submitter or the reviewer; once for each `name`."""
    _RIGHTS[name] = right


def may(actor: Actor, review: Any, act: Act) -> bool:
    """Whether every registered right allows it; the platform itself may everything."""
    return actor.is_system or all(right(actor, review, act) for right in _RIGHTS.values())

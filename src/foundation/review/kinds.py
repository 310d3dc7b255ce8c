"""What is reviewed: stages register their kinds here; the mechanism knows nothing else about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from foundation.scoping import Actor


@dataclass(frozen=True)
class ReviewKind:
    """One reviewed kind.

    `items`: item key → Chinese label, what reasons can be given for. `snapshot(subject)` returns what the reviewer sees:
    item key → {"label": …, "value": …}. `find(review)` returns the subject. `on_decided(actor, review, subject)` runs in
    the deciding transaction. `separate_acceptance`: accepting (受理) is a step of its own. `working_days`: promised time.
    """

    key: str
    label: str
    items: dict[str, str]
    snapshot: Callable[[Any], dict[str, dict[str, Any]]]
    find: Callable[[Any], Any]
    on_decided: Callable[[Actor, Any, Any], None] | None = None
    on_submitted: Callable[[Actor, Any, Any], None] | None = None
    separate_acceptance: bool = False
    working_days: int = 5


_KINDS: dict[str, ReviewKind] = {}


def register(kind: ReviewKind) -> ReviewKind:
    _KINDS[kind.key] = kind
    return kind


def kind_of(review: Any) -> ReviewKind:
    return _KINDS[review.kind]

"""What is reviewed: stages register their kinds here; the mechanism knows nothing else about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from foundation.review.findings import Finding
from foundation.review.models import ReviewState
from foundation.scoping import Actor


def nothing(subject: Any) -> list[Finding]:
    """Nothing is looked at by itself."""
    return []


@dataclass(frozen=True)
class ReviewKind:
    """One reviewed kind.

    What is shown: `items`, item key → Chinese label, what reasons can be given for; `snapshot(subject)`, what the
    reviewer sees, item key → {"label": …, "value": …}; `findings(subject)`, what the platform has looked at by itself.
    `find(review)` returns the subject.

    Which reasons: `reasons`, (item key, sentence) pairs offered to a reviewer, who may always write something else.

    Which checks: `check_submission(subject)` and `check_approval(subject)` raise a DomainError when it can't be handed
    in or approved. `on_submitted` and `on_decided(actor, review, subject)` run in the same transaction.

    In which words: `submitter`, who hands in; `handing_in`, what that is called; `states`, the review's states.

    `separate_acceptance`: accepting (受理) is a step of its own. `working_days`: promised time.
    """

    key: str
    label: str
    items: Mapping[str, str]
    snapshot: Callable[[Any], dict[str, dict[str, Any]]]
    find: Callable[[Any], Any]
    findings: Callable[[Any], Sequence[Finding]] = nothing
    reasons: Sequence[tuple[str, str]] = ()
    check_submission: Callable[[Any], None] | None = None
    check_approval: Callable[[Any], None] | None = None
    on_submitted: Callable[[Actor, Any, Any], None] | None = None
    on_decided: Callable[[Actor, Any, Any], None] | None = None
    submitter: str = "对方"
    handing_in: str = "提交"
    states: type[models.TextChoices] = ReviewState
    separate_acceptance: bool = False
    working_days: int = 5


_KINDS: dict[str, ReviewKind] = {}


def register(kind: ReviewKind) -> ReviewKind:
    _KINDS[kind.key] = kind
    return kind


def kind_of(review: Any) -> ReviewKind:
    return _KINDS[review.kind]

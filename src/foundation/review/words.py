"""Reviews in words: why something was rejected, what happened to it, submission by submission."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from foundation.review.kinds import ReviewKind, kind_of
from foundation.review.models import Review, ReviewState
from foundation.ui.states import badge_of_choice
from foundation.workflow.models import TransitionLog

REMARK = "审核意见"


def _named(kind: ReviewKind, reasons: Mapping[str, str]) -> list[tuple[str, str]]:
    """(item, sentence) in the order of the kind's items: JSON in the database has none."""
    order = [*kind.items, *(key for key in reasons if key not in kind.items)]
    return [(kind.items.get(key, key), reasons[key]) for key in order if key in reasons]


def _in_words(kind: ReviewKind, reasons: Mapping[str, str], remark: str) -> str:
    parts = [f"{label}：{text}" for label, text in _named(kind, reasons)]
    return "；".join([*parts, *([remark] if remark else [])])


def _listed(kind: ReviewKind, reasons: Mapping[str, str], remark: str) -> list[tuple[str, str]]:
    return [*_named(kind, reasons), *([(REMARK, remark)] if remark else [])]


def reasons_in_words(review: Review) -> str:
    """What was said with the decision: `营业执照：不清晰；属地：…`, the remark last."""
    return _in_words(kind_of(review), review.reasons, review.remark)


def reasons_given(review: Review) -> list[tuple[str, str]]:
    """Why it is rejected: (item, sentence), the remark last; empty unless it is."""
    if review.state != ReviewState.REJECTED:
        return []
    return _listed(kind_of(review), review.reasons, review.remark)


def last_rejection(review: Review, logs: Sequence[TransitionLog]) -> list[tuple[str, str]]:
    """Why it was rejected the last time, as `reasons_given`; empty when it never was. `logs`: its history."""
    rejected = [log for log in logs if log.to_state == ReviewState.REJECTED]
    return _listed(kind_of(review), rejected[-1].reasons, rejected[-1].remark) if rejected else []


def _tone(log: TransitionLog) -> str:
    """As the state is colored; an approval that was taken back stands out."""
    return "wait" if log.action == "reopen" else badge_of_choice(ReviewState(log.to_state)).tone


def _row(log: TransitionLog, kind: ReviewKind, *, persons: bool = True) -> dict[str, Any]:
    """One act for `<c-timeline>`; reasons under the names of their items."""
    return {
        "at": log.at,
        "actor": log.actor_label if persons else log.actor_label.split(" · ")[0],
        "action": log.action_label,
        "remark": log.remark,
        "tone": _tone(log),
        "items": dict(_named(kind, log.reasons)),
    }


def timeline(review: Review, logs: Sequence[TransitionLog], *, persons: bool = True) -> list[dict[str, Any]]:
    """The review record, newest first. `logs`: its history; `persons`: who acted, besides the body acted for."""
    return [_row(log, kind_of(review), persons=persons) for log in reversed(logs)]


@dataclass
class Round:
    """One submission as the review record lists it: times, state, remark; `entries`: each operator's act and time."""

    number: int
    submitted_at: dt.datetime
    state: str
    accepted_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    tone: str = "info"
    remark: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)


def rounds(review: Review, logs: Sequence[TransitionLog]) -> list[Round]:
    """The submissions of a review, the newest first. `logs`: its history."""
    kind = kind_of(review)
    found: list[Round] = []
    for log in logs:
        if log.action == "submit":
            found.append(Round(len(found) + 1, log.at, str(kind.states(log.to_state).label)))
        if found:
            _note(found[-1], log, kind)
    return found[::-1]


def _note(given: Round, log: TransitionLog, kind: ReviewKind) -> None:
    given.entries.append(_row(log, kind))
    if log.action == "accept":
        given.accepted_at, given.state = log.at, str(kind.states(log.to_state).label)
    elif log.action in {"approve", "reject"}:
        given.decided_at, given.tone = log.at, _tone(log)
        given.state = str(kind.states(log.to_state).label)
        given.remark = _in_words(kind, log.reasons, log.remark)
    elif log.action == "withdraw":
        given.state, given.tone = "已撤回", "mute"
    elif log.action == "reopen":
        given.state, given.tone, given.remark = "审核通过后取消，退回重报", "wait", log.remark

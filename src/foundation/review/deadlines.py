"""How far a deadline is away, as a traffic light (QRY-04)."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils import timezone

from foundation.calendar.working_days import working_days_between
from foundation.review.models import Review


class Light(NamedTuple):
    """A deadline as a traffic light: tone (ok, wait, bad) and words."""

    tone: str
    label: str


def light(due_on: dt.date | None, today: dt.date) -> Light | None:
    """Red when overdue, orange today and one working day before, else green; None without a deadline."""
    if due_on is None:
        return None
    if today > due_on:
        late = max(1, -working_days_between(today, due_on))
        return Light("bad", f"超期 {late} 个工作日")
    left = working_days_between(today, due_on)
    if left == 0:
        return Light("wait", "今天到期")
    return Light("wait" if left == 1 else "ok", f"剩 {left} 个工作日")


def light_of(review: Review | None) -> Light | None:
    """The deadline of what waits; nothing once it is decided, or for what has no review."""
    return light(review.due_on, timezone.localdate()) if review is not None and review.is_waiting else None

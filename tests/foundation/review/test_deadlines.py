"""A deadline as a traffic light (QRY-04)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from foundation.review.deadlines import light, light_of
from foundation.review.models import Review


@pytest.mark.parametrize(
    ("due", "today", "tone", "label"),
    [
        (dt.date(2026, 11, 27), dt.date(2026, 11, 20), "ok", "剩 5 个工作日"),
        (dt.date(2026, 11, 24), dt.date(2026, 11, 20), "ok", "剩 2 个工作日"),
        (dt.date(2026, 11, 23), dt.date(2026, 11, 20), "wait", "剩 1 个工作日"),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 20), "wait", "今天到期"),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 21), "bad", "超期 1 个工作日"),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 25), "bad", "超期 3 个工作日"),
        # over 国庆: one working day is left, though eight days lie between
        (dt.date(2026, 10, 8), dt.date(2026, 9, 30), "wait", "剩 1 个工作日"),
        (dt.date(2026, 9, 30), dt.date(2026, 10, 5), "bad", "超期 1 个工作日"),
        (dt.date(2026, 10, 12), dt.date(2026, 10, 9), "ok", "剩 2 个工作日"),
    ],
)
def test_light(due, today, tone, label):
    """QRY-04: green, orange, red; at the due day itself nothing is overdue."""
    assert light(due, today) == (tone, label)


def test_nothing_due_has_no_light():
    """QRY-04."""
    assert light(None, dt.date(2026, 11, 20)) is None
    assert light_of(None) is None


@pytest.mark.parametrize(
    ("state", "shown"),
    [("draft", False), ("submitted", True), ("accepted", True), ("approved", False), ("rejected", False)],
)
def test_only_what_waits_has_a_light(state, shown):
    """QRY-04: nothing once it is decided."""
    found = light_of(Review(kind="probe", state=state, due_on=timezone.localdate()))
    assert found == (("wait", "今天到期") if shown else None)

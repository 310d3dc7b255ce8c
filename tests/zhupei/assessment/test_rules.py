"""Names, sessions by the clock, ticket numbers: pure rules (ASM-01, ASM-02)."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from foundation.numbers.series import NumbersUsedUpError
from zhupei.assessment import rules


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 12, day, hour, minute, tzinfo=timezone.get_default_timezone())


def test_the_name_is_that_of_the_training_plan_and_two_digits():
    """ASM-01: 浙建培20261101考01."""
    assert rules.propose_name("浙建培20261101", []) == "浙建培20261101考01"
    assert rules.propose_name("浙建培20261101", ["浙建培20261101考01"]) == "浙建培20261101考02"
    with pytest.raises(NumbersUsedUpError, match="甲考01 到 甲考99 的编号已经用完"):
        rules.propose_name("甲", [f"甲考{number:02d}" for number in range(1, 100)])


def test_sessions_follow_one_another_and_go_on_the_next_day():
    """ASM-02: several sessions a day; none ends after 21:00."""
    times = rules.session_times(at(1, 9), 6, minutes=120, gap_minutes=30)
    assert times[:4] == [
        (at(1, 9), at(1, 11)),
        (at(1, 11, 30), at(1, 13, 30)),
        (at(1, 14), at(1, 16)),
        (at(1, 16, 30), at(1, 18, 30)),
    ]
    assert times[4] == (at(1, 19), at(1, 21))
    assert times[5] == (at(2, 9), at(2, 11))
    with pytest.raises(ValueError, match="too late"):
        rules.session_times(at(1, 19, 1), 1, minutes=120, gap_minutes=30)


@given(
    hour=st.integers(0, 18),
    minutes=st.integers(30, 170),
    gap=st.integers(0, 240),
    count=st.integers(1, 40),
)
def test_no_session_overlaps_or_ends_late(hour, minutes, gap, count):
    """ASM-02: whatever the figures."""
    times = rules.session_times(at(1, hour), count, minutes=minutes, gap_minutes=gap)
    assert len(times) == count and times[0][0] == at(1, hour)
    for start, end in times:
        assert end - start == dt.timedelta(minutes=minutes)
        assert rules.ends_in_time(start, minutes) and start.hour >= hour
    for (_, end), (start, _) in itertools.pairwise(times):
        assert start >= end + dt.timedelta(minutes=gap) or start.date() > end.date()


@pytest.mark.django_db
def test_ticket_numbers_say_city_and_day():
    """ASM-02: city code, day of the session, running number."""
    prefix = rules.ticket_prefix("330106", at(1, 9))
    assert prefix == "3301261201"
    rules.TICKET_NUMBERS.pass_over(prefix, 6)
    assert rules.TICKET_NUMBERS.take(prefix) == ["33012612010007"]
    rules.TICKET_NUMBERS.pass_over(prefix, 12344)
    assert rules.TICKET_NUMBERS.take(prefix) == ["330126120112345"]

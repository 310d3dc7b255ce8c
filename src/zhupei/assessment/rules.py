"""Pure rules about assessment plans: the name, the sessions by the clock, ticket numbers (ASM-01, ASM-02)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from foundation.numbers.series import Series

# No session ends later than this, by the local clock.
LATEST_END: Final = dt.time(21, 0)

PLAN_NAMES: Final = Series("assessment_plan", digits=2, grows=False)
TICKET_NUMBERS: Final = Series("ticket", gap_free=True)


def propose_name(training_plan_name: str, taken: Iterable[str]) -> str:
    """The next free name: the training plan's name + 考 + two digits. Raises NumbersUsedUpError after 99."""
    return PLAN_NAMES.first_free(f"{training_plan_name}考", taken)


def ends_in_time(starts_at: dt.datetime, minutes: int) -> bool:
    """Whether an exam that begins then is over by LATEST_END on the same local day."""
    start = timezone.localtime(starts_at)
    end = start + dt.timedelta(minutes=minutes)
    return end <= start.replace(hour=LATEST_END.hour, minute=LATEST_END.minute, second=0, microsecond=0)


def session_times(
    first: dt.datetime, count: int, *, minutes: int, gap_minutes: int
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Beginning and end of `count` sessions, one after another with a gap between.

    A session that would end after LATEST_END is held on the next day at the hour of the first. `first` is aware and
    must itself end in time (ValueError).
    """
    start = opening = timezone.localtime(first)
    if not ends_in_time(first, minutes):
        raise ValueError("the first session ends too late")
    times: list[tuple[dt.datetime, dt.datetime]] = []
    for _ in range(count):
        if start.date() != opening.date() or not ends_in_time(start, minutes):
            opening += dt.timedelta(days=1)
            start = opening
        end = start + dt.timedelta(minutes=minutes)
        times.append((start, end))
        start = end + dt.timedelta(minutes=gap_minutes)
    return times


def ticket_prefix(region_code: str, starts_at: dt.datetime) -> str:
    """The first ten digits of a ticket number: city code (4) and the day of the session (YYMMDD)."""
    return f"{region_code[:4]}{timezone.localtime(starts_at):%y%m%d}"


def local_minute(moment: dt.datetime) -> str:
    """2026-12-01 09:00."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def span(start: dt.datetime, end: dt.datetime) -> str:
    """2026-12-01 09:00–11:00."""
    return f"{local_minute(start)}–{timezone.localtime(end):%H:%M}"

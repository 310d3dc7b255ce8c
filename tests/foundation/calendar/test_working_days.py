"""The one calendar of working days: weekends, national holidays, swapped days (FIL-08, QRY-04)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.calendar import working_days
from foundation.calendar.working_days import (
    OURS,
    add_working_days,
    is_working_day,
    read_days,
    read_file,
    working_days_between,
)

DAYS = st.dates(min_value=dt.date(2024, 1, 1), max_value=dt.date(2030, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("11-16", 5, "11-23"),  # over a plain weekend
        ("11-20", 1, "11-23"),
        ("11-21", 1, "11-23"),  # handed in on a Saturday
        ("11-20", 0, "11-20"),
        ("09-28", 2, "09-30"),  # the last day before 国庆
        ("09-28", 3, "10-08"),  # over 国庆: the whole week is off
        ("09-30", 1, "10-08"),
        ("10-03", 1, "10-08"),  # handed in during the holiday
        ("10-09", 1, "10-10"),  # the swapped Saturday after it is worked
        ("09-19", 1, "09-20"),  # and so is the swapped Sunday before
        ("10-10", 1, "10-12"),
        ("02-13", 1, "02-14"),  # 春节: a Saturday is worked, nine days are not
        ("02-14", 1, "02-24"),
        ("02-13", 3, "02-25"),
        ("05-08", 1, "05-09"),
        ("06-18", 1, "06-22"),
    ],
)
def test_deadlines_count_working_days(start: str, days: int, end: str) -> None:
    """FIL-08, QRY-04: promised times are working days, as decreed for 2026."""
    assert add_working_days(day(start), days) == day(end)
    assert working_days_between(day(start), day(end)) == days


def test_a_year_without_data_goes_by_the_week() -> None:
    """docs/operations.md: nothing is decreed of it yet, so Monday to Friday."""
    first = dt.date(2031, 10, 1)
    assert [is_working_day(first + dt.timedelta(days=n)) for n in range(7)] == [
        (first + dt.timedelta(days=n)).weekday() < 5 for n in range(7)
    ]


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_counting_is_the_reverse_of_adding(start: dt.date, days: int) -> None:
    """QRY-04: the light counts the very days the deadline was made of."""
    assert working_days_between(start, add_working_days(start, days)) == days


@given(DAYS, DAYS)
def test_backwards_is_the_same_with_a_minus(one: dt.date, other: dt.date) -> None:
    """QRY-04: days overdue are counted as days left are."""
    assert working_days_between(one, other) == -working_days_between(other, one)


def test_our_own_file_is_sound() -> None:
    """FIL-08: a year has 11 statutory holidays or more, and every swapped day falls on a weekend."""
    decreed = read_file(OURS)
    for year in {date.year for date in decreed}:
        off = [date for date, worked in decreed.items() if date.year == year and not worked]
        assert len(off) >= 11
    assert all(date.weekday() >= 5 for date, worked in decreed.items() if worked)


@pytest.fixture
def own_file(tmp_path: Path, settings: Any) -> Any:
    """The operator's file; read anew afterwards."""
    path = tmp_path / "days.csv"
    settings.CALENDAR_FILE = path
    working_days._decreed.cache_clear()
    yield path
    working_days._decreed.cache_clear()


def test_an_operator_adds_a_year_and_corrects_a_day(own_file: Path) -> None:
    """FIL-08: the file named by CALENDAR_FILE has the last word."""
    own_file.write_text(
        "# 来自通知\n2027-01-01,2027-01-03,放假,元旦\n2027-01-09,2027-01-09,上班,元旦调休\n2026-10-08,2026-10-08,放假,延长\n"
    )
    assert not is_working_day(dt.date(2027, 1, 1)) and is_working_day(dt.date(2027, 1, 9))
    assert add_working_days(day("09-30"), 1) == day("10-09")


@pytest.mark.parametrize(
    "line",
    [
        "2027-01-01,2027-01-03,休息,元旦",
        "2027-13-01,2027-01-03,放假,元旦",
        "2027-01-03,2027-01-01,放假,元旦",
        "2027-01-01,2028-01-03,放假,元旦",
        "2027-01-01",
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(line: str) -> None:
    """OPS-02: nothing starts with a calendar that cannot be read."""
    with pytest.raises(ValueError, match="第 2 行"):
        read_days(["# first\n", line])


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    """OPS-02."""
    with pytest.raises(ValueError, match="不存在"):
        read_file(tmp_path / "nowhere.csv")

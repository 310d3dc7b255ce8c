"""Which days are worked: Monday to Friday, but for the holidays and swapped days that the State Council decrees.

They stand in `data/china.csv`; an operator adds the next year's in a file of the same form (CALENDAR_FILE).
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Iterable
from pathlib import Path

OURS = Path(__file__).parent / "data" / "china.csv"
# A stretch that is longer was mistyped.
MOST_DAYS = 31
_WORKED = {"上班": True, "放假": False}


def read_days(lines: Iterable[str]) -> dict[dt.date, bool]:
    """Day → whether it is worked, of a file of decreed days; raises ValueError that names the line."""
    found: dict[dt.date, bool] = {}
    for number, row in enumerate(csv.reader(lines), start=1):
        if not row or row[0].startswith("#"):
            continue
        try:
            first, last, worked = (
                dt.date.fromisoformat(row[0]),
                dt.date.fromisoformat(row[1]),
                _WORKED[row[2]],
            )
        except (ValueError, KeyError, IndexError):
            raise ValueError(f"第 {number} 行应为“开始日期,结束日期,放假或上班,名称”") from None
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValueError(f"第 {number} 行的结束日期不对")
        found |= {first + dt.timedelta(days=n): worked for n in range((last - first).days + 1)}
    return found


def read_file(path: Path) -> dict[dt.date, bool]:
    """As `read_days`; a file that cannot be read is a ValueError, too."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return read_days(lines)
    except OSError:
        raise ValueError("文件不存在或不能读取") from None


@functools.cache
def _decreed() -> dict[dt.date, bool]:
    """What differs from Monday to Friday; the operator's file has the last word."""
    from django.conf import settings  # not above: the commands read their environment without Django

    own = settings.CALENDAR_FILE
    return read_file(OURS) | (read_file(own) if own else {})


def is_working_day(day: dt.date) -> bool:
    """Whether `day` is worked; in a year that nothing is decreed of yet, from Monday to Friday."""
    return _decreed().get(day, day.weekday() < 5)


def add_working_days(start: dt.date, days: int) -> dt.date:
    """The date `days` working days after `start`, which does not count itself."""
    day = start
    while days > 0:
        day += dt.timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_days_between(start: dt.date, end: dt.date) -> int:
    """Working days after `start` up to `end`, included; negative when `end` is past."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + dt.timedelta(days=n)) for n in range(1, (end - start).days + 1))

"""Pure rules about plans: the name, the dates, the hours (TRN-01, TRN-02)."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.numbers.series import Series

HOUR_MINUTES = 45  # 学时, LRN-02
NAME = re.compile(r"^(?P<short>.{1,5})培(?P<year>\d{4})(?P<month>\d{2})(?P<number>\d{2})$")


PLAN_NAMES = Series("training_plan", digits=2, grows=False)


def propose_name(short_name: str, month: dt.date, taken: Iterable[str]) -> str:
    """The next free name of a month: short name + 培 + year(4) + month(2) + sequence(2).

    Raises NumbersUsedUpError when the month's 99 names are used up.
    """
    return PLAN_NAMES.first_free(f"{short_name}培{month:%Y%m}", taken)


def name_problem(name: str, short_name: str) -> str:
    """What is wrong with a plan's name in words, or nothing."""
    example = f"例：{short_name}培20261101"
    match = NAME.match(name)
    if match is None:
        return f"名称应为：机构简称 + 培 + 年份（4 位）+ 月份（2 位）+ 序号（2 位），{example}。"
    if match["short"] != short_name:
        return f"名称开头应为本机构简称“{short_name}”，{example}。"
    if not 1 <= int(match["month"]) <= 12 or not 2000 <= int(match["year"]) <= 2099:
        return f"名称里的年份或月份不对，{example}。"
    if match["number"] == "00":
        return f"名称末尾的序号从 01 开始，{example}。"
    return ""


@dataclass(frozen=True)
class Stretch:
    """One stretch of teaching; aware datetimes."""

    starts_at: dt.datetime
    ends_at: dt.datetime


def study_hours(stretches: Iterable[Stretch]) -> int:
    """Whole study hours (45 minutes) of all stretches together."""
    minutes = sum((row.ends_at - row.starts_at).total_seconds() // 60 for row in stretches)
    return int(minutes // HOUR_MINUTES)


@dataclass(frozen=True)
class Hours:
    """Study hours that are planned, and the most that a level taught asks for (its name; 0 and "" without any)."""

    planned: int
    least: int
    level: str

    @property
    def suffice(self) -> bool:
        return self.planned >= self.least


def hours_against(stretches: Iterable[Stretch], taught: Iterable[Any]) -> Hours:
    """The hours of `stretches` against the levels of what is `taught` (offers or a plan's items)."""
    asked = [(each.level.minimum_hours, str(each.level)) for each in taught if each.level]
    return Hours(study_hours(stretches), *max(asked, default=(0, "")))


def smallest_room(places: Iterable[Any]) -> Any:
    """The room with the fewest seats among a plan's and its days'; None when none is named."""
    return min((each.room for each in places if each.room), key=lambda room: room.seats, default=None)


def date_problems(
    opens_at: dt.datetime, closes_at: dt.datetime, stretches: Sequence[Stretch]
) -> dict[str, str]:
    """Field → sentence for dates out of order (TRN-02)."""
    problems: dict[str, str] = {}
    if opens_at >= closes_at:
        problems["closes_at"] = "报名截止时间应晚于报名开始时间。"
    if not stretches:
        problems["days"] = "请至少安排一天培训。"
        return problems
    if any(row.starts_at >= row.ends_at for row in stretches):
        problems["days"] = "培训的结束时间应晚于开始时间。"
    elif min(row.starts_at for row in stretches) < closes_at:
        problems["days"] = "培训应在报名截止以后开始，请调整培训时间或报名截止时间。"
    else:
        ordered = sorted(stretches, key=lambda row: row.starts_at)
        if any(a.ends_at > b.starts_at for a, b in itertools.pairwise(ordered)):
            problems["days"] = "培训时间有重叠，请逐行核对。"
    return problems

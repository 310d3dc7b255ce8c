"""培训日历: the days of all plans in a month, by teacher and room (TRN-02)."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.requests import PortalRequest
from foundation.ui.given import number_in
from zhupei.organizations.models import Room, Teacher
from zhupei.portals.shared.access import portal_required
from zhupei.training.models import PlanDay, TrainingPlan

WEEKDAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
MONTH = "%Y-%m"


@dataclass
class Cell:
    """One day of the grid."""

    date: dt.date
    in_month: bool
    is_today: bool
    entries: list[Any] = field(default_factory=list)

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.date.weekday()]


def chosen_month(text: str) -> dt.date:
    """The first of the month in the address, else of the present one."""
    try:
        month = dt.datetime.strptime(text, MONTH).date()
    except ValueError:
        month = timezone.localdate().replace(day=1)
    return month if 2000 <= month.year <= 2099 else timezone.localdate().replace(day=1)


def weeks_of(month: dt.date) -> list[list[Cell]]:
    """Whole weeks from Monday that cover the month."""
    today = timezone.localdate()
    return [
        [Cell(day, day.month == month.month, day == today) for day in week]
        for week in calendar.Calendar().monthdatescalendar(month.year, month.month)
    ]


def _days(request: PortalRequest, weeks: list[list[Cell]], teacher: str, room: str) -> list[Any]:
    """The stretches of teaching in the grid, of plans that the actor sees."""
    first, last = weeks[0][0].date, weeks[-1][-1].date + dt.timedelta(days=1)
    span = DateTimeTZRange(
        *(timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (first, last))
    )
    plans = TrainingPlan.objects.visible_to(request.actor)
    rows = PlanDay.objects.filter(plan__in=plans, period__overlap=span)
    if teacher:
        rows = rows.filter(teacher__pk=teacher)
    if room:
        rows = rows.filter(room__pk=room)
    return list(rows.select_related("plan__review", "teacher", "room__site").order_by("period"))


@require_safe
@portal_required("institution")
def plan_calendar(request: PortalRequest) -> HttpResponse:
    """One month; `?month=2026-11&teacher=&room=`."""
    institution = request.actor.body
    month = chosen_month(request.GET.get("month", ""))
    given = {name: request.GET.get(name, "") for name in ("teacher", "room")}
    chosen = {name: value for name, value in given.items() if number_in(value) is not None}
    weeks = weeks_of(month)
    cells = {cell.date: cell for week in weeks for cell in week}
    days = _days(request, weeks, chosen.get("teacher", ""), chosen.get("room", ""))
    for day in days:
        if (cell := cells.get(timezone.localdate(day.period.lower))) is not None:
            cell.entries.append(day)

    def address(of: dt.date) -> str:
        return f"{reverse('institution:plan_calendar')}?{urlencode({'month': of.strftime(MONTH), **chosen})}"

    context = {
        "month": month,
        "month_value": month.strftime(MONTH),
        "weekdays": WEEKDAYS,
        "weeks": weeks,
        "busy": [cell for cell in cells.values() if cell.entries and cell.in_month],
        "previous_url": address((month - dt.timedelta(days=1)).replace(day=1)),
        "next_url": address((month + dt.timedelta(days=31)).replace(day=1)),
        "this_url": address(timezone.localdate().replace(day=1)),
        "teachers": Teacher.objects.filter(institution=institution),
        "rooms": Room.objects.filter(site__institution=institution).select_related("site"),
        "chosen": chosen,
    }
    return render(request, "institution/plans/calendar.html", context)

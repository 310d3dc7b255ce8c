"""The learner's plan: days, place, teacher, attendance; checking in by the code on the classroom's screen (TRN-06, TRN-07)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.portals.shared.access import portal_required, to_sign_in
from zhupei.training.models import AttendanceMark, Placement, PlanDay, PlanStage
from zhupei.training.services import attendance

SCANNED = "scanned_check_in"


@dataclass(frozen=True)
class Lesson:
    """One stretch of teaching with what is known of the learner's attendance."""

    day: PlanDay
    word: str
    tone: str


@dataclass(frozen=True)
class PlanCard:
    """A plan as its learner sees it: `result` is 出勤 or 缺勤 once confirmed."""

    seat: Placement
    lessons: list[Lesson]
    next: PlanDay | None
    result: str


def cards_of(actor: Actor, enrollment_ids: list[int]) -> dict[int, PlanCard]:
    """Enrollment → its live plan; three queries whatever the number."""
    seats = list(
        Placement.objects.visible_to(actor)
        .live()
        .filter(enrollment__in=enrollment_ids)
        .exclude(plan__stage=PlanStage.PENDING)
        .select_related("plan__institution", "plan__room", "enrollment__occupation", "enrollment__level")
    )
    days: dict[int, list[PlanDay]] = {}
    for day in PlanDay.objects.filter(plan__in=[seat.plan_id for seat in seats]).select_related(
        "teacher", "room"
    ):
        days.setdefault(day.plan_id, []).append(day)
    marks = {
        (mark.placement_id, mark.day_id): mark
        for mark in AttendanceMark.objects.filter(placement__in=[seat.pk for seat in seats])
    }
    return {seat.enrollment_id: _card(seat, days.get(seat.plan_id, []), marks) for seat in seats}


def _card(seat: Placement, days: list[PlanDay], marks: dict[tuple[int, int], AttendanceMark]) -> PlanCard:
    now = timezone.now()
    lessons = []
    for day in days:
        mark = marks.get((seat.pk, day.pk))
        word, tone = ("未开始", "mute") if day.period.lower > now else ("未登记", "mute")
        if mark is not None:
            word, tone = ("出勤", "ok") if mark.is_present else ("缺勤", "bad")
        lessons.append(Lesson(day, word, tone))
    result = ""
    if seat.plan.attendance_confirmed_at is not None:
        result = "缺勤" if seat.is_absent else "出勤"
    coming = next((day for day in days if day.period.upper > now), None)
    return PlanCard(seat, lessons, coming, result)


@require_safe
@portal_required("learner")
def plan(request: PortalRequest, pk: int) -> HttpResponse:
    """When, where, by whom, and whether one was there."""
    seats = Placement.objects.visible_to(request.actor).live().filter(plan=pk)
    seat = get_object_or_404(seats.exclude(plan__stage=PlanStage.PENDING))
    card = cards_of(request.actor, [seat.enrollment_id])[seat.enrollment_id]
    return render(request, "learner/plan.html", {"card": card, "plan": card.seat.plan})


# --- check-in


@never_cache
@require_safe
def check_in(request: PortalRequest) -> HttpResponseBase:
    """What the code on the screen opens. Who is not signed in signs in first and is checked in then."""
    token = request.GET.get("t", "")
    if request.actor.user is None:
        request.session[SCANNED] = {"token": token, "at": timezone.now().timestamp()}
        return to_sign_in(request, "learner")
    return _check_in(request, token)


@portal_required("learner")
def _check_in(request: PortalRequest, token: str) -> HttpResponse:
    if not token:
        return render(request, "learner/check_in.html", {"no_code": True})
    try:
        day = attendance.check_in(request.actor, token, scanned_at=_scanned_at(request, token))
    except DomainError as refusal:
        request.session.pop(SCANNED, None)
        return render(request, "learner/check_in.html", {"refusal": refusal.message}, status=409)
    request.session.pop(SCANNED, None)
    return redirect("learner:checked_in", pk=day.pk)


def _scanned_at(request: PortalRequest, token: str) -> dt.datetime | None:
    """When this very code was scanned in this browser before signing in."""
    kept = request.session.get(SCANNED) or {}
    if kept.get("token") != token:
        return None
    return dt.datetime.fromtimestamp(kept["at"], tz=dt.UTC)


def waiting_check_in(request: PortalRequest) -> HttpResponseRedirect | None:
    """Off to a check-in that was scanned before a first sign-in, which ends on the home page."""
    kept = request.session.get(SCANNED)
    if not kept:
        return None
    return HttpResponseRedirect(f"{reverse('learner:check_in')}?t={kept['token']}")


@never_cache
@require_safe
@portal_required("learner")
def checked_in(request: PortalRequest, pk: int) -> HttpResponse:
    """签到成功: which lesson, when, where."""
    seats = Placement.objects.visible_to(request.actor).live()
    marks: Any = AttendanceMark.objects.filter(placement__in=seats, is_present=True)
    mark = get_object_or_404(marks.select_related("day__plan", "day__teacher", "day__room"), day=pk)
    return render(request, "learner/check_in.html", {"mark": mark, "day": mark.day, "plan": mark.day.plan})


urlpatterns = [
    path("plans/<int:pk>/", plan, name="plan"),
    path("check-in/", check_in, name="check_in"),
    path("check-in/<int:pk>/", checked_in, name="checked_in"),
]

"""考勤 of a plan: day by day, check-in by code, confirmed once, corrected with a reason, 培训结束 (TRN-06)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.documents.qr import qr_svg
from foundation.requests import PortalRequest
from foundation.ui.given import numbers_in
from foundation.ui.parts import Tab
from zhupei.portals.institution.views.plan_people import NOT_STARTED, find_plan, frame
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.training import queries
from zhupei.training.machine import PLAN
from zhupei.training.models import Placement, PlanDay, PlanStage, TrainingPlan
from zhupei.training.services import attendance

ACTIVE = "institution:plan_attendance"
WEEKDAYS = "一二三四五六日"


def day_label(day: PlanDay) -> str:
    """11-24 周二 09:00."""
    start = timezone.localtime(day.period.lower)
    return f"{start:%m-%d} 周{WEEKDAYS[start.weekday()]} {start:%H:%M}"


def _chosen(request: PortalRequest, days: list[PlanDay]) -> PlanDay | None:
    """The day of the address; otherwise today's, or the latest one that has begun, or the first."""
    wanted = request.GET.get("day", "")
    if wanted:
        found = next((day for day in days if str(day.pk) == wanted), None)
        if found is None:
            raise Http404
        return found
    begun = [day for day in days if timezone.localdate(day.period.lower) <= timezone.localdate()]
    return begun[-1] if begun else days[0] if days else None


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def plan_attendance(request: PortalRequest, pk: int) -> HttpResponse:
    """Who was there, a day at a time; a POST keeps the day. After the confirmation the result and its corrections."""
    plan = find_plan(request, pk)
    days = list(plan.days.select_related("teacher", "room"))
    if request.method == "POST":
        return _keep_day(request, plan, days)
    if plan.stage in NOT_STARTED:
        context = frame(plan, ACTIVE) | {"not_started": True}
        return render(request, "institution/plans/attendance.html", context)
    if plan.stage != PlanStage.IN_SESSION:
        return _result(request, plan, days)
    day = _chosen(request, days)
    rows = queries.attendance_table(plan, days)
    index = days.index(day) if day else 0
    lines = [(row, row.cells[index]) for row in rows] if day else []
    context = frame(plan, ACTIVE) | {
        "day": day,
        "lines": lines,
        "day_tabs": [Tab(day_label(each), f"?day={each.pk}", active=each == day) for each in days],
        "known": sum(cell.known for _, cell in lines),
        "absent": sum(not cell.is_present for _, cell in lines),
        "by_code": sum(cell.by_code for _, cell in lines),
        "begun": bool(day and timezone.now() >= day.period.lower),
    }
    return render(request, "institution/plans/attendance.html", context)


def _keep_day(request: PortalRequest, plan: TrainingPlan, days: list[PlanDay]) -> HttpResponse:
    day = next((each for each in days if str(each.pk) == request.POST.get("day")), None)
    if day is None:
        raise Http404
    absent = _ticked(request)
    attendance.mark_day(request.actor, plan, day, absent)
    total = plan.placements.live().count()
    sentence = f"{day_label(day)} 已保存：出勤 {total - len(absent)} 人，缺勤 {len(absent)} 人。"
    return done(request, sentence, f"{reverse(ACTIVE, args=[plan.pk])}?day={day.pk}")


def _labeled(rows: list[queries.PersonRow], days: list[PlanDay]) -> dict[str, Any]:
    """The days' headings, and each person's cells with theirs."""
    labels = [day_label(day) for day in days]
    return {"labels": labels, "rows": [(row, list(zip(labels, row.cells, strict=True))) for row in rows]}


def _ticked(request: PortalRequest) -> set[int]:
    return set(numbers_in(request.POST.getlist("absent")))


# --- confirmed once


@dataclass(frozen=True)
class Summary:
    """What confirming will do: who is 缺勤 and how many are 培训完成."""

    absent: list[queries.PersonRow]
    present: int


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Tick the absent, look at the summary, confirm; afterwards it is locked."""
    plan = find_plan(request, pk)
    if plan.stage != PlanStage.IN_SESSION:
        if request.method == "POST":
            messages.info(request, "考勤已经确认过，没有再次确认。")
        return redirect(ACTIVE, pk=pk)
    if request.method == "POST" and request.POST.get("step") == "confirm":
        return _confirm(request, plan)
    days = list(plan.days.all())
    rows = queries.attendance_table(plan, days)
    context = frame(plan, ACTIVE) | _labeled(rows, days)
    context |= {
        "unmarked": [
            day_label(day)
            for index, day in enumerate(days)
            if not any(row.cells[index].known for row in rows)
        ],
        "is_early": any(day.period.upper > timezone.now() for day in days),
    }
    if request.method == "POST":
        ticked = _ticked(request)
        absent = [row for row in rows if row.placement.pk in ticked]
        context["summary"] = Summary(absent, len(rows) - len(absent))
    return render(request, "institution/plans/attendance_confirm.html", context)


def _confirm(request: PortalRequest, plan: TrainingPlan) -> HttpResponse:
    absent = _ticked(request)
    attendance.confirm_attendance(request.actor, plan, absent)
    present = plan.placements.live().filter(is_absent=False).count()
    sentence = f"考勤已确认：{present} 人培训完成，{len(absent)} 人缺勤。缺勤人员所在企业已收到通知。"
    return done(request, sentence, ACTIVE, pk=plan.pk)


def _result(request: PortalRequest, plan: TrainingPlan, days: list[PlanDay]) -> HttpResponse:
    rows = queries.attendance_table(plan, days)
    corrections = [
        {
            "at": entry.at,
            "actor": entry.actor_label,
            "action": f"{entry.detail['name']}：更正为{'缺勤' if entry.detail['absent'] else '出勤'}",
            "remark": entry.detail["reason"],
        }
        for entry in queries.corrections_of(plan)
    ]
    absent = sum(row.placement.is_absent for row in rows)
    context = frame(plan, ACTIVE) | _labeled(rows, days)
    context |= {
        "absent": absent,
        "present": len(rows) - absent,
        "corrections": corrections,
        "may_finish": PLAN.can(request.actor, plan, "finish"),
    }
    return render(request, "institution/plans/attendance_result.html", context)


@require_POST
@portal_required("institution")
def correct(request: PortalRequest, pk: int, placement: int) -> HttpResponse:
    """更正 one person, with a reason."""
    plan = find_plan(request, pk)
    actor = request.actor
    seats = Placement.objects.visible_to(actor).filter(plan=plan).select_related("plan", "enrollment")
    seat = get_object_or_404(seats, pk=placement)
    absent = request.POST.get("to") == "absent"
    attendance.correct_attendance(actor, seat, is_absent=absent, reason=request.POST.get("reason", ""))
    sentence = f"{seat.enrollment.name}已更正为{'缺勤' if absent else '出勤'}，原因已记录。"
    return done(request, sentence, ACTIVE, pk=pk)


@require_POST
@portal_required("institution")
def finish(request: PortalRequest, pk: int) -> HttpResponse:
    """培训结束."""
    plan = find_plan(request, pk)
    attendance.finish_plan(request.actor, plan)
    return done(request, "培训已结束。", ACTIVE, pk=pk)


# --- the classroom's screen


@never_cache
@require_safe
@portal_required("institution")
def check_in(request: PortalRequest, pk: int) -> HttpResponse:
    """扫码签到: the code large, renewed by itself, and who is in."""
    plan = find_plan(request, pk)
    if plan.stage != PlanStage.IN_SESSION:
        messages.info(request, "开班以后、确认考勤以前可以扫码签到。")
        return redirect(ACTIVE, pk=plan.pk)
    return render(request, "institution/plans/check_in.html", frame(plan, ACTIVE) | _screen(request, plan))


@never_cache
@require_safe
@portal_required("institution")
def check_in_code(request: PortalRequest, pk: int) -> HttpResponse:
    """The part of the screen that renews itself."""
    plan = find_plan(request, pk)
    return render(request, "institution/plans/check_in_code.html", {"plan": plan} | _screen(request, plan))


@never_cache
@require_safe
@portal_required("institution")
def check_in_count(request: PortalRequest, pk: int) -> HttpResponse:
    """How many are in."""
    plan = find_plan(request, pk)
    return render(request, "institution/plans/check_in_count.html", {"plan": plan} | _counted(plan))


def _counted(plan: TrainingPlan) -> dict[str, Any]:
    day = attendance.lesson_now(plan) if plan.stage == PlanStage.IN_SESSION else None
    if day is None:
        return {"day": None}
    present, total = queries.count_present(plan, day)
    return {"day": day, "present": present, "total": total, "missing": total - present}


def _screen(request: PortalRequest, plan: TrainingPlan) -> dict[str, Any]:
    counted = _counted(plan)
    if counted["day"] is None:
        return counted
    token = attendance.check_in_token(plan)
    address = request.build_absolute_uri(f"{reverse('learner:check_in')}?t={token}")
    return counted | {"code": qr_svg(address, label="签到二维码"), "label": day_label(counted["day"])}


urlpatterns = [
    path("plans/<int:pk>/attendance/", plan_attendance, name="plan_attendance"),
    path("plans/<int:pk>/attendance/confirm/", confirm, name="plan_attendance_confirm"),
    path("plans/<int:pk>/attendance/<int:placement>/", correct, name="plan_attendance_correct"),
    path("plans/<int:pk>/finish/", finish, name="plan_finish"),
    path("plans/<int:pk>/check-in/", check_in, name="plan_check_in"),
    path("plans/<int:pk>/check-in/code/", check_in_code, name="plan_check_in_code"),
    path("plans/<int:pk>/check-in/count/", check_in_count, name="plan_check_in_count"),
]

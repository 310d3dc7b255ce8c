"""What must hold of an assessment plan when it is kept, when it is handed in and when it is approved (ASM-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from foundation.errors import DomainError
from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.assessment import candidates as who
from zhupei.assessment import rules, seating
from zhupei.assessment.models import AssessmentPlan
from zhupei.organizations.models import Institution, Room
from zhupei.organizations.roles import Capability, require
from zhupei.training.models import PlanStage, TrainingPlan

if TYPE_CHECKING:
    from zhupei.assessment.services.plans import AssessmentData

TRAINED_STAGES = (PlanStage.ATTENDANCE_CONFIRMED, PlanStage.FINISHED)
MOST_GAP_MINUTES = 240
# Ours, where the rules are silent: a year that is further off was mistyped.
MOST_DAYS_AHEAD = 366


def check_training(plan: TrainingPlan) -> None:
    """Raise DomainError `training_not_over` while the attendance is not confirmed."""
    if plan.stage not in TRAINED_STAGES:
        raise DomainError(
            "training_not_over", f"培训计划 {plan.name} 还没有确认考勤，考勤确认以后才能创建考核计划。"
        )


def check_data(institution: Institution, data: AssessmentData, *, minutes: int, has_practical: bool) -> None:
    """Raise DomainError `assessment_refused`; `items`: field → sentence."""
    problems = (
        _place_problems(institution, data)
        | _time_problems(data, minutes)
        | (_practical_problems(data) if has_practical else {})
    )
    if problems:
        raise DomainError("assessment_refused", next(iter(problems.values())), items=problems)


def _place_problems(institution: Institution, data: AssessmentData) -> dict[str, str]:
    if data.site.institution_id != institution.pk:
        return {"site": "只能选择本机构的考点。"}
    if not data.rooms:
        return {"rooms": "请至少选择一间机房。"}
    if any(room.site_id != data.site.pk for room in data.rooms):
        return {"rooms": "所选机房不在这个考点，请重新选择。"}
    if wrong := room_problem(data.rooms):
        return {"rooms": wrong}
    return {}


def room_problem(rooms: Sequence[Room]) -> str:
    """Why one of the rooms cannot be examined in, or nothing."""
    for room in rooms:
        if not room.is_active:
            return f"{room}已停用，请换一间机房。"
        if not room.has_computers:
            return f"{room}不是机房，没有登记电脑，请换一间机房，或在“机构备案”里改为机房。"
        if not room.seats:
            return f"{room}没有登记座位数，请先在“机构备案”里填写。"
    return ""


def _time_problems(data: AssessmentData, minutes: int) -> dict[str, str]:
    problems: dict[str, str] = {}
    if data.starts_at <= timezone.now():
        problems["starts_at"] = "首场开考时间已过，请改为以后的时间。"
    elif _is_far_off(data.starts_at):
        problems["starts_at"] = "首场开考时间应在一年以内，请检查年份。"
    elif not rules.ends_in_time(data.starts_at, minutes):
        latest = dt.datetime.combine(dt.date.today(), rules.LATEST_END) - dt.timedelta(minutes=minutes)
        problems["starts_at"] = (
            f"考试时长 {minutes} 分钟，应在 {rules.LATEST_END:%H:%M} 前结束，首场最晚 {latest:%H:%M} 开考。"
        )
    if not 0 <= data.gap_minutes <= MOST_GAP_MINUTES:
        problems["gap_minutes"] = f"场次间隔应为 0 至 {MOST_GAP_MINUTES} 分钟。"
    if not 1 <= data.room_limit <= seating.MOST_IN_A_ROOM:
        problems["room_limit"] = (
            f"每个考场最多 {seating.MOST_IN_A_ROOM} 人，请填写 1 至 {seating.MOST_IN_A_ROOM}。"
        )
    return problems


def _is_far_off(moment: dt.datetime) -> bool:
    return moment > timezone.now() + dt.timedelta(days=MOST_DAYS_AHEAD)


def _practical_problems(data: AssessmentData) -> dict[str, str]:
    problems: dict[str, str] = {}
    if data.practical_at is None:
        problems["practical_at"] = "本培训类别有实操考核，请填写实操时间。"
    elif data.practical_at <= timezone.now():
        problems["practical_at"] = "实操时间已过，请改为以后的时间。"
    elif _is_far_off(data.practical_at):
        problems["practical_at"] = "实操时间应在一年以内，请检查年份。"
    if not data.practical_place.strip():
        problems["practical_place"] = "本培训类别有实操考核，请填写实操地点。"
    return problems


def editable(actor: Actor, plan: AssessmentPlan) -> AssessmentPlan:
    """The plan, locked with its review; refuses strangers and plans that have been handed in or are gone."""
    require(actor, Capability.ASSESS, plan)
    return reviews.editable(plan, "institution__region__parent", "training_plan__programme")


def refuse_unfiled(institution: Institution) -> None:
    """Raise DomainError `not_filed` while the institution's file is not approved."""
    if not institution.is_filed:
        raise DomainError(
            "not_filed",
            "机构备案还没有审核通过，不能提交考核计划；请先在“机构备案”里补齐资料并提交，审核通过后再提交。",
        )


def refuse_unready(plan: AssessmentPlan) -> None:
    """Raise a DomainError for the first thing that keeps a plan from being handed in; it says what to do."""
    if not plan.candidates.exists():
        raise DomainError("no_candidates", "考核计划里还没有考生，请先选择考生再提交。")
    if wrong := room_problem(list(plan.rooms.select_related("site"))):
        raise DomainError("room_unfit", wrong)
    if plan.starts_at <= timezone.now():
        raise DomainError("time_over", "首场开考时间已过，请先修改考核时间，重新编排座位后再提交。")
    if plan.has_practical and (plan.practical_at is None or not plan.practical_place.strip()):
        raise DomainError("no_practical", "还没有填写实操时间和地点，请先修改考核计划再提交。")
    if plan.has_practical and plan.practical_at is not None and plan.practical_at <= timezone.now():
        raise DomainError("time_over", "实操时间已过，请先修改实操时间再提交。")
    unfit = who.unfit(plan)
    if unfit:
        raise DomainError(
            "candidates_unfit",
            f"{who.sentence(unfit)}。请在“考生”里移出这些人，重新编排座位后再提交。",
            items={str(row.enrollment.pk): row.reason for row in unfit},
        )
    if plan.seated_at is None or plan.candidates.filter(exam_room=None).exists():
        raise DomainError("not_seated", "还有考生没有座位，请先编排座位再提交。")


def refuse_unapprovable(plan: AssessmentPlan) -> None:
    """Raise a DomainError when an accepted plan cannot be approved any more: time over, somebody barred since."""
    if plan.starts_at <= timezone.now():
        raise DomainError(
            "time_over", "首场开考时间已过，不能审核通过；请选择审核不通过，由机构改期后重新上报。"
        )
    unfit = who.unfit(plan)
    if unfit:
        raise DomainError(
            "candidates_unfit",
            f"{who.sentence(unfit)}。不能审核通过；请选择审核不通过，由机构移出这些考生后重新上报。",
            items={str(row.enrollment.pk): row.reason for row in unfit},
        )

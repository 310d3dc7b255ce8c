"""The review of a training plan by the authority that set the institution up (TRN-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from foundation.errors import DomainError
from foundation.review import kinds
from foundation.review.findings import Finding
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.organizations.services.filing import refuse_unfiled
from zhupei.training import news, rules
from zhupei.training.machine import PLAN
from zhupei.training.models import PlanDay, PlanItem, PlanStage, TrainingPlan

ITEMS = {
    "name": "计划名称",
    "items": "工种岗位和收费",
    "head_count": "计划人数",
    "dates": "报名时间",
    "place": "培训地点",
    "days": "培训安排和师资",
    "form": "报名形式",
}

REASONS = (
    ("name", "计划名称不符合编码规则"),
    ("items", "收费标准与备案不一致"),
    ("items", "工种（岗位）不在本机构培训范围内"),
    ("head_count", "计划人数超过场地容量"),
    ("dates", "报名时间安排不合理，请调整"),
    ("place", "培训地点不具体，请写明楼层和教室"),
    ("days", "培训学时不足"),
    ("days", "授课老师未定或不符合要求"),
    ("days", "培训内容不完整"),
    ("form", "指定企业与计划不符"),
)


def findings(plan: TrainingPlan) -> list[Finding]:
    """Hours against the minimum, people against the seats, teachers, dates, fees (TRN-02, TRN-03).

    No query when the plan was loaded `with_content`.
    """
    items, days = list(plan.items.all()), list(plan.days.all())
    return [
        _hours(items, days),
        _seats(plan, days),
        _teachers(days),
        _dates(plan, timezone.now()),
        _fees(items),
    ]


def _hours(items: Sequence[PlanItem], days: Sequence[PlanDay]) -> Finding:
    hours = hours_of(items, days)
    if not hours.least:
        return Finding("ok", "培训学时", f"{hours.planned} 学时", "所选岗位没有最低学时要求")
    return Finding(
        "ok" if hours.suffice else "bad",
        "培训学时",
        f"{hours.planned} / {hours.least} 学时",
        f"{hours.level}最低 {hours.least} 学时（含考核）",
    )


def hours_of(items: Sequence[PlanItem], days: Sequence[PlanDay]) -> rules.Hours:
    """The study hours of a plan against what its levels ask for."""
    return rules.hours_against((rules.Stretch(day.period.lower, day.period.upper) for day in days), items)


def _seats(plan: TrainingPlan, days: Sequence[PlanDay]) -> Finding:
    smallest = rules.smallest_room([plan, *days])
    if smallest is None:
        return Finding("wait", "场地容量", f"{plan.head_count} 人", "未使用机构登记的教室，请核对场地容量")
    tone = "ok" if plan.head_count <= smallest.seats else "bad"
    return Finding(tone, "场地容量", f"{plan.head_count} 人 / {smallest.seats} 座", str(smallest))


def _teachers(days: Sequence[PlanDay]) -> Finding:
    missing = sum(day.teacher_id is None for day in days)
    external = {day.teacher_id for day in days if day.teacher and day.teacher.kind == "external"}
    if missing:
        return Finding("wait", "授课老师", f"{missing} 段未定", "请核对未定老师的课程")
    note = f"其中外聘 {len(external)} 人" if external else "均为本机构老师"
    return Finding("ok", "授课老师", f"{len({day.teacher_id for day in days})} 人", f"{note}，时间无冲突")


def _dates(plan: TrainingPlan, now: dt.datetime) -> Finding:
    if plan.closes_at <= now:
        return Finding("bad", "报名时间", "已截止", "报名截止时间已过，通过后企业也不能报名")
    if plan.opens_at <= now:
        return Finding("wait", "报名时间", "已到", "报名开始时间已到，通过后立即开放报名")
    return Finding("ok", "报名时间", f"{_local(plan.opens_at)} 开始", "通过后到时间自动开放报名")


def _fees(items: Sequence[PlanItem]) -> Finding:
    differing = [item for item in items if item.fee != item.offer.fee]
    if differing:
        return Finding("wait", "收费标准", f"{len(differing)} 项不同", "与机构现在公布的收费标准不一致")
    return Finding("ok", "收费标准", f"{len(items)} 项", "与机构公布的收费标准一致")


def _local(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def snapshot(plan: TrainingPlan) -> dict[str, dict[str, Any]]:
    """What the reviewer sees of a plan, by item."""
    days = [
        f"{_local(day.period.lower)}–{timezone.localtime(day.period.upper):%H:%M} {day.subject} {day.teacher or ''}".strip()
        for day in plan.days.select_related("teacher").order_by("period")
    ]
    rows = [f"{item}，¥{item.fee:,.2f}/人" for item in plan.items.select_related("occupation", "level")]
    values = {
        "name": plan.name,
        "items": rows,
        "head_count": f"{plan.head_count} 人",
        "dates": f"{_local(plan.opens_at)} 至 {_local(plan.closes_at)}",
        "place": plan.place,
        "days": days,
        "form": plan.get_form_display()
        + (f"：{'、'.join(map(str, plan.organizations.all()))}" if plan.form == "designated" else ""),
    }
    return {key: {"label": ITEMS[key], "value": value} for key, value in values.items()}


def find(review: Review) -> TrainingPlan:
    return TrainingPlan.objects.select_related("institution__supervisor").get(review=review)


def check_submission(plan: TrainingPlan) -> None:
    """The institution's file is approved, and the dates still lie ahead."""
    refuse_unfiled(plan.institution)
    if plan.closes_at <= timezone.now():
        raise DomainError("dates_over", "报名截止时间已过，请先修改计划的时间再提交审核。")


def on_submitted(actor: Actor, review: Review, plan: TrainingPlan) -> None:
    news.plan_submitted(review, plan)


def on_decided(actor: Actor, review: Review, plan: TrainingPlan) -> None:
    """Approved: the plan is published and from now on follows its dates."""
    if review.state == ReviewState.APPROVED and plan.stage == PlanStage.PENDING:
        PLAN.perform(SYSTEM, plan, "publish")
    news.plan_decided(review, plan)


PLAN_KIND = kinds.ReviewKind(
    key="training_plan",
    label="培训计划",
    items=ITEMS,
    reasons=REASONS,
    snapshot=snapshot,
    findings=findings,
    find=find,
    check_submission=check_submission,
    on_decided=on_decided,
    on_submitted=on_submitted,
    submitter="机构",
    separate_acceptance=True,
    working_days=3,
)

"""The review of a training plan by the authority that set the institution up (TRN-03)."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.messages.services import notify
from foundation.review import kinds
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.training.machine import PLAN
from zhupei.training.models import PlanStage, TrainingPlan

ITEMS = {
    "name": "计划名称",
    "items": "工种岗位和收费",
    "head_count": "计划人数",
    "dates": "报名时间",
    "place": "培训地点",
    "days": "培训安排和师资",
    "form": "报名形式",
}


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


def on_submitted(actor: Actor, review: Review, plan: TrainingPlan) -> None:
    notify(
        "training.plan_submitted",
        recipients=[review.reviewer_key],
        url=f"/authority/plans/{plan.pk}/",
        context={
            "institution": plan.institution.name,
            "name": plan.name,
            "count": plan.head_count,
            "due": review.due_on,
        },
    )


def on_decided(actor: Actor, review: Review, plan: TrainingPlan) -> None:
    """Approved: the plan is published and from now on follows its dates."""
    approved = review.state == ReviewState.APPROVED
    if approved and plan.stage == PlanStage.PENDING:
        PLAN.perform(SYSTEM, plan, "publish")
    notify(
        "training.plan_decided",
        recipients=[plan.institution.key],
        url=f"/institution/plans/{plan.pk}/",
        context={
            "name": plan.name,
            "authority": plan.institution.supervisor.name,
            "result": "审核通过" if approved else "审核不通过",
            "reasons": "；".join(review.reasons.values()) or review.remark,
        },
    )


PLAN_KIND = kinds.ReviewKind(
    key="training_plan",
    label="培训计划",
    items=ITEMS,
    snapshot=snapshot,
    find=find,
    on_decided=on_decided,
    on_submitted=on_submitted,
    separate_acceptance=True,
    working_days=3,
)

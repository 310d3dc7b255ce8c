"""首页: what waits for the institution, how long, and how enrollment goes (QRY-04)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Min, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.counting import count_together
from foundation.requests import PortalRequest
from zhupei.assessment import plan_states as assessment_states
from zhupei.billing.models import Order, OrderState
from zhupei.catalog.models import Delivery, Offer
from zhupei.enrollment import institution_figures as figures
from zhupei.exam.scores import states as score_states
from zhupei.portals.shared.access import portal_required
from zhupei.training import plan_states

MOST_OCCUPATIONS = 12


def _is_new(found: figures.Figures) -> bool:
    """Nobody has enrolled here so far."""
    return not (found.to_review or found.returned or found.reviewed or found.enrolled)


@require_safe
@portal_required("institution")
def home(request: PortalRequest) -> HttpResponse:
    """Queues first, then the waiting batches, then figures."""
    actor = request.actor
    found = figures.figures(actor)
    orders = (
        Order.objects.visible_to(actor)
        .filter(state=OrderState.VOUCHER_SUBMITTED)
        .order_by()
        .aggregate(count=Count("pk"), total=Sum("total"), oldest=Min("updated_at"))
    )
    months, occupations = figures.by_month(actor), figures.by_occupation(actor)
    to_do = count_together(
        plan_states.to_do(actor), assessment_states.to_do(actor), score_states.to_do(actor)
    )
    context = {
        "plans_to_do": to_do[0],
        "assessments_to_do": to_do[1],
        "scores_to_do": to_do[2],
        "offers_nothing": _is_new(found)
        and not Offer.objects.visible_to(actor).filter(is_open=True).exists(),
        "title": greeting(found.to_review, orders["count"], to_do[0] + to_do[1], to_do[2]),
        "figures": found,
        "waited": waited(found.oldest),
        "orders": orders,
        "orders_waited": waited(orders["oldest"]),
        "batches": [
            (batch, Delivery(batch.delivery).label, days_since(batch.oldest))
            for batch in figures.waiting_batches(actor)
        ],
        "people_rows": people_rows(found),
        "months": months,
        "month_chart": bar_chart(months),
        "month_head": ["月份", "报名人数"],
        "month_title": month_title(months),
        "occupations": occupations,
        "occupation_chart": bar_chart(occupations[:MOST_OCCUPATIONS], sideways=True),
        "occupation_head": ["岗位（工种）", "报名人数"],
        "occupation_title": occupation_title(occupations),
    }
    return render(request, "institution/home/home.html", context)


def greeting(people: int, orders: int, plans: int = 0, scores: int = 0) -> str:
    """What the eye meets first: how much waits."""
    hour = timezone.localtime().hour
    hello = "上午好" if hour < 12 else "下午好" if hour < 18 else "晚上好"
    waits = [f"{people} 人等您审核"] if people else []
    if orders:
        waits.append(f"{orders} 笔缴费等您确认")
    if plans:
        waits.append(f"{plans} 个计划等您办理")
    if scores:
        waits.append(f"{scores} 个考核的成绩等您上报")
    return f"{hello}，{'，'.join(waits) if waits else '没有待办的事'}"


def days_since(moment: dt.datetime | None) -> int:
    """Full days since then; 0 for nothing."""
    return (timezone.now() - moment).days if moment else 0


def waited(moment: dt.datetime | None) -> str:
    """How long something has waited, in words."""
    days = days_since(moment)
    return f"已等 {days} 天" if days else "今天刚到"


def people_rows(found: figures.Figures) -> list[tuple[Any, ...]]:
    """The list of figures: label, number, tone, address."""
    address = reverse("institution:people")
    rows = [
        ("待资格审核", found.to_review, "wait", "submitted"),
        ("退回修改", found.returned, "", "returned"),
        ("通过，待生成订单", found.to_order, "", "eligible"),
        ("待缴费", found.to_pay, "", "ordered"),
        ("待缴费确认", found.to_confirm, "wait", "paid"),
    ]
    shown = [
        (label, number, tone if number else "", f"{address}?tab={tab}") for label, number, tone, tab in rows
    ]
    return [*shown, ("已报名", found.enrolled, "", address)]


def month_title(months: list[tuple[str, int]]) -> str:
    """The finding over the chart of months."""
    if not any(number for _, number in months):
        return "近 12 个月还没有人报名"
    (_, last), (_, present) = months[-2:]
    change = f"，上月 {last} 人" if last else ""
    return f"本月报名 {present} 人{change}，近 12 个月共 {sum(number for _, number in months)} 人"


def occupation_title(occupations: list[tuple[str, int]]) -> str:
    """The finding over the chart of occupations."""
    if not occupations:
        return ""
    name, number = occupations[0]
    return f"近一年报名最多的是{name}，{number} 人"


def bar_chart(rows: list[tuple[str, int]], *, sideways: bool = False) -> dict[str, Any]:
    """An ECharts option: one bar a row; sideways, the first row on top."""
    names = {"type": "category", "data": [name for name, _ in rows], "inverse": sideways}
    numbers = {"type": "value", "minInterval": 1, "show": not sideways}
    return {
        "grid": {"left": 8, "right": 24, "top": 8 if sideways else 24, "bottom": 4, "containLabel": True},
        "xAxis": numbers if sideways else names,
        "yAxis": names if sideways else numbers,
        "series": [
            {
                "type": "bar",
                "name": "报名人数",
                "barMaxWidth": 28,
                "data": [number or None for _, number in rows],
                "label": {"show": True, "position": "right" if sideways else "top"},
            }
        ],
    }


urlpatterns = [path("", home, name="home")]

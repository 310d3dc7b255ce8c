"""首页: my batches with the step each is at and the one thing to do (QRY-04)."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.enrollment import queries, rules
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.portals.enterprise.cards import cards
from zhupei.portals.enterprise.menu import figures_of
from zhupei.portals.shared.access import portal_required
from zhupei.training import plan_queries as training

SHOWN = 6
S = EnrollmentState
UNDERWAY = [*rules.OURS, S.SUBMITTED, S.PAID]


@portal_required("enterprise")
def home(request: PortalRequest) -> HttpResponse:
    """Cards of the batches that are underway, those that wait for us first."""
    actor: Actor = request.actor
    people = Enrollment.objects.filter(batch=OuterRef("pk"))
    batches = list(
        Batch.objects.visible_to(actor)
        .select_related("institution", "occupation", "level", "programme")
        .annotate(
            waits=Exists(people.filter(state__in=rules.OURS)),
            underway=Exists(people.filter(state__in=UNDERWAY)),
        )
        .order_by("-waits", "-underway", "-created_at")[: SHOWN * 4]
    )
    waiting = sum(batch.waits for batch in batches)
    underway = [batch for batch in batches if batch.underway]
    figures = figures_of(request)
    context = {
        "title": _title(waiting, bool(batches), most=SHOWN * 4),
        "cards": cards(actor, (underway or batches)[:SHOWN]),
        "more": len(batches) > SHOWN,
        "has_batches": bool(batches),
        "figures": _figure_rows(figures),
        "waits": _waits(figures),
        "coming": training.coming_plans(actor),
    }
    return render(request, "enterprise/home/home.html", context)


def _title(waiting: int, has_batches: bool, *, most: int) -> str:
    hour = timezone.localtime().hour
    greeting = "上午好" if hour < 12 else "下午好" if hour < 18 else "晚上好"
    if waiting:
        things = f"{most} 件以上的事" if waiting >= most else f"{waiting} 件事"
        return f"{greeting}，有 {things}等您处理"
    return f"{greeting}，目前没有等您处理的事" if has_batches else f"{greeting}，可以开始报名了"


def _figure_rows(figures: queries.Figures) -> list[tuple[Any, ...]]:
    people = reverse("enterprise:people")
    rows = [
        ("报名中", figures.underway, "", people),
        ("退回修改", figures.returned, "bad" if figures.returned else "", f"{people}?tab=returned"),
        ("待缴费", figures.to_pay, "wait" if figures.to_pay else "", f"{people}?tab=ordered"),
        ("已报名", figures.enrolled, "", f"{people}?tab=enrolled"),
    ]
    return [row for row in rows if row[1] or row[0] in {"报名中", "已报名"}]


def _waits(figures: queries.Figures) -> list[str]:
    """What comes next, and who has to act: the institution or we."""
    lines = [
        (figures.in_review, "人等培训机构审核资格"),
        (figures.to_order, "人已通过审核，可以生成订单"),
        (figures.in_confirmation, "人等培训机构确认缴费"),
        (figures.to_train, "人已报名，等开班"),
    ]
    return [f"{number} {words}" for number, words in lines if number]


urlpatterns = [path("", home, name="home")]

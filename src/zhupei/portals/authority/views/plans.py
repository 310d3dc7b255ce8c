"""计划审核: training plans of the institutions that the authority set up (TRN-03)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.review.models import ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.states import badge_of_choice
from zhupei.catalog.models import Programme
from zhupei.organizations import queries
from zhupei.portals.authority.views import reviewing
from zhupei.portals.shared import plan_pages
from zhupei.portals.shared.access import portal_required
from zhupei.training.models import PlanStage, TrainingPlan
from zhupei.training.plan_queries import with_dates
from zhupei.training.plan_states import state_of
from zhupei.training.reviewing import ITEMS, REASONS, findings, hours_of

S = ReviewState
STATE_TABS = [
    Tabs("todo", "待办", [S.SUBMITTED, S.ACCEPTED], tone="wait"),
    Tabs("submitted", "未受理", [S.SUBMITTED]),
    Tabs("accepted", "已受理", [S.ACCEPTED]),
    Tabs("approved", "已审核", [S.APPROVED]),
    Tabs("rejected", "审核不通过", [S.REJECTED]),
    Tabs("draft", "未上报", [S.DRAFT]),
]


def plan_list(request: PortalRequest) -> QuerySet[Any]:
    """Plans handed in at least once, with what the pages show."""
    rows = TrainingPlan.objects.visible_to(request.actor)
    return rows.select_related("review", "institution__supervisor", "programme", "room__site")


def stage_badge(plan: TrainingPlan) -> tuple[str, str] | None:
    """How far an approved plan is; nothing before."""
    return badge_of_choice(state_of(plan)) if plan.stage != PlanStage.PENDING else None


class PlanTable(tables.ListTable):
    name = tables.TextColumn("计划名称", sub="institution__name", sort=True, width=26)
    programme = tables.TextColumn("培训类别", accessor="programme__name", width=20)
    head_count = tables.NumberColumn("计划人数", sort=True)
    opens_at = tables.MinuteColumn("报名开始", sort=True)
    starts_at = tables.DayColumn("开课", sort=True)
    supervisor = tables.TextColumn("审核部门", accessor="institution__supervisor__name", width=26)
    submitted_at = tables.MinuteColumn("提交时间", accessor="review__submitted_at", sort=True)
    due = tables.BadgeColumn("办理期限", badge=lambda row: reviewing.light_of(row.review))
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")
    stage = tables.BadgeColumn("计划状态", badge=lambda row: stage_badge(row))


class PlanFilter(ListFilter):
    q = SearchFilter(["name__icontains", "institution__name__icontains"], label="计划名称或培训机构")
    programme = django_filters.ModelChoiceFilter(
        label="培训类别", queryset=Programme.objects.all(), empty_label="全部"
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Plans(ListPage):
    page_title = "计划审核"
    page_intro = "先受理，再审核。办理期限为提交后 3 个工作日，受理后机构不能再撤回。"
    table_class = PlanTable
    filterset_class = PlanFilter
    tabs_field = "review__state"
    tabs = STATE_TABS
    default_tab = "todo"
    order_by = ("review__submitted_at",)
    row_url = "authority:plan"
    unit = "个"
    export_name = "培训计划审核"
    empty_icon = "calendar-check"
    empty_title = "没有待审核的培训计划"
    empty_text = "培训机构提交培训计划后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return with_dates(plan_list(self.request))


def _found(request: PortalRequest, pk: int) -> TrainingPlan:
    return get_object_or_404(plan_list(request), pk=pk)


@require_safe
@portal_required("authority")
def plan(request: PortalRequest, pk: int) -> HttpResponse:
    """One plan: what is taught, when and by whom left; facts, what changed and the verdict right."""
    actor = request.actor
    row = _found(request, pk)
    review, days = row.review, plan_pages.days_of(row)
    items = list(row.items.select_related("occupation", "level", "offer"))
    changed = reviewing.changed_since(review)
    place = queries.place_in_queue(plan_list(request), actor, row.pk)
    audit.record(actor, "training_plan.view", row)
    context = {
        "plan": row,
        "review": review,
        "light": reviewing.light_of(review),
        "badge": badge_of_choice(state_of(row)),
        "items_taught": items,
        "days": days,
        "hours": hours_of(items, days),
        "organizations": list(row.organizations.order_by("name")),
        "findings": findings(row, items, days, timezone.now()),
        "changed": changed,
        "compared": [reviewing.changed_lines(change) for change in changed.values()],
        "entries": reviewing.timeline(review, ITEMS),
        "reasons": REASONS,
        "items": list(ITEMS.items()),
        "given": reviewing.last_rejection(review, ITEMS),
        "may_decide": reviewing.may_decide(actor, review),
        "may_accept": reviewing.may_accept(actor, review),
        "place": place,
        "previous_url": reverse("authority:plan", args=[place.previous]) if place.previous else "",
        "next_url": reverse("authority:plan", args=[place.next]) if place.next else "",
    }
    return render(request, "authority/plans/detail.html", context)


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """受理: from now on the institution cannot take it back."""
    row = _found(request, pk)
    return reviewing.accept_and_return(
        request, row.review, f"培训计划 {row.name}", page="authority:plan", pk=pk
    )


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """通过 or 不通过, then on to the next one that waits."""
    row = _found(request, pk)
    place = queries.place_in_queue(plan_list(request), request.actor, pk)
    return reviewing.decide_and_go_on(
        request, row.review, ITEMS, place, page="authority:plan", pk=pk, queue="authority:plans"
    )


urlpatterns = [
    path("plans/", Plans.as_view(), name="plans"),
    path("plans/<int:pk>/", plan, name="plan"),
    path("plans/<int:pk>/accept/", accept, name="plan_accept"),
    path("plans/<int:pk>/decide/", decide, name="plan_decide"),
]

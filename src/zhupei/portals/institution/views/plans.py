"""培训计划: the list, one plan with its review, and the form it is made with (TRN-01 … TRN-03)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.review.words import reasons_given
from foundation.scoping import Actor
from foundation.ui import tables
from foundation.ui.pages import DayRangeFilter, ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.states import badge_of_choice
from zhupei.assessment.models import AssessmentPlan
from zhupei.assessment.services.checks import TRAINED_STAGES
from zhupei.catalog.models import Programme
from zhupei.organizations.roles import Capability, may
from zhupei.portals.institution.tabs import plan_tabs
from zhupei.portals.institution.views import plan_calendar
from zhupei.portals.institution.views.plan_form import PlanEditor
from zhupei.portals.shared import assessment_pages, plan_pages
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.review_pages import Act, Submitting, submitters_view
from zhupei.training import services
from zhupei.training.designating import find_organizations
from zhupei.training.models import PlanForm, PlanItem, TrainingPlan
from zhupei.training.plan_queries import with_content, with_dates
from zhupei.training.plan_states import PlanState, state_of, with_state
from zhupei.training.reviewing import hours_of

ITEMS = Prefetch("items", PlanItem.objects.select_related("occupation", "level"))
HANDED_IN = "培训计划 {row} 已提交{reviewer}审核，受理前可以撤回。"


def state_badge(plan: TrainingPlan) -> tuple[str, str]:
    """(tone, word) of the one state that people see."""
    tone, label = badge_of_choice(state_of(plan))
    return tone, label


class PlanTable(tables.ListTable):
    name = tables.TextColumn("计划名称", sort=True, sub="place", width=24)
    items = tables.TextColumn("工种（岗位）", accessor="trades", width=30)
    form = tables.TextColumn("报名形式", accessor="get_form_display", sort="form")
    seats = tables.TextColumn("已报 / 计划", empty_values=(), css="num")
    opens_at = tables.MinuteColumn("报名开始", sort=True)
    closes_at = tables.MinuteColumn("报名截止", sort=True)
    starts_at = tables.DayColumn("开课", sort=True)
    ends_at = tables.DayColumn("结课", sort=True)
    state = tables.BadgeColumn("计划状态", badge=state_badge)

    def render_seats(self, record: Any) -> str:
        """12 / 40"""
        return f"{record.seats_taken} / {record.head_count}"

    value_seats = render_seats


class PlanFilter(ListFilter):
    q = SearchFilter(["name__icontains", "place__icontains"], label="计划名称或培训地点")
    programme = django_filters.ModelChoiceFilter(
        label="培训类别", queryset=Programme.objects.all(), empty_label="全部"
    )
    form = django_filters.ChoiceFilter(label="报名形式", choices=PlanForm.choices, empty_label="全部")
    starts_at = DayRangeFilter(label="开课日期")


@method_decorator(portal_required("institution"), name="dispatch")
class Plans(ListPage):
    page_title = "培训计划"
    template_name = "institution/plans/list.html"
    table_class = PlanTable
    filterset_class = PlanFilter
    tabs_field = "shown_state"
    tabs = Tabs.each(PlanState, {PlanState.DRAFT: "wait", PlanState.REJECTED: "bad"})
    order_by = ("-created_at",)
    row_url = "institution:plan"
    primary_action = ("创建培训计划", "institution:plan_new", "plus")
    primary_allowed = allowed(Capability.PLAN)
    unit = "个"
    empty_icon = "calendar-event"
    empty_title = "还没有培训计划"
    empty_text = "创建计划并通过主管部门审核后，到报名时间企业即可报名。"

    def queryset(self) -> QuerySet[Any]:
        rows = TrainingPlan.objects.visible_to(self.request.actor)
        rows = rows.select_related("review").prefetch_related(ITEMS)
        return with_dates(with_state(rows))


def own_plans(request: PortalRequest) -> QuerySet[TrainingPlan]:
    """The plans that this institution sees, with review and supervisor."""
    rows = TrainingPlan.objects.visible_to(request.actor)
    return rows.select_related("review", "programme", "room__site", "institution__supervisor")


def own_plan(request: PortalRequest, pk: int) -> TrainingPlan:
    """One of them; 404 for strangers."""
    return get_object_or_404(own_plans(request), pk=pk)


@require_safe
@portal_required("institution")
def plan(request: PortalRequest, pk: int) -> HttpResponse:
    """计划信息: everything that was filled in, where its review is, what may be done now."""
    actor = request.actor
    row = get_object_or_404(with_content(own_plans(request)), pk=pk)
    items, days = list(row.items.all()), list(row.days.all())
    context = {
        "plan": row,
        "badge": state_badge(row),
        "tabs": plan_tabs(row, "institution:plan"),
        "steps": plan_pages.steps(row),
        "items": items,
        "days": days,
        "hours": hours_of(items, days),
        "organizations": list(row.organizations.order_by("name")),
        "is_over": plan_pages.is_over(row),
    }
    context |= submitters_view(actor, row.review, may(actor, Capability.PLAN)) | assessments_of(actor, row)
    return render(request, "institution/plans/detail.html", context)


def assessments_of(actor: Actor, plan: TrainingPlan) -> dict[str, Any]:
    """The assessment plans made from a training plan, and whether another can be made (ASM-01)."""
    is_over = plan.stage in TRAINED_STAGES
    made = AssessmentPlan.objects.visible_to(actor).filter(training_plan=plan).select_related("review")
    rows = list(made.order_by("name")) if is_over else []
    return {
        "assessments": [(row, assessment_pages.state_badge(row)) for row in rows],
        "training_over": is_over,
        "may_assess": is_over and may(actor, Capability.ASSESS),
    }


# --- the form


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution", needs=Capability.PLAN)
def plan_new(request: PortalRequest) -> HttpResponse:
    """创建培训计划."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution", needs=Capability.PLAN)
def plan_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a plan that is not with the authority; 去上报 when it was rejected."""
    row = own_plan(request, pk)
    if not row.review.is_with_submitter:
        messages.error(request, "计划已提交审核，不能修改；主管部门受理前可以先撤回。")
        return redirect("institution:plan", pk=pk)
    return _edited(request, row)


def _edited(request: PortalRequest, row: TrainingPlan | None) -> HttpResponse:
    editor = PlanEditor(request, row)
    if editor.only_rearranges:
        editor.rearrange()
    elif request.method == "POST" and (saved := _save(request, editor)) is not None:
        return redirect("institution:plan", pk=saved.pk)
    context = {
        "editor": editor,
        "form": editor.fields,
        "plan": row,
        "found": editor.found() if "find" in request.POST else [],
        "searched": request.POST.get("organization_search", "") if "find" in request.POST else "",
        "reasons": reasons_given(row.review) if row is not None else [],
    }
    return render(request, "institution/plans/form.html", context)


def _save(request: PortalRequest, editor: PlanEditor) -> TrainingPlan | None:
    """Keep the plan, and hand it in when that button was pressed; None when something is wrong."""
    actor = request.actor
    data = editor.plan_data()
    if data is None:
        return None
    try:
        if editor.plan is None:
            saved = services.create_plan(actor, data)
        else:
            saved = services.update_plan(actor, editor.plan, data)
    except DomainError as refusal:
        editor.refuse(refusal)
        return None
    if "submit_review" not in request.POST:
        messages.success(request, f"培训计划 {saved.name} 已保存，确认无误后请提交审核。")
        return saved
    try:
        services.submit_plan(actor, saved)
    except DomainError as refusal:
        messages.warning(request, f"培训计划 {saved.name} 已保存，但还没有提交：{refusal.message}")
    else:
        messages.success(request, HANDED_IN.format(row=saved, reviewer=saved.institution.supervisor))
    return saved


@require_safe
@portal_required("institution")
def plan_organizations(request: PortalRequest) -> HttpResponse:
    """Part of the form: organizations by name or code, to be ticked."""
    text = request.GET.get("organization_search", "")
    found = find_organizations(request.actor.body, text)
    return render(request, "institution/plans/_found.html", {"found": found, "searched": text})


# --- acts


class PlanSubmitting(Submitting):
    """提交审核, 撤回, 删除, and 审核记录."""

    page, queue, needs = "institution:plan", "institution:plans", Capability.PLAN
    record_template = "institution/plans/detail_record.html"
    acts = {
        "submit": Act(services.submit_plan, HANDED_IN),
        "withdraw": Act(services.withdraw_plan, "培训计划 {row} 已撤回，可以修改后再提交审核。"),
        "discard": Act(services.discard_plan, "培训计划 {row} 已删除。", ends=True),
    }

    def rows(self) -> QuerySet[TrainingPlan]:
        return own_plans(self.request)

    def frame(self, row: TrainingPlan) -> dict[str, Any]:
        return {"plan": row, "badge": state_badge(row)}


urlpatterns = [
    path("plans/", Plans.as_view(), name="plans"),
    path("plans/new/", plan_new, name="plan_new"),
    path("plans/calendar/", plan_calendar.plan_calendar, name="plan_calendar"),
    path("plans/organizations/", plan_organizations, name="plan_organizations"),
    path("plans/<int:pk>/", plan, name="plan"),
    path("plans/<int:pk>/edit/", plan_edit, name="plan_edit"),
    *PlanSubmitting.urls("plans/<int:pk>/"),
]

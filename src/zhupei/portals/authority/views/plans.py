"""计划审核: training plans of the institutions that the authority set up (TRN-03)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.decorators import method_decorator

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.states import badge_of_choice
from zhupei.catalog.models import Programme
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import DueColumn, InstitutionCase, ReviewList
from zhupei.training.models import PlanStage, TrainingPlan
from zhupei.training.plan_queries import with_content, with_dates
from zhupei.training.plan_states import state_of
from zhupei.training.reviewing import PLAN_KIND, hours_of


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
    due = DueColumn()
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")
    stage = tables.BadgeColumn("计划状态", badge=lambda row: stage_badge(row))


class PlanFilter(ListFilter):
    q = SearchFilter(["name__icontains", "institution__name__icontains"], label="计划名称或培训机构")
    programme = django_filters.ModelChoiceFilter(
        label="培训类别", queryset=Programme.objects.all(), empty_label="全部"
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Plans(ReviewList):
    kind = PLAN_KIND
    page_title = "计划审核"
    page_intro = "先受理，再审核。办理期限为提交后 3 个工作日，受理后机构不能再撤回。"
    table_class = PlanTable
    filterset_class = PlanFilter
    row_url = "authority:plan"
    unit = "个"
    export_name = "培训计划审核"
    empty_icon = "calendar-check"
    empty_title = "没有待审核的培训计划"
    empty_text = "培训机构提交培训计划后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return with_dates(plan_list(self.request))


@method_decorator(portal_required("authority"), name="dispatch")
class PlanCase(InstitutionCase):
    """One plan: what is taught, when and by whom left; what was looked at, what changed and the verdict right."""

    kind = PLAN_KIND
    template_name = "authority/plans/detail.html"
    page, queue, queue_title = "authority:plan", "authority:plans", "计划审核"
    accepted = "已受理培训计划 {row}"

    def rows(self) -> Any:
        return with_content(plan_list(self.request))

    def badge(self, row: TrainingPlan) -> tuple[str, str]:
        return badge_of_choice(state_of(row))

    def shown(self, row: TrainingPlan, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        taught, days = list(row.items.all()), list(row.days.all())
        return {
            "plan": row,
            "taught": taught,
            "days": days,
            "hours": hours_of(taught, days),
            "organizations": list(row.organizations.order_by("name")),
        }


urlpatterns = [
    path("plans/", Plans.as_view(), name="plans"),
    *PlanCase.urls("plans/<int:pk>/"),
]

"""考核计划审核: assessment plans of the institutions that the authority set up (ASM-03)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator

from foundation.requests import PortalRequest
from foundation.review.findings import Finding
from foundation.ui import tables
from foundation.ui.states import badge_of_choice
from zhupei.assessment.candidates import Excluded, propose
from zhupei.assessment.findings import findings, unfit_of
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.assessment.plan_states import BEFORE_APPROVAL, state_of
from zhupei.assessment.reviewing import ASSESSMENT_KIND
from zhupei.portals.shared import assessment_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import DueColumn, InstitutionCase, ReviewList


def assessment_list(request: PortalRequest) -> QuerySet[Any]:
    """Plans handed in at least once, with what the pages show."""
    rows = AssessmentPlan.objects.visible_to(request.actor)
    return rows.select_related(
        "review", "institution__supervisor", "programme", "site", "training_plan__programme"
    )


def stage_badge(plan: AssessmentPlan) -> tuple[str, str] | None:
    """How far an approved plan is; nothing before, and nothing while it is only 已审核."""
    if plan.stage in (*BEFORE_APPROVAL, AssessmentStage.REVIEWED):
        return None
    return badge_of_choice(state_of(plan))


class AssessmentTable(tables.ListTable):
    name = tables.TextColumn("考核计划", sub="institution__name", sort=True, width=26)
    programme = tables.TextColumn("培训类别", accessor="programme__name", width=18)
    people = tables.NumberColumn("考生", sort=True)
    starts_at = tables.MinuteColumn("首场开考", sort=True)
    site = tables.TextColumn("考点", accessor="site__name", width=18)
    supervisor = tables.TextColumn("审核部门", accessor="institution__supervisor__name", width=24)
    submitted_at = tables.MinuteColumn("提交时间", accessor="review__submitted_at", sort=True)
    due = DueColumn()
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")
    stage = tables.BadgeColumn("考核进度", badge=stage_badge)


@method_decorator(portal_required("authority"), name="dispatch")
class Assessments(ReviewList):
    kind = ASSESSMENT_KIND
    page_title = "考核审核"
    page_intro = "先受理，再审核。办理期限为提交后 3 个工作日，受理后机构不能再撤回。"
    table_class = AssessmentTable
    filterset_class = assessment_pages.AssessmentFilter
    row_url = "authority:assessment"
    unit = "个"
    export_name = "考核计划审核"
    empty_icon = "certificate"
    empty_title = "没有待审核的考核计划"
    empty_text = "培训机构提交考核计划后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return assessment_list(self.request).annotate(people=Count("candidates"))


@method_decorator(portal_required("authority"), name="dispatch")
class AssessmentCase(InstitutionCase):
    """One plan: when, where, who sits where, who is left out; what was looked at, what changed and the verdict right."""

    kind = ASSESSMENT_KIND
    template_name = "authority/assessments/detail.html"
    page, queue, queue_title = "authority:assessment", "authority:assessments", "考核审核"
    accepted = "已受理考核计划 {row}"

    def rows(self) -> Any:
        return assessment_list(self.request)

    def badge(self, row: AssessmentPlan) -> tuple[str, str]:
        return assessment_pages.state_badge(row)

    def shown(self, row: AssessmentPlan, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        sessions = assessment_pages.arrangement(row)
        rooms = [room for each in sessions for room in each.rooms]
        people = [each for room in rooms for each in room.people]
        left_out, checks = _looked_at(row, sessions, rooms, people)
        return {
            "plan": row,
            "rooms": sorted({room.room for room in rooms}, key=lambda room: (room.name, room.pk)),
            "kinds": assessment_pages.kinds(rooms),
            "people": len(people),
            "firms": len({each.enrollment.organization_id for each in people}),
            "sessions": sessions,
            "all_open": len(rooms) <= assessment_pages.OPEN_ROOMS,
            "left_out": left_out,
            "findings": checks,
        }


def _looked_at(
    plan: AssessmentPlan, sessions: Sequence[Any], rooms: Sequence[Any], people: Sequence[Candidate]
) -> tuple[list[Excluded], list[Finding]]:
    """Who of the class is not examined and why, and what was checked; nothing of both once it is decided."""
    if not plan.review.is_waiting:
        return [], []
    proposal = propose(plan.training_plan, plan)
    inside = {each.enrollment_id for each in people}
    left_out = [row for row in proposal.excluded if row.enrollment.pk not in inside]
    left_out += [
        Excluded(row, "符合条件，机构没有选入")
        for row in (*proposal.ready, *proposal.resits)
        if row.pk not in inside
    ]
    return left_out, findings(
        plan,
        [each.session for each in sessions],
        rooms,
        people,
        unfit_of(proposal, people),
        timezone.now(),
    )


urlpatterns = [
    path("assessments/", Assessments.as_view(), name="assessments"),
    *AssessmentCase.urls("assessments/<int:pk>/"),
]

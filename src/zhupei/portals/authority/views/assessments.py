"""考核计划审核: assessment plans of the institutions that the authority set up (ASM-03)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListPage, Tabs
from foundation.ui.states import badge_of_choice
from zhupei.assessment.candidates import Excluded, propose
from zhupei.assessment.findings import findings, unfit_of
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.assessment.plan_states import BEFORE_APPROVAL, state_of
from zhupei.assessment.reviewing import ITEMS, REASONS
from zhupei.organizations import queries
from zhupei.portals.authority.views import reviewing
from zhupei.portals.shared import assessment_pages
from zhupei.portals.shared.access import portal_required

S = ReviewState
STATE_TABS = [
    Tabs("todo", "待办", [S.SUBMITTED, S.ACCEPTED], tone="wait"),
    Tabs("submitted", "未受理", [S.SUBMITTED]),
    Tabs("accepted", "已受理", [S.ACCEPTED]),
    Tabs("approved", "已审核", [S.APPROVED]),
    Tabs("rejected", "审核不通过", [S.REJECTED]),
    Tabs("draft", "未上报", [S.DRAFT]),
]


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
    due = tables.BadgeColumn("办理期限", badge=lambda row: reviewing.light_of(row.review))
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")
    stage = tables.BadgeColumn("考核进度", badge=stage_badge)


@method_decorator(portal_required("authority"), name="dispatch")
class Assessments(ListPage):
    page_title = "考核审核"
    page_intro = "先受理，再审核。办理期限为提交后 3 个工作日，受理后机构不能再撤回。"
    table_class = AssessmentTable
    filterset_class = assessment_pages.AssessmentFilter
    tabs_field = "review__state"
    tabs = STATE_TABS
    default_tab = "todo"
    order_by = ("review__submitted_at",)
    row_url = "authority:assessment"
    unit = "个"
    export_name = "考核计划审核"
    empty_icon = "certificate"
    empty_title = "没有待审核的考核计划"
    empty_text = "培训机构提交考核计划后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return assessment_list(self.request).annotate(people=Count("candidates"))


def _found(request: PortalRequest, pk: int) -> AssessmentPlan:
    return get_object_or_404(assessment_list(request), pk=pk)


@require_safe
@portal_required("authority")
def assessment(request: PortalRequest, pk: int) -> HttpResponse:
    """One plan: when, where, who sits where, who is left out; facts, what changed and the verdict right."""
    actor = request.actor
    row = _found(request, pk)
    review = row.review
    sessions = assessment_pages.arrangement(row)
    rooms = [room for each in sessions for room in each.rooms]
    people = [each for room in rooms for each in room.people]
    logs = reviews.history(review)
    left_out, checks = _looked_at(row, sessions, rooms, people)
    changed = reviewing.changed_since(review)
    place = queries.place_in_queue(assessment_list(request), actor, row.pk)
    audit.record(actor, "assessment_plan.view", row)
    context = {
        "plan": row,
        "review": review,
        "light": reviewing.light_of(review),
        "badge": assessment_pages.state_badge(row),
        "rooms": sorted({room.room for room in rooms}, key=lambda room: (room.name, room.pk)),
        "kinds": assessment_pages.kinds(rooms),
        "people": len(people),
        "firms": len({each.enrollment.organization_id for each in people}),
        "sessions": sessions,
        "all_open": len(rooms) <= assessment_pages.OPEN_ROOMS,
        "left_out": left_out,
        "findings": checks,
        "changed": changed,
        "compared": [_compared(change) for change in changed.values()],
        "entries": reviewing.timeline(review, ITEMS, logs),
        "reasons": REASONS,
        "items": list(ITEMS.items()),
        "given": reviewing.last_rejection(review, ITEMS, logs),
        "may_decide": reviewing.may_decide(actor, review),
        "may_accept": reviewing.may_accept(actor, review),
        "place": place,
        "previous_url": reverse("authority:assessment", args=[place.previous]) if place.previous else "",
        "next_url": reverse("authority:assessment", args=[place.next]) if place.next else "",
    }
    return render(request, "authority/assessments/detail.html", context)


def _looked_at(
    plan: AssessmentPlan, sessions: Sequence[Any], rooms: Sequence[Any], people: Sequence[Candidate]
) -> tuple[list[Excluded], list[Any]]:
    """Who of the class is not examined and why, and what was checked; nothing of both once it is decided."""
    review: Review = plan.review
    if not review.is_waiting:
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


def _compared(change: dict[str, Any]) -> dict[str, Any]:
    """A change with only those lines that differ: a list of candidates is long."""
    lines = reviewing.changed_lines(change)
    before, after = lines["before"], lines["after"]
    return {
        "label": lines["label"],
        "before": [line for line in before if line not in after],
        "after": [line for line in after if line not in before],
    }


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """受理: from now on the institution cannot take it back."""
    row = _found(request, pk)
    return reviewing.accept_and_return(
        request, row.review, f"考核计划 {row.name}", page="authority:assessment", pk=pk
    )


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """通过 or 不通过, then on to the next one that waits."""
    row = _found(request, pk)
    place = queries.place_in_queue(assessment_list(request), request.actor, pk)
    return reviewing.decide_and_go_on(
        request, row.review, ITEMS, place, page="authority:assessment", pk=pk, queue="authority:assessments"
    )


urlpatterns = [
    path("assessments/", Assessments.as_view(), name="assessments"),
    path("assessments/<int:pk>/", assessment, name="assessment"),
    path("assessments/<int:pk>/accept/", accept, name="assessment_accept"),
    path("assessments/<int:pk>/decide/", decide, name="assessment_decide"),
]

"""考核: exams that one's own people sit: when, where, which seat, tickets, results (ASM-04, ASM-05)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from zhupei.assessment.documents.facts import rules_of
from zhupei.assessment.documents.files import MOST_AT_ONCE
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.shared import assessment_pages, printouts, score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import refusals_lead_to


def _plans(actor: Any) -> QuerySet[Any]:
    rows = AssessmentPlan.objects.visible_to(actor)
    own = Count("candidates", filter=Q(candidates__enrollment__organization=actor.body))
    return rows.select_related("review", "institution", "programme", "site").annotate(own=own)


class AssessmentTable(tables.ListTable):
    name = tables.TextColumn("考核计划", sub="institution__name", sort=True, width=26)
    programme = tables.TextColumn("培训类别", accessor="programme__name", width=18)
    own = tables.NumberColumn("本单位考生", sort=True)
    starts_at = tables.MinuteColumn("首场开考", sort=True)
    site = tables.TextColumn("考点", accessor="site__address", width=32, css="roomy")
    stage = tables.BadgeColumn("状态", badge=assessment_pages.state_badge)


class Assessments(EnterpriseList):
    """Plans with one's own people, once they are approved."""

    page_title = "考核"
    table_class = AssessmentTable
    filterset_class = assessment_pages.AssessmentFilter
    order_by = ("-starts_at",)
    row_url = "enterprise:assessment"
    unit = "个"
    export_name = "本单位的考核"
    empty_icon = "certificate"
    empty_title = "还没有考核安排"
    empty_text = "培训完成后由培训机构安排考核，审核通过后这里可以看到时间、考场和座位，并下载准考证。"

    def queryset(self) -> QuerySet[Any]:
        return _plans(self.actor)


class CandidateTable(tables.ListTable):
    name = tables.TextColumn("姓名", accessor="enrollment__name", sort=True, width=10)
    id_number = tables.IdNumberColumn("身份证号", accessor="enrollment__id_number", export_full=True)
    occupation = tables.TextColumn("工种（岗位）", accessor="entered_for", width=18)
    time = tables.TextColumn("考试时间", accessor="exam_room__session__starts_at", sort=True, width=24)
    room = tables.TextColumn("考场", accessor="exam_room", sort="exam_room__number", width=18)
    seat = tables.TextColumn("座位", accessor="seat_number", sort="seat_number", css="num")
    ticket_number = tables.TextColumn("准考证号", sort=True, width=18)
    result = tables.BadgeColumn("成绩", badge=score_pages.approved_badge)
    paper = tables.TextColumn("准考证", accessor="pk", export=False)

    def render_time(self, record: Candidate) -> str:
        """2026-12-01 09:00–11:00."""
        if record.exam_room is None:
            return ""
        session = record.exam_room.session
        start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"

    value_time = render_time

    def render_room(self, record: Candidate) -> str:
        """第 03 考场（一号机房）."""
        return f"{record.exam_room}（{record.exam_room.room.name}）" if record.exam_room else ""

    value_room = render_room

    def render_paper(self, record: Candidate) -> str:
        """The way to the person's own ticket."""
        url = reverse("enterprise:assessment_ticket", args=[record.plan_id, record.pk])
        return format_html(
            '<a href="{}" target="_blank" rel="noopener">下载<span class="visually-hidden">{}的准考证</span></a>',
            url,
            record.enrollment.name,
        )


class CandidateFilter(ListFilter):
    q = SearchFilter(
        ["enrollment__name__icontains", "ticket_number__icontains"],
        digests={"enrollment__id_number_index": blind_index},
        label="姓名、身份证号或准考证号",
    )


class AssessmentPage(EnterpriseList):
    """One exam: when, where, the rules; one's own people with seat, ticket and result."""

    template_name = "enterprise/assessments/detail.html"
    table_class = CandidateTable
    filterset_class = CandidateFilter
    order_by = ("exam_room__number", "seat_number")
    unit = "人"
    empty_icon = "users"
    empty_title = "没有找到本单位的考生"

    @cached_property
    def plan(self) -> Any:
        return get_object_or_404(_plans(self.actor), pk=self.kwargs["pk"])

    @property
    def export_name(self) -> str:  # type: ignore[override]
        return f"本单位考生-{self.plan.name}"

    def queryset(self) -> QuerySet[Candidate]:
        rows = Candidate.objects.visible_to(self.actor).filter(plan=self.plan)
        return rows.select_related(
            "plan",
            "enrollment__occupation",
            "enrollment__level",
            "exam_room__session",
            "exam_room__room__site",
            "score_line__report__review",
        )

    def row_url(self, row: Candidate) -> str:
        return reverse("enterprise:person", args=[row.enrollment_id])

    def extra_context(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "plan": plan,
            "title": plan.name,
            "badge": assessment_pages.state_badge(plan),
            "rules": rules_of(plan),
            "is_over": plan.stage == AssessmentStage.COMPLETED,
        }


@require_safe
@portal_required("enterprise")
@refusals_lead_to("enterprise:assessment", "pk")
def assessment_tickets(request: PortalRequest, pk: int) -> HttpResponse:
    """准考证 of all of one's own people, two on a page."""
    actor = request.actor
    plan = get_object_or_404(_plans(actor), pk=pk)
    if plan.own > MOST_AT_ONCE:
        sentence = f"一次最多下载 {MOST_AT_ONCE} 人的准考证，请在名单里逐人下载，或向培训机构索取。"
        raise DomainError("too_many", sentence)
    return _tickets(request, plan, Candidate.objects.visible_to(actor), plan.name)


@require_safe
@portal_required("enterprise")
@refusals_lead_to("enterprise:assessment", "pk")
def assessment_ticket(request: PortalRequest, pk: int, candidate: int) -> HttpResponse:
    """准考证 of one of one's own people."""
    actor = request.actor
    plan = get_object_or_404(_plans(actor), pk=pk)
    own = Candidate.objects.visible_to(actor).filter(plan=plan)
    row = get_object_or_404(own.select_related("enrollment"), pk=candidate)
    return _tickets(request, plan, own.filter(pk=row.pk), row.enrollment.name)


def _tickets(
    request: PortalRequest, plan: AssessmentPlan, people: QuerySet[Candidate], name: str
) -> HttpResponse:
    printout = printouts.printout_or_404("tickets", "pdf")
    return printouts.printout_response(request.actor, plan, printout, "pdf", people, name=name)


urlpatterns = [
    path("assessments/", Assessments.as_view(), name="assessments"),
    path("assessments/<int:pk>/", AssessmentPage.as_view(), name="assessment"),
    path("assessments/<int:pk>/tickets.pdf", assessment_tickets, name="assessment_tickets"),
    path("assessments/<int:pk>/tickets/<int:candidate>.pdf", assessment_ticket, name="assessment_ticket"),
]

"""成绩审核: score reports of the institutions that the authority set up (SCO-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.decorators import method_decorator

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.ui.states import badge_of_choice
from zhupei.exam.scores.models import ScoreMark, ScoreReport
from zhupei.exam.scores.review import SCORE_KIND
from zhupei.exam.scores.states import state_of
from zhupei.organizations.models import Institution
from zhupei.portals.shared import score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import DueColumn, InstitutionCase, ReviewList

# So many lines stand on the review page itself; all of them are one click away.
SHOWN = 100


def report_list(request: PortalRequest) -> QuerySet[Any]:
    """Reports handed in at least once, with what the pages show."""
    rows = ScoreReport.objects.visible_to(request.actor)
    return rows.select_related("review", "plan__institution__supervisor", "plan__programme", "plan__site")


class ReportTable(tables.ListTable):
    name = tables.TextColumn(
        "考核计划", accessor="plan__name", sub="plan__institution__name", sort=True, width=26
    )
    programme = tables.TextColumn("培训类别", accessor="plan__programme__name", width=20)
    people = tables.NumberColumn("考生", sort=True)
    passed = tables.NumberColumn("合格", sort=True)
    supervisor = tables.TextColumn("审核部门", accessor="plan__institution__supervisor__name", width=26)
    submitted_at = tables.MinuteColumn("上报时间", accessor="review__submitted_at", sort=True)
    due = DueColumn()
    state = tables.BadgeColumn("审核状态", badge=lambda row: badge_of_choice(state_of(row)))


class ReportFilter(ListFilter):
    q = SearchFilter(
        ["plan__name__icontains", "plan__institution__name__icontains"], label="考核计划或培训机构"
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Reports(ReviewList):
    kind = SCORE_KIND
    page_title = "成绩审核"
    page_intro = "先受理，再审核。审核通过后，考生和企业会收到成绩通知。"
    table_class = ReportTable
    filterset_class = ReportFilter
    row_url = "authority:score"
    unit = "个"
    export_name = "成绩审核"
    empty_icon = "clipboard-check"
    empty_title = "没有待审核的成绩"
    empty_text = "培训机构上报成绩后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return report_list(self.request).annotate(
            people=Count("lines"), passed=Count("lines", filter=Q(lines__passed=True))
        )


def own_report(request: PortalRequest, pk: int) -> ScoreReport:
    """The report; 404 for authorities it does not concern."""
    return get_object_or_404(report_list(request), pk=pk)


@method_decorator(portal_required("authority"), name="dispatch")
class ReportCase(InstitutionCase):
    """One report: figures, distribution and lines left; what was looked at, what changed and the verdict right."""

    kind = SCORE_KIND
    template_name = "authority/scores/detail.html"
    page, queue, queue_title = "authority:score", "authority:scores", "成绩审核"
    accepted = "已受理 {row}"

    def rows(self) -> Any:
        return report_list(self.request)

    def institution_of(self, row: ScoreReport) -> Institution:
        return row.plan.institution

    def shown(self, row: ScoreReport, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        figures, lines = score_pages.figures(row), score_pages.lines_of(row)
        return {
            "report": row,
            "plan": row.plan,
            "figures": figures,
            "chart": score_pages.distribution(figures, row.plan.pass_mark),
            "marked": lines.exclude(mark=ScoreMark.NORMAL),
            "lines": lines.filter(mark=ScoreMark.NORMAL).order_by(
                "passed", "candidate__exam_room__number", "candidate__seat_number"
            )[:SHOWN],
            "unmarked": figures.passed + figures.failed,
            "limit": SHOWN,
        }


@method_decorator(portal_required("authority"), name="dispatch")
class ReportLines(ListPage):
    """人员成绩明细 of one report, with filters and export."""

    filterset_class = score_pages.LineFilter
    order_by = ("candidate__exam_room__number", "candidate__seat_number")
    unit = "人"
    empty_title = "没有成绩"
    report: ScoreReport

    def prepare(self) -> None:
        self.report = own_report(self.request, self.kwargs["pk"])
        self.table_class = score_pages.table_for(self.report)
        self.crumbs = [
            ("成绩审核", reverse("authority:scores")),
            (self.report.plan.name, reverse("authority:score", args=[self.report.pk])),
            ("人员成绩明细", ""),
        ]

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.report.plan.name}人员成绩明细"

    def queryset(self) -> QuerySet[Any]:
        return score_pages.lines_of(self.report)


urlpatterns = [
    path("scores/", Reports.as_view(), name="scores"),
    path("scores/<int:pk>/people/", ReportLines.as_view(), name="score_people"),
    *ReportCase.urls("scores/<int:pk>/"),
]

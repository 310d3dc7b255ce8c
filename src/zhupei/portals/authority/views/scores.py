"""成绩审核: score reports of the institutions that the authority set up (SCO-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.review.models import ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.states import badge_of_choice
from zhupei.exam.scores.findings import findings
from zhupei.exam.scores.models import ScoreMark, ScoreReport
from zhupei.exam.scores.review import ITEMS, REASONS
from zhupei.exam.scores.states import state_of
from zhupei.organizations import queries
from zhupei.portals.authority.views import reviewing
from zhupei.portals.shared import score_pages
from zhupei.portals.shared.access import portal_required

S = ReviewState
STATE_TABS = [
    Tabs("todo", "待办", [S.SUBMITTED, S.ACCEPTED], tone="wait"),
    Tabs("submitted", "待受理", [S.SUBMITTED]),
    Tabs("accepted", "已受理", [S.ACCEPTED]),
    Tabs("approved", "已审核", [S.APPROVED]),
    Tabs("rejected", "未通过", [S.REJECTED]),
    Tabs("draft", "未上报", [S.DRAFT]),
]
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
    due = tables.BadgeColumn("办理期限", badge=lambda row: reviewing.light_of(row.review))
    state = tables.BadgeColumn("审核状态", badge=lambda row: badge_of_choice(state_of(row)))


class ReportFilter(ListFilter):
    q = SearchFilter(
        ["plan__name__icontains", "plan__institution__name__icontains"], label="考核计划或培训机构"
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Reports(ListPage):
    page_title = "成绩审核"
    page_intro = "先受理，再审核。审核通过后，考生和企业会收到成绩通知。"
    table_class = ReportTable
    filterset_class = ReportFilter
    tabs_field = "review__state"
    tabs = STATE_TABS
    default_tab = "todo"
    order_by = ("review__submitted_at",)
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


@require_safe
@portal_required("authority")
def score(request: PortalRequest, pk: int) -> HttpResponse:
    """One report: figures, distribution and lines left; checks, what changed and the verdict right."""
    actor = request.actor
    report = own_report(request, pk)
    review, plan = report.review, report.plan
    shown = score_pages.figures(report)
    lines = score_pages.lines_of(report)
    place = queries.place_in_queue(report_list(request), actor, report.pk)
    audit.record(actor, "score_report.view", report)
    context = {
        "report": report,
        "plan": plan,
        "review": review,
        "light": reviewing.light_of(review),
        "badge": badge_of_choice(state_of(report)),
        "figures": shown,
        "chart": score_pages.distribution(shown, plan.pass_mark),
        "marked": lines.exclude(mark=ScoreMark.NORMAL),
        "lines": lines.filter(mark=ScoreMark.NORMAL).order_by(
            "passed", "candidate__exam_room__number", "candidate__seat_number"
        )[:SHOWN],
        "unmarked": shown.passed + shown.failed,
        "limit": SHOWN,
        "findings": findings(report),
        "changed": [reviewing.changed_lines(change) for change in reviewing.changed_since(review).values()],
        "entries": reviewing.timeline(review, ITEMS),
        "reasons": REASONS,
        "items": list(ITEMS.items()),
        "given": reviewing.last_rejection(review, ITEMS),
        "may_decide": reviewing.may_decide(actor, review),
        "may_accept": reviewing.may_accept(actor, review),
        "place": place,
        "previous_url": reverse("authority:score", args=[place.previous]) if place.previous else "",
        "next_url": reverse("authority:score", args=[place.next]) if place.next else "",
    }
    return render(request, "authority/scores/detail.html", context)


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


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """受理: from now on the institution cannot take it back."""
    row = own_report(request, pk)
    return reviewing.accept_and_return(request, row.review, f" {row}", page="authority:score", pk=pk)


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """审核通过 or 未通过, then on to the next one that waits."""
    row = own_report(request, pk)
    place = queries.place_in_queue(report_list(request), request.actor, pk)
    return reviewing.decide_and_go_on(
        request, row.review, ITEMS, place, page="authority:score", pk=pk, queue="authority:scores"
    )


urlpatterns = [
    path("scores/", Reports.as_view(), name="scores"),
    path("scores/<int:pk>/", score, name="score"),
    path("scores/<int:pk>/people/", ReportLines.as_view(), name="score_people"),
    path("scores/<int:pk>/accept/", accept, name="score_accept"),
    path("scores/<int:pk>/decide/", decide, name="score_decide"),
]

"""成绩报审: pull the scores of a plan, look at them per person, report them to the authority (SCO-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.states import badge_of_choice
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.exam.scores.models import ScoreReport
from zhupei.exam.scores.services import reporting
from zhupei.exam.scores.states import WITH_EXAM, ScoreState, score_plans, state_of
from zhupei.organizations.roles import Capability, may
from zhupei.portals.institution.tabs import score_tabs
from zhupei.portals.shared import score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.review_pages import Act, Submitting, submitters_view


class ScorePlanTable(tables.ListTable):
    name = tables.TextColumn("考核计划", sort=True, sub="site__name", width=24)
    over_at = tables.MinuteColumn("考试结束", sort=True)
    people = tables.NumberColumn("考生", sort=True)
    passed = tables.NumberColumn("合格", sort=True)
    pulled_at = tables.MinuteColumn("拉取时间", sort=True, default="未拉取")
    reported_at = tables.MinuteColumn("上报时间", sort=True, default="—")
    state = tables.BadgeColumn("成绩状态", badge=lambda row: badge_of_choice(ScoreState(row.score_state)))

    def render_passed(self, value: Any, record: Any) -> Any:
        return "—" if record.pulled_at is None else value


class ScorePlanFilter(ListFilter):
    q = SearchFilter(["name__icontains"], label="考核计划名称")


@method_decorator(portal_required("institution"), name="dispatch")
class ScorePlans(ListPage):
    page_title = "成绩报审"
    page_intro = "考试结束后拉取成绩，核对无误再上报主管部门；审核通过后公布成绩。"
    table_class = ScorePlanTable
    filterset_class = ScorePlanFilter
    tabs_field = "score_state"
    tabs = Tabs.each(ScoreState, {ScoreState.DRAFT: "wait", ScoreState.REJECTED: "bad"})
    order_by = ("-over_at",)
    unit = "个"
    empty_icon = "clipboard-check"
    empty_title = "还没有开考的考核计划"
    empty_text = "考核计划开考以后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return score_plans(self.request.actor).select_related("site")

    def row_url(self, row: Any) -> str:
        """Its scores; before they are pulled, the page to pull them from."""
        if row.report_pk:
            return reverse("institution:score", args=[row.report_pk])
        return reverse("institution:score_plan", args=[row.pk])


def _own_plan(request: PortalRequest, pk: int) -> AssessmentPlan:
    rows = AssessmentPlan.objects.visible_to(request.actor).filter(stage__in=WITH_EXAM)
    return get_object_or_404(rows.select_related("institution__supervisor", "programme", "site"), pk=pk)


def own_reports(request: PortalRequest) -> QuerySet[ScoreReport]:
    """The reports that this institution sees, with plan, review and supervisor."""
    rows = ScoreReport.objects.visible_to(request.actor)
    return rows.select_related("review", "plan__institution__supervisor", "plan__site")


def own_report(request: PortalRequest, pk: int) -> ScoreReport:
    """One of them; 404 for strangers."""
    return get_object_or_404(own_reports(request), pk=pk)


def frame(request: PortalRequest, report: ScoreReport, active: str) -> dict[str, Any]:
    """What every page of a plan's scores shows around its own content."""
    return {
        "report": report,
        "plan": report.plan,
        "badge": badge_of_choice(state_of(report)),
        "tabs": score_tabs(request.actor, report, active),
    }


@require_safe
@portal_required("institution")
def score_plan(request: PortalRequest, pk: int) -> HttpResponse:
    """A plan whose scores nobody has pulled yet."""
    plan = _own_plan(request, pk)
    report = ScoreReport.objects.filter(plan=plan).first()
    if report is not None:
        return redirect("institution:score", pk=report.pk)
    last = plan.sessions.order_by("-ends_at").first()
    context = {
        "plan": plan,
        "over_at": last.ends_at if last else None,
        "is_over": plan.stage == AssessmentStage.COMPLETED,
        "is_closing": last is not None and last.ends_at <= timezone.now(),
        "people": plan.candidates.count(),
        "steps": score_pages.steps(None),
        "may_pull": may(request.actor, Capability.ASSESS),
    }
    return render(request, "institution/scores/not_pulled.html", context)


@method_decorator(portal_required("institution"), name="dispatch")
class ScoreLines(ListPage):
    """人员成绩明细 of one plan, and what may be done with it now."""

    template_name = "institution/scores/detail.html"
    filterset_class = score_pages.LineFilter
    order_by = ("candidate__exam_room__number", "candidate__seat_number")
    unit = "人"
    empty_icon = "clipboard-check"
    empty_title = "还没有成绩"
    empty_text = "点“拉取成绩”，系统按考场记录生成每个人的成绩。"
    report: ScoreReport

    def prepare(self) -> None:
        self.report = own_report(self.request, self.kwargs["pk"])
        self.table_class = score_pages.table_for(self.report)

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.report.plan.name}成绩"

    def queryset(self) -> QuerySet[Any]:
        return score_pages.lines_of(self.report)

    def extra_context(self) -> dict[str, Any]:
        actor = self.request.actor
        said = submitters_view(actor, self.report.review, may(actor, Capability.ASSESS))
        shown = score_pages.figures(self.report)
        return (frame(self.request, self.report, "institution:score") | said) | {
            "steps": score_pages.steps(self.report),
            "figures": shown,
            "may_pull": said["may_edit"],
            "may_report": said["may_edit"] and shown.people > 0,
        }


@require_POST
@portal_required("institution", needs=Capability.ASSESS)
def score_pull(request: PortalRequest, pk: int) -> HttpResponse:
    """拉取成绩, for the first time or again."""
    plan = _own_plan(request, pk)
    report = reporting.pull_scores(request.actor, plan)
    shown = score_pages.figures(report)
    sentence = f"已拉取 {shown.people} 人的成绩，合格 {shown.passed} 人。请核对无误后上报主管部门。"
    return done(request, sentence, "institution:score", pk=report.pk)


class ScoreSubmitting(Submitting):
    """成绩上报, 撤回, and 审核记录."""

    page, queue, needs = "institution:score", "institution:scores", Capability.ASSESS
    record_template = "institution/scores/record.html"
    acts = {
        "report": Act(reporting.report_scores, "成绩已上报主管部门，受理前可以撤回。"),
        "withdraw": Act(reporting.withdraw_scores, "成绩已撤回，可以重新拉取后再上报。"),
    }

    def rows(self) -> QuerySet[ScoreReport]:
        return own_reports(self.request)

    def reviewer_of(self, row: ScoreReport) -> str:
        return str(row.plan.institution.supervisor)

    def frame(self, row: ScoreReport) -> dict[str, Any]:
        return frame(self.request, row, "institution:score_record")


urlpatterns = [
    path("scores/", ScorePlans.as_view(), name="scores"),
    path("scores/plans/<int:pk>/", score_plan, name="score_plan"),
    path("scores/plans/<int:pk>/pull/", score_pull, name="score_pull"),
    path("scores/<int:pk>/", ScoreLines.as_view(), name="score"),
    *ScoreSubmitting.urls("scores/<int:pk>/"),
]

"""考核计划: the list, one plan with its people, rooms and review record, and what is done with it (ASM-01 … ASM-03)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.crypto import blind_index
from foundation.jobs.models import Job
from foundation.requests import PortalRequest
from foundation.review.models import ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from zhupei.assessment import candidates as who
from zhupei.assessment import services
from zhupei.assessment.machine import ASSESSMENT
from zhupei.assessment.models import AssessmentPlan, Candidate, Session
from zhupei.assessment.plan_states import AssessmentState, with_state
from zhupei.catalog.models import trade_words
from zhupei.exam.papers.services import PREPARE, check_bank
from zhupei.exam.scores.services import calling_off
from zhupei.organizations.roles import Capability, may
from zhupei.portals.institution.tabs import assessment_tabs
from zhupei.portals.shared import assessment_pages
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.review_pages import Act, Submitting, submitters_view

MOST_REASON = 300


def with_counts(plans: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate `people`, `session_count` and `last_ends_at`."""
    people = Candidate.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    sessions = Session.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    return plans.annotate(
        people=Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0),
        session_count=Subquery(sessions.annotate(n=Count("pk")).values("n")),
        last_ends_at=Subquery(sessions.annotate(at=Max("ends_at")).values("at")),
    )


class AssessmentTable(tables.ListTable):
    name = tables.TextColumn("考核计划名称", sort=True, sub="training_plan__name", width=26)
    programme = tables.TextColumn("培训类别", accessor="programme__name", width=16)
    site = tables.TextColumn("考点", accessor="site__name", width=18)
    people = tables.NumberColumn("考生", unit="人", sort=True)
    session_count = tables.NumberColumn("场次", unit="场", default="未编排")
    starts_at = tables.MinuteColumn("首场开考", sort=True)
    last_ends_at = tables.MinuteColumn("末场结束")
    state = tables.BadgeColumn("考核计划状态", badge=assessment_pages.state_badge)


class AssessmentFilter(assessment_pages.AssessmentFilter):
    q = SearchFilter(["name__icontains", "training_plan__name__icontains"], label="考核计划或培训计划名称")


@method_decorator(portal_required("institution"), name="dispatch")
class Assessments(ListPage):
    page_title = "考核计划"
    table_class = AssessmentTable
    filterset_class = AssessmentFilter
    tabs_field = "shown_state"
    tabs = Tabs.each(
        AssessmentState,
        {
            AssessmentState.DRAFT: "wait",
            AssessmentState.REJECTED: "bad",
            AssessmentState.REVIEWED: "wait",
        },
    )
    order_by = ("-starts_at",)
    row_url = "institution:assessment"
    primary_action = ("创建考核计划", "institution:assessment_new", "plus")
    primary_allowed = allowed(Capability.ASSESS)
    unit = "个"
    empty_icon = "certificate"
    empty_title = "还没有考核计划"
    empty_text = "培训计划确认考勤以后，可以为它创建考核计划；主管部门审核通过后组织考核。"

    def queryset(self) -> QuerySet[Any]:
        rows = AssessmentPlan.objects.visible_to(self.request.actor)
        rows = rows.select_related("review", "training_plan", "programme", "site")
        return with_counts(with_state(rows))


# --- one plan


def own_assessments(request: PortalRequest) -> QuerySet[Any]:
    """The plans that this institution sees, with everything their pages show around their own content."""
    rows = AssessmentPlan.objects.visible_to(request.actor)
    return with_counts(
        rows.select_related(
            "review", "programme", "site", "training_plan__programme", "institution__supervisor"
        )
    )


def own_assessment(request: PortalRequest, pk: int) -> AssessmentPlan:
    """One of them; 404 for strangers."""
    return get_object_or_404(own_assessments(request), pk=pk)


def frame(plan: AssessmentPlan, active: str) -> dict[str, Any]:
    """What every page of an assessment plan shows around its own content."""
    return {
        "plan": plan,
        "badge": assessment_pages.state_badge(plan),
        "tabs": assessment_tabs(plan, active),
    }


@require_safe
@portal_required("institution")
def assessment(request: PortalRequest, pk: int) -> HttpResponse:
    """概况: what was filled in, where the review is, what may be done now."""
    actor = request.actor
    row = own_assessment(request, pk)
    review, said = row.review, submitters_view(actor, row.review, may(actor, Capability.ASSESS))
    may_edit = said["may_edit"]
    context = (frame(row, "institution:assessment") | said) | {
        "steps": assessment_pages.steps(row),
        "rooms": list(row.rooms.select_related("site").order_by("name", "pk")),
        "sessions": list(row.sessions.annotate(rooms=Count("exam_rooms")).order_by("number")),
        "kinds": _kinds(row),
        "unfit": who.unfit(row) if review.state != ReviewState.APPROVED else [],
        "seated": row.seated_at is not None,
        "corrected": row.seated_at is not None
        and (review.decided_at is None or row.seated_at > review.decided_at),
        "is_over": review.state != ReviewState.APPROVED and row.starts_at <= timezone.now(),
        "may_arrange": may_edit and bool(row.people),  # type: ignore[attr-defined]
        "may_submit": may_edit and row.seated_at is not None,
        "may_confirm": ASSESSMENT.can(actor, row, "confirm_online"),
        "may_call_off": _may_call_off(actor, row),
        "called_off": review.remark if review.state == ReviewState.DRAFT else "",
        "papers_job": _papers_job(actor, row),
    }
    return render(request, "institution/assessments/detail.html", context)


def _may_call_off(actor: Any, plan: AssessmentPlan) -> bool:
    """Whether 取消本次安排 is offered: approved, and nobody has sat."""
    if not ASSESSMENT.can(actor, plan, "call_off"):
        return False
    return not (calling_off.has_been_sat(plan) or calling_off.has_scores(plan))


def _kinds(plan: AssessmentPlan) -> list[tuple[str, int, int]]:
    """(occupation with level, people, of them resits), the largest first; one query."""
    rows = plan.candidates.order_by().values_list("enrollment__occupation__name", "enrollment__level__name")
    counted = rows.annotate(people=Count("pk"), resits=Count("pk", filter=Q(is_resit=True)))
    kinds = [(trade_words(name, level), people, resits) for name, level, people, resits in counted]
    return sorted(kinds, key=lambda row: (-row[1], row[0]))


def _papers_job(actor: Any, plan: AssessmentPlan) -> Job | None:
    """The work on the papers that the confirmation began, if any."""
    if plan.confirmed_at is None:
        return None
    jobs = Job.objects.visible_to(actor).filter(task=PREPARE, arguments__plan_id=plan.pk)
    return jobs.order_by("-created_at").first()


@require_safe
@portal_required("institution")
def assessment_rooms(request: PortalRequest, pk: int) -> HttpResponse:
    """考场安排: sessions, their rooms, who sits where and beside whom."""
    row = own_assessment(request, pk)
    sessions = assessment_pages.arrangement(row)
    rooms = sum(len(each.rooms) for each in sessions)
    may_edit = may(request.actor, Capability.ASSESS) and row.review.is_with_submitter
    context = frame(row, "institution:assessment_rooms") | {
        "sessions": sessions,
        "rooms": rooms,
        "all_open": rooms <= assessment_pages.OPEN_ROOMS,
        "may_arrange": may_edit and bool(row.people),  # type: ignore[attr-defined]
        "may_submit": may_edit and bool(sessions) and row.starts_at > timezone.now(),
    }
    return render(request, "institution/assessments/rooms.html", context)


# --- its people


class CandidateTable(tables.ListTable):
    name = tables.TextColumn("姓名", accessor="enrollment__name", sort=True, width=10)
    id_number = tables.IdNumberColumn("身份证号", accessor="enrollment__id_number", export_full=True)
    organization = tables.TextColumn(
        "报名企业", accessor="enrollment__organization__name", sort=True, width=28
    )
    occupation = tables.TextColumn("工种（岗位）", accessor="enrollment__trade", width=16)
    kind = tables.TextColumn("考核类型", accessor="kind", sort="is_resit")
    session = tables.TextColumn("场次", accessor="exam_room__session__number", sort=("exam_room__number",))
    seat = tables.TextColumn("考场-座位", accessor="seat_label", sort=("exam_room__number", "seat_number"))
    ticket_number = tables.TextColumn("准考证号", sort=True)
    state = tables.StateColumn("报名状态", accessor="enrollment__state")

    def render_session(self, record: Candidate) -> str:
        """第 1 场"""
        return str(record.exam_room.session) if record.exam_room else ""

    value_session = render_session


class CandidateFilter(ListFilter):
    q = SearchFilter(
        [
            "enrollment__name__icontains",
            "enrollment__organization__name__icontains",
            "ticket_number__icontains",
        ],
        digests={"enrollment__id_number_index": blind_index},
        label="姓名、身份证号、企业或准考证号",
    )
    is_resit = django_filters.ChoiceFilter(
        label="考核类型", choices=[("False", "初考"), ("True", "补考")], empty_label="全部"
    )


@method_decorator(portal_required("institution"), name="dispatch")
class AssessmentPeople(ListPage):
    """考生: everybody who sits it, with seat and ticket number once there are any."""

    template_name = "institution/assessments/people.html"
    table_class = CandidateTable
    filterset_class = CandidateFilter
    order_by = ("exam_room__number", "seat_number")
    unit = "人"
    empty_icon = "users"
    empty_title = "还没有考生"
    empty_text = "点“选择考生”，从培训合格的学员和可以补考的人员里选择。"
    plan: AssessmentPlan

    def prepare(self) -> None:
        self.plan = own_assessment(self.request, self.kwargs["pk"])

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.plan.name} 考生"

    def queryset(self) -> QuerySet[Candidate]:
        rows = Candidate.objects.visible_to(self.request.actor).filter(plan=self.plan)
        return rows.select_related(
            "enrollment__organization", "enrollment__occupation", "enrollment__level", "exam_room__session"
        )

    def row_url(self, row: Candidate) -> str:
        """The person's whole way."""
        return reverse("institution:person", args=[row.enrollment_id])

    def extra_context(self) -> dict[str, Any]:
        actor = self.request.actor
        may_edit = may(actor, Capability.ASSESS) and self.plan.review.is_with_submitter
        return frame(self.plan, "institution:assessment_people") | {"may_edit": may_edit}


# --- acts


@require_POST
@portal_required("institution", needs=Capability.ASSESS)
def assessment_arrange(request: PortalRequest, pk: int) -> HttpResponse:
    """编排座位; 重新编排 draws anew."""
    again = request.POST.get("again") == "1"
    plan = own_assessment(request, pk)
    rooms = services.arrange_seats(request.actor, plan, seed=plan.seed + 1 if again else None)
    messages.success(request, f"已编排座位，共 {rooms} 个考场。请核对后提交审核。")
    warn_of_bank(request, own_assessment(request, pk))
    return redirect("institution:assessment_rooms", pk=pk)


def warn_of_bank(request: PortalRequest, plan: AssessmentPlan) -> None:
    """Say early what the question bank lacks, so that it can be there before 确认线上考核."""
    if lacks := check_bank(plan):
        listed = "；".join(f"{name}：{sentence}" for name, sentence in lacks.items())
        messages.warning(
            request,
            f"题库现在还不能组卷。{listed}。可以先提交审核，同时请联系省级题库管理人员补充，否则不能确认线上考核。",
        )


class AssessmentSubmitting(Submitting):
    """提交审核, 撤回, 删除, 确认线上考核, and 审核记录."""

    page, queue, needs = "institution:assessment", "institution:assessments", Capability.ASSESS
    record_template = "institution/assessments/record.html"
    acts = {
        "submit": Act(services.submit_plan, "考核计划已提交主管部门审核，受理前可以撤回。"),
        "withdraw": Act(services.withdraw_plan, "考核计划已撤回，可以修改后再提交审核。"),
        "discard": Act(services.discard_plan, "考核计划已删除，考生可以编入其他考核计划。", ends=True),
        "confirm": Act(
            services.confirm_online,
            "已确认线上考核，正在准备试卷。考生到时间凭准考证号和身份证号签到。",
        ),
    }

    def rows(self) -> QuerySet[Any]:
        return own_assessments(self.request)

    def frame(self, row: AssessmentPlan) -> dict[str, Any]:
        return frame(row, "institution:assessment_record") | {"title": f"{row} 审核记录"}


@require_POST
@portal_required("institution", needs=Capability.ASSESS)
def assessment_call_off(request: PortalRequest, pk: int) -> HttpResponse:
    """取消本次安排: back to the institution, to be handed in with another time."""
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:MOST_REASON]
    people = services.call_off_plan(request.actor, own_assessment(request, pk), reason)
    sentence = f"已取消本次安排，{people} 名考生的准考证作废，并已通知。请修改时间、编排座位后重新提交审核。"
    return done(request, sentence, "institution:assessment", pk=pk)


urlpatterns = [
    path("assessments/", Assessments.as_view(), name="assessments"),
    path("assessments/<int:pk>/", assessment, name="assessment"),
    path("assessments/<int:pk>/people/", AssessmentPeople.as_view(), name="assessment_people"),
    path("assessments/<int:pk>/rooms/", assessment_rooms, name="assessment_rooms"),
    path("assessments/<int:pk>/arrange/", assessment_arrange, name="assessment_arrange"),
    path("assessments/<int:pk>/call-off/", assessment_call_off, name="assessment_call_off"),
    *AssessmentSubmitting.urls("assessments/<int:pk>/"),
]

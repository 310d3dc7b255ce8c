"""Make and change an assessment plan: the training plan, time, rooms, and who sits it (ASM-01, SCO-02)."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.review.words import reasons_given
from foundation.ui import tables
from foundation.ui.given import numbers_in
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from zhupei.assessment import candidates as who
from zhupei.assessment import seating, services
from zhupei.assessment.models import AdmissionRule, AssessmentPlan, Candidate
from zhupei.assessment.services import AssessmentData
from zhupei.assessment.services.checks import MOST_GAP_MINUTES, TRAINED_STAGES
from zhupei.assessment.services.plans import figures_of, propose_name
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment.models import EnrollmentState
from zhupei.organizations.models import Institution, Room
from zhupei.organizations.roles import Capability
from zhupei.portals.institution.views.assessments import own_assessment, warn_of_bank
from zhupei.portals.institution.views.plan_form import local_input
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.forms import SpokenForm
from zhupei.portals.shared.refusals import show_on
from zhupei.training.models import Placement, TrainingPlan

# At this hour and so many days ahead the form proposes the first session: the review takes three working days.
PROPOSED_DAYS, PROPOSED_HOUR = 7, 9
# What mostly stays the same from one plan to the next.
_USUAL = ("gap_minutes", "room_limit", "admission", "practical_place")


class RoomChoices(forms.ModelMultipleChoiceField):
    """Computer rooms, each with its seats."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.seats} 座）"


class AssessmentFields(SpokenForm):
    starts_at = forms.DateTimeField(label="首场开考时间", widget=local_input())
    gap_minutes = forms.IntegerField(
        label="场次间隔（分钟）",
        min_value=0,
        max_value=MOST_GAP_MINUTES,
        initial=30,
        help_text="机房不够一场考完时自动分场，场与场之间留出换场时间。",
    )
    rooms = RoomChoices(label="机房", queryset=Room.objects.none(), widget=forms.CheckboxSelectMultiple)
    room_limit = forms.IntegerField(
        label="每个考场最多人数",
        min_value=1,
        max_value=seating.MOST_IN_A_ROOM,
        initial=seating.MOST_IN_A_ROOM,
        help_text=f"最多 {seating.MOST_IN_A_ROOM} 人，也不超过机房的座位数。",
    )
    admission = forms.ChoiceField(
        label="入场方式",
        choices=AdmissionRule.choices,
        initial=AdmissionRule.INVIGILATOR,
        widget=forms.RadioSelect,
    )
    practical_at = forms.DateTimeField(label="实操时间", widget=local_input())
    practical_place = forms.CharField(label="实操地点", max_length=200)
    note = forms.CharField(
        label="说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, institution: Institution, has_practical: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rooms = Room.objects.filter(site__institution=institution, is_active=True, has_computers=True)
        self.fields["rooms"].queryset = rooms.select_related("site").order_by(  # type: ignore[attr-defined]
            "site__name", "site_id", "name"
        )
        if not has_practical:
            del self.fields["practical_at"], self.fields["practical_place"]

    def clean_rooms(self) -> list[Room]:
        rooms = list(self.cleaned_data["rooms"])
        if len({room.site_id for room in rooms}) > 1:
            raise forms.ValidationError("一个考核计划只能在一个考点，请只选同一考点的机房。")
        return rooms

    def assessment_data(self) -> AssessmentData:
        """As the stage wants it; only of a valid form."""
        given = dict(self.cleaned_data)
        rooms = given.pop("rooms")
        return AssessmentData(site=rooms[0].site, rooms=rooms, **given)


class AssessmentEditor:
    """The whole form in one request: fields and people, as given or as kept."""

    def __init__(
        self, request: PortalRequest, training_plan: TrainingPlan, plan: AssessmentPlan | None = None
    ) -> None:
        self.request, self.training_plan, self.plan = request, training_plan, plan
        self.actor = request.actor
        self.rules = training_plan.programme.rules_on() or ProgrammeRules()
        self.figures = plan or AssessmentPlan(**figures_of(self.rules))
        self.fields = AssessmentFields(
            request.POST if request.method == "POST" else None,
            institution=self.actor.body,
            has_practical=self.figures.has_practical,
            initial=self._initial(),
        )
        self.people_error = ""

    def _initial(self) -> dict[str, Any]:
        if self.plan is None:
            return self._proposed()
        names = (*_USUAL, "starts_at", "practical_at", "note")
        values = {name: getattr(self.plan, name) for name in names}
        values["rooms"] = list(self.plan.rooms.values_list("pk", flat=True))
        return values

    def _proposed(self) -> dict[str, Any]:
        """What a new form starts with: a day that leaves time for the review, and what the last plan had."""
        first = timezone.localtime() + dt.timedelta(days=PROPOSED_DAYS)
        values: dict[str, Any] = {
            "starts_at": first.replace(hour=PROPOSED_HOUR, minute=0, second=0, microsecond=0)
        }
        plans = AssessmentPlan.objects.visible_to(self.actor)
        last = plans.filter(programme=self.training_plan.programme).order_by("-created_at", "-pk").first()
        if last is not None:
            values |= {name: getattr(last, name) for name in _USUAL}
            values["rooms"] = list(last.rooms.values_list("pk", flat=True))
        return values

    @cached_property
    def name(self) -> str:
        """The name that it has or will get."""
        return self.plan.name if self.plan else propose_name(self.training_plan)

    @cached_property
    def proposal(self) -> who.Proposal:
        return who.propose(self.training_plan, besides=self.plan, rules=self.rules)

    @cached_property
    def ticked(self) -> set[int]:
        """Who is chosen: as given, as kept, or everybody who is ready."""
        if self.request.method == "POST":
            return set(numbers_in(self.request.POST.getlist("people")))
        if self.plan is not None:
            return set(self.plan.candidates.values_list("enrollment_id", flat=True))
        return {row.pk for row in self.proposal.ready}

    def save(self) -> AssessmentPlan | None:
        """Keep the plan and its people; None when something is wrong, which then stands in the form."""
        if not self.fields.is_valid():
            return None
        try:
            with transaction.atomic():
                data = self.fields.assessment_data()
                if self.plan is None:
                    saved = services.create_plan(self.actor, self.training_plan, data)
                else:
                    saved = services.update_plan(self.actor, self.plan, data)
                services.set_candidates(self.actor, saved, self.ticked)
        except DomainError as refusal:
            if refusal.code == "not_proposed":
                self.people_error = refusal.message
            else:
                show_on(self.fields, refusal, {"site": "rooms"})
            return None
        return saved


# --- which training plan


class TrainedTable(tables.ListTable):
    name = tables.TextColumn("培训计划名称", sort=True, sub="place", width=26)
    programme = tables.TextColumn("培训类别", accessor="programme__name", width=16)
    attendance_confirmed_at = tables.MinuteColumn("考勤确认", sort=True)
    trained = tables.NumberColumn("培训完成", unit="人")
    waiting = tables.NumberColumn("待安排考核", unit="人", sort=True)
    made = tables.NumberColumn("已建考核计划", unit="个")


class TrainedFilter(ListFilter):
    q = SearchFilter(["name__icontains", "place__icontains"], label="培训计划名称或培训地点")


def _count(rows: QuerySet[Any], plan: str) -> Coalesce:
    """How many of `rows` (filtered by `plan`) there are."""
    return Coalesce(Subquery(rows.order_by().values(plan).annotate(n=Count("pk")).values("n")), 0)


@method_decorator(portal_required("institution", needs=Capability.ASSESS), name="dispatch")
class ChooseTrainingPlan(ListPage):
    """创建考核计划, first step: of which training plan."""

    page_title = "创建考核计划：选择培训计划"
    template_name = "institution/assessments/choose.html"
    table_class = TrainedTable
    filterset_class = TrainedFilter
    order_by = ("-attendance_confirmed_at",)
    row_url = "institution:assessment_create"
    exportable = False
    unit = "个"
    empty_icon = "calendar-event"
    empty_title = "没有可以创建考核计划的培训计划"
    empty_text = "培训计划确认考勤以后会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        present = Placement.objects.filter(plan=OuterRef("pk"), is_live=True, is_absent=False)
        chosen = Candidate.objects.live().filter(enrollment=OuterRef("enrollment"))
        free = present.filter(~Exists(chosen), enrollment__state=EnrollmentState.TRAINED)
        made = AssessmentPlan.objects.filter(training_plan=OuterRef("pk"))
        rows = TrainingPlan.objects.visible_to(self.request.actor).filter(stage__in=TRAINED_STAGES)
        return rows.select_related("programme").annotate(
            trained=_count(present, "plan"),
            waiting=_count(free, "plan"),
            made=_count(made, "training_plan"),
        )


# --- the form


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution", needs=Capability.ASSESS)
def assessment_create(request: PortalRequest, pk: int) -> HttpResponse:
    """创建考核计划 of one training plan."""
    rows = TrainingPlan.objects.visible_to(request.actor)
    training_plan = get_object_or_404(rows.select_related("programme", "institution"), pk=pk)
    if training_plan.stage not in TRAINED_STAGES:
        messages.error(request, "培训计划还没有确认考勤，考勤确认以后才能创建考核计划。")
        return redirect("institution:plan", pk=pk)
    return _edited(request, AssessmentEditor(request, training_plan))


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution", needs=Capability.ASSESS)
def assessment_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a plan that is not with the authority; 去上报 when it was rejected."""
    plan = own_assessment(request, pk)
    if not plan.review.is_with_submitter:
        messages.error(request, "考核计划已提交审核，不能修改；主管部门受理前可以先撤回。")
        return redirect("institution:assessment", pk=pk)
    return _edited(request, AssessmentEditor(request, plan.training_plan, plan))


def _edited(request: PortalRequest, editor: AssessmentEditor) -> HttpResponse:
    if request.method == "POST" and (saved := editor.save()) is not None:
        return _saved(request, saved)
    plan = editor.plan
    context = {
        "editor": editor,
        "form": editor.fields,
        "plan": plan,
        "training_plan": editor.training_plan,
        "figures": editor.figures,
        "proposal": editor.proposal,
        "ticked": editor.ticked,
        "reasons": reasons_given(plan.review) if plan is not None else [],
    }
    return render(request, "institution/assessments/form.html", context)


def _saved(request: PortalRequest, saved: AssessmentPlan) -> HttpResponse:
    """Seat everybody when that button was pressed; the plan is kept in any case."""
    if "arrange" not in request.POST:
        sentence = f"考核计划 {saved.name} 已保存，请编排座位后提交审核。"
        return done(request, sentence, "institution:assessment", pk=saved.pk)
    try:
        rooms = services.arrange_seats(request.actor, saved)
    except DomainError as refusal:
        messages.warning(request, f"考核计划 {saved.name} 已保存，但还没有编排座位：{refusal.message}")
        return redirect("institution:assessment", pk=saved.pk)
    messages.success(
        request, f"考核计划 {saved.name} 已保存，座位已编排，共 {rooms} 个考场。请核对后提交审核。"
    )
    warn_of_bank(request, saved)
    return redirect("institution:assessment_rooms", pk=saved.pk)


urlpatterns = [
    path("assessments/new/", ChooseTrainingPlan.as_view(), name="assessment_new"),
    path("assessments/new/<int:pk>/", assessment_create, name="assessment_create"),
    path("assessments/<int:pk>/edit/", assessment_edit, name="assessment_edit"),
]

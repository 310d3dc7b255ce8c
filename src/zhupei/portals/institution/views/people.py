"""报名人员: everybody who was handed in here, by any of their data; one person with everything that happened (QRY-01, QRY-02)."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from foundation.crypto import blind_index
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import DayRangeFilter, ListFilter, ListPage, SearchFilter
from zhupei.assessment import queries as assessments
from zhupei.assessment.models import Candidate
from zhupei.billing.models import Order, OrderLine
from zhupei.catalog.models import Delivery
from zhupei.enrollment import cases, queries, rules
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.portals.institution.views.eligibility import PeopleTable, occupations
from zhupei.portals.institution.views.eligibility_case import viewer_images
from zhupei.portals.shared import assessment_pages, score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.revealing import revealed
from zhupei.training import plan_queries as training

REVEALED = {"id_number", "phone"}


class EveryoneTable(PeopleTable):
    phone = tables.PhoneColumn("手机号", masked=True)
    submitted_at = tables.DayColumn("提交日期", sort=True)
    state = tables.StateColumn("报名状态")
    plans = tables.TextColumn(
        "培训计划 / 考核计划", accessor="plan_name", sub="assessment_name", export=False
    )
    plan = tables.TextColumn("培训计划", accessor="plan_name", screen=False, width=18)
    assessment = tables.TextColumn("考核计划", accessor="assessment_name", screen=False, width=20)

    def render_plans(self, record: Any) -> Any:
        """Also for those who resit and sit in no plan of training any more."""
        if not record.assessment_name:
            return record.plan_name or ""
        training_plan, exam = record.plan_name or "—", record.assessment_name
        return format_html('{}<span class="sub">{}</span>', training_plan, exam)

    def value_phone(self, record: Enrollment) -> str:
        """Whole in the (audited) spreadsheet."""
        return record.phone


class PeopleFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains", "batch__number__iexact"],
        digests={"id_number_index": blind_index, "phone_index": blind_index},
        label="姓名、身份证号、手机号",
    )
    organization = django_filters.CharFilter(
        "organization__name", "icontains", label="报名单位", widget=forms.TextInput(attrs={"size": 12})
    )
    plan = django_filters.CharFilter(
        label="培训计划",
        method=lambda rows, name, value: training.in_plan_named(rows, value),
        widget=forms.TextInput(attrs={"size": 12}),
    )
    assessment = django_filters.CharFilter(
        label="考核计划",
        method=lambda rows, name, value: assessments.in_assessment_named(rows, value),
        widget=forms.TextInput(attrs={"size": 12}),
    )
    occupation = django_filters.ModelChoiceFilter(
        label="岗位（工种）", queryset=occupations, empty_label="全部"
    )
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")
    submitted = DayRangeFilter("submitted_at", label="提交日期")


@method_decorator(portal_required("institution"), name="dispatch")
class People(ListPage):
    """Everybody, the latest first; the spreadsheet holds exactly what is filtered."""

    page_title = "报名人员"
    crumbs = [("报名人员", "")]
    table_class = EveryoneTable
    filterset_class = PeopleFilter
    tabs_field = "state"
    order_by = "-submitted_at"
    row_url = "institution:person"
    unit = "人"
    empty_icon = "users"
    empty_title = "还没有报名人员"
    empty_text = "报名单位提交名单和资料后，会出现在这里。"

    def queryset(self) -> QuerySet[Enrollment]:
        rows = Enrollment.objects.visible_to(self.request.actor)
        named = assessments.with_assessment_name(training.with_plan_name(rows))
        return named.select_related("organization", "occupation", "level", "batch")


@require_safe
@portal_required("institution")
def person(request: PortalRequest, pk: int) -> HttpResponse:
    """One enrollment: state, data, images, order, and the timeline."""
    actor = request.actor
    rows = Enrollment.objects.visible_to(actor)
    row = get_object_or_404(
        rows.select_related("organization", "occupation", "level", "batch", "programme"), pk=pk
    )
    case = cases.case_of(row)
    step = rules.step_of(row.state)
    into_plan = row.programme.is_plan_first
    labels, now = rules.journey(step or 0, into_plan=into_plan)
    orders = OrderLine.objects.filter(enrollment=row, order__in=Order.objects.visible_to(actor))
    context = {
        "row": row,
        "case": case,
        "images": viewer_images(case),
        "reasons": rules.worded(row.reasons),
        "steps": ",".join(labels),
        "step": None if step is None else now,
        "training": training.training_of(row),
        "exams": [
            (exam, assessment_pages.state_badge(exam.plan), _result(exam))
            for exam in assessments.exams_of(actor, row).select_related("score_line")
        ],
        "exams_url": reverse("institution:assessments"),
        "timeline": queries.timeline(row),
        "lines": orders.select_related("order").order_by("-pk"),
        "others": rows.filter(id_number_index=row.id_number_index)
        .exclude(pk=row.pk)
        .select_related("occupation", "level")
        .order_by("-created_at")[:20],
        "acts": {each.action for each in ENROLLMENT.allowed(actor, row)},
        "case_url": reverse("institution:eligibility_case", args=[row.pk]),
    }
    return render(request, "institution/people/person.html", context)


def _result(exam: Candidate) -> tuple[str, str] | None:
    """The badge of the result, once scores were pulled."""
    line = getattr(exam, "score_line", None)
    return score_pages.result_badge(line) if line is not None else None


@require_POST
@portal_required("institution")
def reveal(request: PortalRequest, pk: int, field: str) -> HttpResponse:
    """The whole ID number or phone, logged."""
    if field not in REVEALED:
        raise Http404
    actor = request.actor
    return revealed(request, actor, get_object_or_404(Enrollment.objects.visible_to(actor), pk=pk), field)


urlpatterns = [
    path("people/", People.as_view(), name="people"),
    path("people/<int:pk>/", person, name="person"),
    path("people/<int:pk>/<str:field>/", reveal, name="reveal"),
]

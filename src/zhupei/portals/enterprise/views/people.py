"""人员查询 and one person: application, six images, timeline, acts (QRY-01, QRY-02, MAT-01, ENR-08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.crypto import blind_index
from foundation.files.images import ImageLimits
from foundation.requests import PortalRequest
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.parts import Step, steps_of
from foundation.ui.uploads import accepted, file_of, refused, upload_view
from zhupei.assessment.queries import exams_of
from zhupei.catalog.models import Delivery
from zhupei.catalog.queries import explain
from zhupei.enrollment import admission, queries, rules, services
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState, MaterialKind
from zhupei.organizations.roles import Capability
from zhupei.portals.enterprise import selections
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.enterprise.views.batches import STATE_TABS
from zhupei.portals.shared import assessment_pages, score_pages
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.revealing import revealed
from zhupei.training import plan_queries as training

# Until the institution has decided, the organization sees what the rules say (CAT-03).
BEFORE_DECISION = {rules.STEP_MATERIALS, rules.STEP_REVIEW}
REVEALABLE = ("id_number", "phone")
# What a line of the spreadsheet needs; a hundred thousand lines are read no wider than that.
EXPORTED = (
    "name",
    "id_number",
    "phone",
    "state",
    "delivery",
    "submitted_at",
    "batch__number",
    "occupation__name",
    "level__name",
    "institution__name",
)
# Words in file names that belong to a slot, for several files dropped at once.
FILE_WORDS = {
    MaterialKind.PORTRAIT: "头像,照片,一寸,1寸",
    MaterialKind.ID_FRONT: "身份证正面,正面,人像面",
    MaterialKind.ID_BACK: "身份证反面,反面,背面,国徽",
    MaterialKind.EDUCATION: "学历,毕业证",
    MaterialKind.APPLICATION_FORM: "报名表,申请表",
    MaterialKind.WORK_YEARS: "工作年限,年限证明,工龄",
}
HELPS = {
    MaterialKind.PORTRAIT: "近期白底一寸免冠，超过 80 KB 自动压缩",
    MaterialKind.ID_FRONT: "有照片的一面，四角完整",
    MaterialKind.ID_BACK: "国徽面，有效期清晰",
    MaterialKind.EDUCATION: "毕业证书原件照片",
    MaterialKind.APPLICATION_FORM: "签名并盖章后拍照",
    MaterialKind.WORK_YEARS: "签字并盖章后拍照",
}


class PeopleTable(selections.EnrollmentTable):
    class Meta(selections.EnrollmentTable.Meta):
        exclude = ("education", "materials")


def _plan_named(rows: QuerySet[Enrollment], name: str, value: str) -> QuerySet[Enrollment]:
    return training.in_plan_named(rows, value.strip())


class PeopleFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains"],
        digests={"id_number_index": blind_index, "phone_index": blind_index},
        label="姓名、身份证号或手机号，可粘贴多个",
    )
    plan = django_filters.CharFilter(
        label="培训计划", method=_plan_named, widget=forms.TextInput(attrs={"size": 12})
    )
    programme = django_filters.ChoiceFilter(label="培训类别", empty_label="全部")
    occupation = django_filters.ChoiceFilter(label="岗位（工种）", empty_label="全部")
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")
    state = django_filters.ChoiceFilter(label="状态", choices=EnrollmentState.choices, empty_label="全部")
    institution = django_filters.ChoiceFilter(label="培训机构", empty_label="全部")

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        # Everybody of a batch has the batch's programme, occupation and institution.
        batches = Batch.objects.visible_to(actor).order_by("programme__position", "occupation__position")
        self.choose_from(
            batches, **{name: (name, f"{name}__name") for name in ("programme", "occupation", "institution")}
        )


class People(EnterpriseList):
    """Everybody the organization ever enrolled; the spreadsheet holds exactly what is filtered."""

    page_title = "人员查询"
    table_class = PeopleTable
    filterset_class = PeopleFilter
    tabs_field = "state"
    tabs = STATE_TABS
    order_by = ("-created_at", "-pk")
    row_url = "enterprise:person"
    bulk_actions = selections.BULK_ACTIONS
    primary_action = ("新建报名", "enterprise:enroll", "plus")
    primary_allowed = allowed(Capability.ENROLL)
    export_name = "报名人员"
    unit = "人"
    empty_icon = "users"
    empty_title = "还没有报名人员"
    empty_text = "新建报名、导入名单后，人员会出现在这里。"

    def queryset(self) -> QuerySet[Enrollment]:
        return selections.listed(Enrollment.objects.visible_to(self.actor))

    def _export(self, rows: QuerySet[Enrollment]) -> FileResponse:
        return super()._export(rows.only(*EXPORTED))


@dataclass(frozen=True)
class Slot:
    """One of the six places for images on a person's page."""

    kind: str
    label: str
    required: bool
    help: str
    match: str
    document: Any
    reason: str

    @property
    def is_portrait(self) -> bool:
        return self.kind == MaterialKind.PORTRAIT


def _enrollment(request: PortalRequest, pk: int) -> Enrollment:
    rows = Enrollment.objects.visible_to(request.actor).select_related(
        *selections.RELATED, "programme", "organization"
    )
    return get_object_or_404(rows, pk=pk)


@portal_required("enterprise")
@require_safe
def person(request: PortalRequest, pk: int) -> HttpResponse:
    """Everything about one enrollment."""
    actor = request.actor
    enrollment = _enrollment(request, pk)
    locked = rules.why_not_editable(enrollment.state)
    slots = _slots(enrollment)
    into_plan = enrollment.programme.is_plan_first
    missing = [slot.label for slot in slots if slot.required and slot.document is None]
    context = {
        "enrollment": enrollment,
        "title": enrollment.name,
        "steps": _steps(enrollment),
        "slots": slots,
        "training": training.training_of(enrollment),
        "exams": [
            (exam, assessment_pages.state_badge(exam.plan), score_pages.approved_badge(exam))
            for exam in exams_of(actor, enrollment).select_related("score_line__report__review")
        ],
        "exams_url": reverse("enterprise:assessments"),
        "into_plan": into_plan,
        "missing": missing,
        "editable": not locked,
        "locked": locked,
        "reasons": rules.worded(enrollment.reasons)
        or ([("", enrollment.remark)] if enrollment.remark else []),
        "timeline": queries.timeline(enrollment),
        "acts": {row.action for row in ENROLLMENT.allowed(actor, enrollment)},
        "periods": enrollment.practice_periods,
        "next": None if locked else _next_incomplete(actor, enrollment),
        "verdict": explain(enrollment)
        if not into_plan and rules.step_of(enrollment.state) in BEFORE_DECISION
        else None,
        "max_mb": ImageLimits().max_bytes // (1024 * 1024),
    }
    return render(request, "enterprise/people/person.html", context)


def _slots(enrollment: Enrollment) -> list[Slot]:
    materials = {row.kind: row for row in enrollment.materials.select_related("document")}
    required = admission.required_kinds([enrollment.programme_id])[enrollment.programme_id]
    return [
        Slot(
            kind=kind.value,
            label=str(kind.label),
            required=kind.value in required,
            help=HELPS[kind],
            match=FILE_WORDS[kind],
            document=materials[kind.value].document if kind.value in materials else None,
            reason="".join(text for text in [enrollment.reasons.get(kind.value)] if isinstance(text, str)),
        )
        for kind in MaterialKind
        if kind.value in required or kind.value in materials
    ]


def _steps(enrollment: Enrollment) -> list[Step]:
    step = rules.step_of(enrollment.state)
    if step is None:
        return []
    into_plan = enrollment.programme.is_plan_first
    labels, now = rules.journey(step, into_plan=into_plan)
    return steps_of(labels, now, bad=enrollment.state == EnrollmentState.RETURNED)


def _next_incomplete(actor: Any, enrollment: Enrollment) -> Enrollment | None:
    """The next person of the batch who lacks something, after this one."""
    people = Enrollment.objects.visible_to(actor).filter(batch=enrollment.batch_id).exclude(pk=enrollment.pk)
    rows = queries.incomplete(people, admission.required_kinds([enrollment.programme_id]))
    return rows.filter(pk__gt=enrollment.pk).order_by("pk").first() or rows.order_by("pk").first()


@portal_required("enterprise")
@require_POST
@upload_view
def put_material(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """One image into its slot, replacing what was there."""
    enrollment = _enrollment(request, pk)
    file = file_of(request, "请选择图片。")
    limit = ImageLimits().max_bytes
    if (file.size or 0) > limit:
        return refused(f"图片超过 {limit // (1024 * 1024)} MB，请压缩或重新拍照后再上传。")
    material = services.put_material(request.actor, enrollment, kind, file.read())
    url = reverse("shared:document", args=[material.document.pk])
    return accepted("已上传", id=material.document.pk, url=url, name=material.document.name)


@portal_required("enterprise")
@require_POST
@upload_view
def remove_material(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """Take one image away."""
    services.remove_material(request.actor, _enrollment(request, pk), kind)
    return accepted("已删除")


@portal_required("enterprise")
@require_POST
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand one person in."""
    return selections.submit_and_return(request, _one(request, pk), "enterprise:person", pk)


@portal_required("enterprise")
@require_POST
def recall(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one person back to change something."""
    return done(request, selections.recall(request, _one(request, pk)), "enterprise:person", pk)


@portal_required("enterprise")
@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """Give one enrollment up."""
    return done(request, selections.withdraw(request, _one(request, pk)), "enterprise:person", pk)


def _one(request: PortalRequest, pk: int) -> QuerySet[Enrollment]:
    """One person as the acts on picked people take him; 404 when it is not theirs."""
    return Enrollment.objects.visible_to(request.actor).filter(pk=_enrollment(request, pk).pk)


@portal_required("enterprise")
@require_POST
def reveal(request: PortalRequest, pk: int, field: str) -> HttpResponse:
    """A masked number in full, logged (SEC-02)."""
    if field not in REVEALABLE:
        raise Http404
    return revealed(request, request.actor, _enrollment(request, pk), field)


@portal_required("enterprise")
@require_safe
def person_form(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """报名表 or 工作年限证明 of one person."""
    enrollment = _enrollment(request, pk)
    return selections.printed(request, _one(request, pk), kind, enrollment.name)


urlpatterns = [
    path("people/", People.as_view(), name="people"),
    path("people/<int:pk>/", person, name="person"),
    path("people/<int:pk>/materials/<slug:kind>/", put_material, name="material"),
    path("people/<int:pk>/materials/<slug:kind>/remove/", remove_material, name="material_remove"),
    path("people/<int:pk>/submit/", submit, name="person_submit"),
    path("people/<int:pk>/recall/", recall, name="person_recall"),
    path("people/<int:pk>/withdraw/", withdraw, name="person_withdraw"),
    path("people/<int:pk>/reveal/<slug:field>/", reveal, name="person_reveal"),
    *[
        path(f"people/<int:pk>/{kind}.pdf", person_form, {"kind": kind}, name=f"person_{kind}")
        for kind in selections.FORMS
    ],
]

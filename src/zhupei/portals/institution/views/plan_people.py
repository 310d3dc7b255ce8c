"""学员 of a plan: who enrolled with portrait beside the ID, returned or taken out; people put in; class start (TRN-04 … TRN-06)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.naming import some_of
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import BulkAction, ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.parts import ViewerImage, place_in
from foundation.ui.reviews import read_reasons, read_verdict, reasons_by_item
from foundation.ui.states import Badge
from zhupei.enrollment import cases, rules
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState, Material, MaterialKind
from zhupei.enrollment.services import review
from zhupei.portals.institution.tabs import plan_tabs
from zhupei.portals.institution.views.eligibility_case import viewer_images
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.training import queries
from zhupei.training.machine import PLAN, is_holder
from zhupei.training.models import Placement, PlanStage, TrainingPlan
from zhupei.training.plan_queries import days_in_words
from zhupei.training.services import attendance, placing

S = EnrollmentState
COMPARED = (MaterialKind.PORTRAIT, MaterialKind.ID_FRONT)
SHOWN_NAMES = 20
NOT_STARTED = set(placing.OPEN_TO_PLACING)
REASONS = [
    ("portrait", "头像与身份证不是同一人"),
    ("portrait", "头像不清"),
    ("id_front", "身份证照片与填报信息不符"),
    ("id_front", "身份证不清"),
    ("name", "姓名与身份证不一致"),
    ("id_number", "身份证号与身份证不一致"),
]


def find_plan(request: PortalRequest, pk: int) -> TrainingPlan:
    """The institution's own plan, approved; anything else is not there."""
    plans = TrainingPlan.objects.visible_to(request.actor).exclude(stage=PlanStage.PENDING)
    plan: TrainingPlan = get_object_or_404(plans.select_related("institution", "programme", "room"), pk=pk)
    return plan


def frame(plan: TrainingPlan, active: str) -> dict[str, Any]:
    """What every page of a plan shows around its own content."""
    return {"plan": plan, "plan_tabs": plan_tabs(plan, active), "days_in_words": days_in_words(plan)}


# --- the list


class PhotosColumn(tables.Column):
    """Portrait and ID front side by side, small; what is missing is said."""

    def __init__(self, heading: str) -> None:
        super().__init__(heading, empty_values=(), export=False)

    def render(self, record: Placement) -> SafeString:
        """Both pictures lead to the page where they are large."""
        found = {row.kind: row.document for row in record.enrollment.compared}  # type: ignore[attr-defined]
        pictures = [
            (
                MaterialKind(kind).label,
                reverse("shared:document", args=[document.pk]) + "?thumb=1",
            )
            for kind in COMPARED
            if (document := found.get(kind)) and document.is_image
        ]
        if not pictures:
            return format_html('<span class="quiet small">{}</span>', "还没有上传")
        url = reverse("institution:plan_person", args=[record.plan_id, record.pk])
        drawn = format_html_join(
            "", '<img src="{1}" alt="{0}" loading="lazy" width="44" height="56">', pictures
        )
        label = f"核对{record.enrollment.name}的照片"
        return format_html('<a class="photo-pair" href="{}" aria-label="{}">{}</a>', url, label, drawn)


class PlanStateColumn(tables.StateColumn):
    """The enrollment's state; who has joined a later plan is still 缺勤 in this one."""

    def _badge(self, record: Placement, bound_column: Any) -> Any:
        if not record.is_live:
            return Badge("mute", "缺勤，已转入下一期")
        return super()._badge(record, bound_column)


class PlanPeopleTable(tables.ListTable):
    name = tables.TextColumn("姓名", accessor="enrollment__name", sort=True, width=10)
    photos = PhotosColumn("头像 / 身份证")
    id_number = tables.IdNumberColumn("身份证号", accessor="enrollment__id_number", export_full=True)
    organization = tables.TextColumn(
        "报名企业", accessor="enrollment__organization__name", sort=True, width=30
    )
    occupation = tables.TextColumn("工种（岗位）", accessor="enrollment__trade", width=18)
    source = tables.TextColumn("来源", accessor="get_source_display")
    state = PlanStateColumn("报名状态", accessor="enrollment__state")


class PlanPeopleFilter(ListFilter):
    q = SearchFilter(
        ["enrollment__name__icontains", "enrollment__organization__name__icontains"],
        digests={"enrollment__id_number_index": blind_index},
        label="姓名、身份证号或企业",
    )


def _remove_picked(request: PortalRequest, rows: QuerySet[Placement]) -> str:
    count = placing.remove_from_plan(request.actor, rows)
    return f"已移出 {count} 人，名额已退回，企业已收到通知。"


class _OfPlan(ListPage):
    """A list within one plan, whose number is in the address."""

    active = "institution:plan_people"
    plan: TrainingPlan

    def prepare(self) -> None:
        self.plan = find_plan(self.request, self.kwargs["pk"])

    def extra_context(self) -> dict[str, Any]:
        return frame(self.plan, self.active)


@method_decorator(portal_required("institution"), name="dispatch")
class PlanPeople(_OfPlan):
    """Everybody with a seat, the organizations they come from, and what can be done now."""

    template_name = "institution/plans/people.html"
    table_class = PlanPeopleTable
    filterset_class = PlanPeopleFilter
    tabs_field = "enrollment__state"
    order_by = ("enrollment__organization__name", "pk")
    unit = "人"
    empty_icon = "users"
    empty_title = "还没有学员"
    empty_text = "企业报名后会出现在这里；也可以编入已缴费、等待开班的学员。"

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.plan.name} 学员"

    @property
    def tabs(self) -> list[Tabs]:  # type: ignore[override]
        """Before the class who is ready and who is not, afterwards how it went."""
        if self.plan.stage in NOT_STARTED:
            later = [state for state in S if state not in {S.ENROLLED, S.RETURNED}]
            return [
                Tabs("ready", "已报名", [S.ENROLLED]),
                Tabs("unpaid", "未完成报名缴费", later),
                Tabs("returned", "退回修改", [S.RETURNED]),
            ]
        after = [state for state in S if state not in {S.IN_TRAINING, S.ABSENT, S.ENROLLED}]
        return [
            Tabs("training", "培训中", [S.IN_TRAINING]),
            Tabs("trained", "培训完成", after),
            Tabs("absent", "缺勤", [S.ABSENT]),
        ]

    @property
    def bulk_actions(self) -> list[BulkAction]:  # type: ignore[override]
        if self.plan.stage not in NOT_STARTED or not is_holder(self.request.actor, self.plan):
            return []
        question = (
            "把所选 {n} 人移出本计划？名额会退回，企业会收到通知；已缴费的人保留已报名，可以编入其他计划。"
        )
        return [
            BulkAction(
                "remove", "移出计划", _remove_picked, confirm=question, tone="danger", icon="user-minus"
            )
        ]

    def queryset(self) -> QuerySet[Placement]:
        compared = Material.objects.filter(kind__in=COMPARED).select_related("document")
        rows = Placement.objects.visible_to(self.request.actor).of_class().filter(plan=self.plan)
        return rows.select_related(
            "enrollment__organization", "enrollment__occupation", "enrollment__level"
        ).prefetch_related(Prefetch("enrollment__materials", compared, to_attr="compared"))

    def row_url(self, row: Placement) -> str:
        """Where the pictures are large."""
        return reverse("institution:plan_person", args=[self.plan.pk, row.pk])

    def extra_context(self) -> dict[str, Any]:
        unready: list[Enrollment] = []
        if self.plan.stage in NOT_STARTED:
            unready = list(queries.not_enrolled(self.plan).select_related("organization"))
        return super().extra_context() | {
            "firms": queries.firms_of(self.request.actor, self.plan),
            "not_started": self.plan.stage in NOT_STARTED,
            "opens_later": timezone.now() < self.plan.opens_at,
            "may_start": PLAN.can(self.request.actor, self.plan, "start_class"),
            "unready": some_of(
                (f"{row.name}（{row.organization}，{row.get_state_display()}）" for row in unready),
                SHOWN_NAMES,
                unit="",
            ),
            "unready_count": len(unready),
        }


# --- one person


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def plan_person(request: PortalRequest, pk: int, placement: int) -> HttpResponse:
    """Portrait and ID front large, side by side, with the data; a POST returns the person with reasons."""
    plan = find_plan(request, pk)
    actor = request.actor
    seats = Placement.objects.visible_to(actor).of_class().filter(plan=plan)
    seat = get_object_or_404(
        seats.select_related(
            "plan",
            "enrollment__organization",
            "enrollment__occupation",
            "enrollment__level",
            "enrollment__batch",
        ),
        pk=placement,
    )
    if request.method == "POST":
        return _return_person(request, seat)
    place = place_in(list(seats.order_by(*PlanPeople.order_by).values_list("pk", flat=True)), seat.pk)
    row = seat.enrollment
    handed_in = Enrollment.objects.visible_to(actor).filter(pk=row.pk).exists()
    case = cases.case_of(row) if handed_in else None
    context = frame(plan, "institution:plan_people") | {
        "seat": seat,
        "row": row,
        "case": case,
        "images": _compared_first(viewer_images(case)) if case else [],
        "place": place,
        **place.links(lambda key: reverse("institution:plan_person", args=[plan.pk, key])),
        "reasons": REASONS,
        "items": [(item, label) for item, label in review.REASON_ITEMS.items() if item != review.OTHER],
        "earlier": rules.worded(row.reasons),
        "may_return": seat.is_live and plan.stage in NOT_STARTED and ENROLLMENT.can(actor, row, "return"),
        "may_remove": seat.is_live and plan.stage in NOT_STARTED and is_holder(actor, plan),
    }
    return render(request, "institution/plans/people_person.html", context)


def _compared_first(images: list[ViewerImage]) -> list[ViewerImage]:
    """The ID front is looked at first, with the portrait beside it."""
    wanted = [MaterialKind.ID_FRONT.value, MaterialKind.PORTRAIT.value]
    return sorted(images, key=lambda image: wanted.index(image.key) if image.key in wanted else len(wanted))


def _return_person(request: PortalRequest, seat: Placement) -> HttpResponse:
    actor = request.actor
    if seat.plan.stage not in NOT_STARTED:
        raise DomainError("started", "已经开班，不能再退回。")
    if read_verdict(request.POST) != "return":
        raise DomainError("no_verdict", "请点选原因后退回。")
    review.return_enrollment(actor, seat.enrollment, reasons_by_item(read_reasons(request.POST)))
    sentence = f"已退回 {seat.enrollment.name}，企业改好后会回到本计划，名额保留。"
    return done(request, sentence, "institution:plan_people", pk=seat.plan_id)


@require_POST
@portal_required("institution")
def remove(request: PortalRequest, pk: int, placement: int) -> HttpResponse:
    """Take one person out."""
    plan = find_plan(request, pk)
    actor = request.actor
    seat = get_object_or_404(Placement.objects.visible_to(actor).filter(plan=plan), pk=placement)
    placing.remove_from_plan(actor, Placement.objects.filter(pk=seat.pk))
    sentence = f"已把 {seat.enrollment.name} 移出本计划，名额已退回。"
    return done(request, sentence, "institution:plan_people", pk=plan.pk)


# --- people put in


class WaitingTable(tables.ListTable):
    name = tables.TextColumn("姓名", sort=True, width=10)
    id_number = tables.IdNumberColumn("身份证号", export_full=True)
    organization = tables.TextColumn("报名企业", accessor="organization__name", sort=True, width=30)
    occupation = tables.TextColumn("工种（岗位）", accessor="trade", sort="occupation__position", width=18)
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display")
    created_at = tables.DayColumn("报名日期", sort=True)
    waited = tables.NumberColumn("已等待（天）", accessor="created_at")

    def render_waited(self, record: Enrollment) -> int:
        """Days since enrolling."""
        return (timezone.localdate() - timezone.localdate(record.created_at)).days

    value_waited = render_waited


class WaitingFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains", "organization__name__icontains"],
        digests={"id_number_index": blind_index},
        label="姓名、身份证号或企业",
    )


class _ToPutIn(_OfPlan):
    """People who could join the plan, with boxes to tick."""

    template_name = "institution/plans/placing.html"
    filterset_class = WaitingFilter
    table_class = WaitingTable
    order_by = ("created_at",)
    exportable = False
    unit = "人"
    empty_icon = "users"
    word = ""
    said = ""
    # (actor, plan) -> who could; (actor, plan, keys) -> how many were put in
    proposed: Any
    placed: Any

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.plan.name} {self.word}"

    def queryset(self) -> QuerySet[Enrollment]:
        rows: QuerySet[Enrollment] = type(self).proposed(self.request.actor, self.plan)
        return rows.select_related("organization", "occupation", "level")

    def put_in(self, request: PortalRequest, rows: QuerySet[Enrollment]) -> HttpResponse:
        """The bulk act; to the people of the plan afterwards."""
        count = type(self).placed(request.actor, self.plan, list(rows.values_list("pk", flat=True)))
        return done(request, self.said.format(count), "institution:plan_people", pk=self.plan.pk)

    @property
    def bulk_actions(self) -> list[BulkAction]:  # type: ignore[override]
        actor = self.request.actor
        if self.plan.stage not in NOT_STARTED or self.plan.seats_left < 1 or not is_holder(actor, self.plan):
            return []
        question = f"{self.word}所选 {{n}} 人？现在还有 {self.plan.seats_left} 个名额。企业和学员会收到通知。"
        return [
            BulkAction("place", self.word, self.put_in, confirm=question, tone="primary", icon="user-plus")
        ]

    def extra_context(self) -> dict[str, Any]:
        return super().extra_context() | {"word": self.word, "not_started": self.plan.stage in NOT_STARTED}


@method_decorator(portal_required("institution"), name="dispatch")
class Placing(_ToPutIn):
    """编入学员: confirmed people of the plan's occupations and mode, longest waiting first (TRN-05)."""

    word = "编入学员"
    empty_title = "没有等待编入的学员"
    empty_text = "缴费确认后、工种和培训方式与本计划一致、还没有编入其他计划的学员会出现在这里。"
    said = "已编入 {} 人，企业和学员正在收到通知。"
    proposed, placed = placing.propose_placements, placing.place_into_plan

    def extra_context(self) -> dict[str, Any]:
        context = super().extra_context()
        waiting = self.queryset().count() if context["not_started"] else 0
        return context | {"first": max(min(waiting, self.plan.seats_left), 0)}


@method_decorator(portal_required("institution"), name="dispatch")
class Absentees(_ToPutIn):
    """加入缺勤人员: absent in an earlier plan, for the same occupations; they don't pay again (TRN-05)."""

    word = "加入缺勤人员"
    empty_title = "没有可以加入的缺勤人员"
    empty_text = "以前的计划里工种相同、考勤为缺勤的学员会出现在这里。"
    said = "已加入缺勤人员 {} 人，不用再缴费；企业和学员正在收到通知。"
    proposed, placed = placing.propose_absentees, placing.carry_over


@require_POST
@portal_required("institution")
def place_longest(request: PortalRequest, pk: int) -> HttpResponse:
    """Fill the seats with those who wait longest."""
    plan = find_plan(request, pk)
    count = placing.place_longest_waiting(request.actor, plan)
    sentence = f"已按等待时间编入 {count} 人，企业和学员正在收到通知。"
    return done(request, sentence, "institution:plan_people", pk=plan.pk)


@require_POST
@portal_required("institution")
def start_class(request: PortalRequest, pk: int) -> HttpResponse:
    """开班; then on to the attendance."""
    plan = find_plan(request, pk)
    attendance.start_class(request.actor, plan)
    sentence = f"已开班，{plan.seats_taken} 人进入培训中，报名已结束。"
    return done(request, sentence, "institution:plan_attendance", pk=plan.pk)


urlpatterns = [
    path("plans/<int:pk>/people/", PlanPeople.as_view(), name="plan_people"),
    path("plans/<int:pk>/people/<int:placement>/", plan_person, name="plan_person"),
    path("plans/<int:pk>/people/<int:placement>/remove/", remove, name="plan_remove"),
    path("plans/<int:pk>/placing/", Placing.as_view(), name="plan_placing"),
    path("plans/<int:pk>/placing/longest/", place_longest, name="plan_place_longest"),
    path("plans/<int:pk>/absentees/", Absentees.as_view(), name="plan_absentees"),
    path("plans/<int:pk>/start/", start_class, name="plan_start"),
]

"""培训计划: plans open for enrollment, plans with one's own people, and one plan (ENR-07, TRN-07)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property

from foundation.errors import why_not
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.parts import Tab
from foundation.ui.templatetags.ui import money
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.regions.queries import with_city, within
from zhupei.training import plan_queries as queries
from zhupei.training.models import Placement, PlanDay, PlanItem, PlanStage, TrainingPlan
from zhupei.training.plan_states import AFTER_ATTENDANCE, TO_ENROLL, Opening, opening_of
from zhupei.training.services.enrolling import check_open

MONTHS_AHEAD = 12
OPENING_TONES = {Opening.UPCOMING: "info", Opening.OPEN: "wait"}
ITEMS = Prefetch("items", PlanItem.objects.select_related("occupation", "level").order_by("pk"))


def stage_badge(plan: TrainingPlan) -> tuple[str, str]:
    """(tone, words) of a plan as an organization sees it: by its dates, whether or not the clock has been served."""
    if plan.stage in TO_ENROLL:
        opening = opening_of(plan)
        return OPENING_TONES.get(opening, "mute"), str(opening.label)
    tone = "ok" if plan.stage in AFTER_ATTENDANCE else "info"
    return tone, plan.get_stage_display()


def period(plan: Any) -> str:
    """The days of teaching from … to …; wants `starts_at` and `ends_at`."""
    if plan.starts_at is None:
        return "时间另行通知"
    first, last = timezone.localtime(plan.starts_at), timezone.localtime(plan.ends_at)
    if first.date() == last.date():
        return f"{first:%Y-%m-%d}"
    return f"{first:%Y-%m-%d} 至 {last:{'%m-%d' if first.year == last.year else '%Y-%m-%d'}}"


def fees(plan: TrainingPlan) -> str:
    """The fee, or from … to … where trades differ."""
    amounts = sorted({item.fee for item in plan.items.all()})
    if not amounts:
        return ""
    return money(amounts[0]) if len(amounts) == 1 else f"{money(amounts[0])} 起"


class PlanTable(tables.ListTable):
    name = tables.TextColumn("计划名称", sort="name", sub="institution__name", width=26)
    trades = tables.TextColumn("工种（岗位）、等级", width=30)
    fee = tables.TextColumn("收费（元/人）", accessor="pk", css="num")
    closes_at = tables.MinuteColumn("报名截止", sort="closes_at")
    period = tables.TextColumn("培训时间", accessor="pk", sort="starts_at", width=24)
    place = tables.TextColumn("培训地点", width=30, css="roomy")
    seats = tables.NumberColumn("剩余名额", accessor="seats_left")
    stage = tables.BadgeColumn("状态", badge=stage_badge)

    def render_fee(self, record: Any) -> str:
        return fees(record)

    value_fee = render_fee

    def render_period(self, record: Any) -> str:
        return period(record)

    value_period = render_period

    def render_seats(self, record: Any) -> str:
        return f"{record.seats_left} / {record.head_count}"


class OwnPlanTable(PlanTable):
    own = tables.NumberColumn("本单位人数", accessor="own", sort="own")

    class Meta(PlanTable.Meta):
        exclude = ("seats", "fee", "closes_at")
        sequence = ("name", "trades", "own", "...")


def months() -> list[tuple[str, str]]:
    """This month and the next ones, to choose from."""
    today = timezone.localdate()
    found = []
    for ahead in range(MONTHS_AHEAD):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        found.append((f"{year}-{month + 1:02d}", f"{year} 年 {month + 1} 月"))
    return found


class PlanFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains", "institution__name__icontains", "place__icontains"], label="计划、机构或地点"
    )
    occupation = django_filters.ChoiceFilter(label="工种（岗位）", method="of_trade", empty_label="全部")
    institution = django_filters.ChoiceFilter(label="培训机构", empty_label="全部")
    city = django_filters.ChoiceFilter(label="所在城市", method="in_city", empty_label="全部")
    month = django_filters.ChoiceFilter(
        label="培训月份", choices=months, method="in_month", empty_label="全部"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = PlanItem.objects.filter(plan__in=self.queryset.order_by().values("pk"))
        self.choose_from(
            with_city(items, "plan__institution__region").order_by(
                "occupation__position", "occupation__name", "plan__institution__name"
            ),
            occupation=("occupation", "occupation__name"),
            institution=("plan__institution", "plan__institution__name"),
            city=("city", "city_name"),
        )

    def of_trade(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Exists(PlanItem.objects.filter(plan=OuterRef("pk"), occupation_id=int(value))))

    def in_city(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(within("institution__region", value))

    def in_month(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        year, month = (int(part) for part in value.split("-"))
        zone = timezone.get_current_timezone()
        first = dt.datetime(year, month, 1, tzinfo=zone)
        after = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
        days = PlanDay.objects.filter(plan=OuterRef("pk"), period__overlap=(first, after))
        return rows.filter(Exists(days))


class _Plans(EnterpriseList):
    template_name = "enterprise/plans/list.html"
    filterset_class = PlanFilter
    row_url = "enterprise:plan"
    unit = "个计划"
    empty_icon = "calendar-event"

    def extra_context(self) -> dict[str, Any]:
        here = self.request.path
        pages = [
            ("可报名的计划", reverse("enterprise:plans")),
            ("我的计划", reverse("enterprise:plans_mine")),
        ]
        return {"pages": [Tab(label, url, None, url == here) for label, url in pages]}


class OpenPlans(_Plans):
    """可报名的计划."""

    page_title = "培训计划"
    table_class = PlanTable
    order_by = ("closes_at", "pk")
    export_name = "可报名的培训计划"
    empty_title = "目前没有可以报名的培训计划"
    empty_text = "培训机构公布计划后会出现在这里；施工现场专业人员请到“学员报名”新建报名。"

    def queryset(self) -> QuerySet[Any]:
        return queries.open_plans(self.actor).select_related("institution").prefetch_related(ITEMS)


class OwnPlans(_Plans):
    """我的计划: plans that one's own people sit in."""

    page_title = "培训计划"
    table_class = OwnPlanTable
    order_by = ("-starts_at", "-pk")
    export_name = "本单位的培训计划"
    empty_title = "还没有本单位的人员编入培训计划"
    empty_text = "报名进计划，或由培训机构编入计划后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return queries.own_plans(self.actor).select_related("institution").prefetch_related(ITEMS)


# --- one plan


class SeatTable(tables.ListTable):
    name = tables.TextColumn("姓名", accessor="enrollment__name", sort="enrollment__name")
    id_number = tables.IdNumberColumn("身份证号", accessor="enrollment__id_number", export_full=True)
    phone = tables.PhoneColumn("手机号", accessor="enrollment__phone", masked=True)
    occupation = tables.TextColumn("工种（岗位）", accessor="enrollment__trade", width=18)
    source = tables.TextColumn("来源", accessor="get_source_display")
    state = tables.StateColumn("状态", accessor="enrollment__state")
    attendance = tables.BadgeColumn("考勤", badge=queries.attendance_of)

    def value_phone(self, record: Placement) -> str:
        return record.enrollment.phone


class PlanPage(EnterpriseList):
    """One plan: its days, what it costs, where; one's own people in it."""

    template_name = "enterprise/plans/plan.html"
    table_class = SeatTable
    order_by = "pk"
    unit = "人"
    empty_icon = "users"
    empty_title = "本单位还没有人在这个计划里"

    @cached_property
    def plan(self) -> Any:
        rows = queries.with_dates(TrainingPlan.objects.visible_to(self.actor)).select_related(
            "institution__region", "room__site", "programme"
        )
        return get_object_or_404(
            rows.prefetch_related("days__teacher", "days__room__site", ITEMS), pk=self.kwargs["pk"]
        )

    @property
    def export_name(self) -> str:  # type: ignore[override]
        return f"本单位学员-{self.plan.name}"

    def queryset(self) -> QuerySet[Placement]:
        rows = Placement.objects.visible_to(self.actor).live().filter(plan=self.plan)
        return rows.select_related("plan", "enrollment__occupation", "enrollment__level").prefetch_related(
            "marks"
        )

    def row_url(self, row: Placement) -> str:
        return reverse("enterprise:person", args=[row.enrollment_id])

    def extra_context(self) -> dict[str, Any]:
        plan = self.plan
        closed = why_closed(self.actor, plan)
        begun = plan.stage not in {*TO_ENROLL, PlanStage.CLOSED}
        return {
            "plan": plan,
            "title": plan.name,
            "badge": stage_badge(plan),
            "period": period(plan),
            "closed": closed,
            "why_closed": "" if begun else closed,
            "items": list(plan.items.all()),
            "days": [
                (day, timezone.localtime(day.period.lower), timezone.localtime(day.period.upper))
                for day in plan.days.all()
            ],
        }


def why_closed(actor: Any, plan: TrainingPlan) -> str:
    """Why the organization cannot enroll into the plan now; empty when it can. Programme A's people are placed."""
    if not plan.programme.is_plan_first:
        return "这类学员报名缴费后由培训机构编入计划，不用在这里报名。"
    return why_not(check_open, actor, plan)


urlpatterns = [
    path("plans/", OpenPlans.as_view(), name="plans"),
    path("plans/mine/", OwnPlans.as_view(), name="plans_mine"),
    path("plans/<int:pk>/", PlanPage.as_view(), name="plan"),
]

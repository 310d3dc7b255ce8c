"""企业审核: registrations of applicant organizations (ORG-10)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.review.models import ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from zhupei.organizations import queries, services
from zhupei.organizations.models import Authority, Organization, OrganizationKind
from zhupei.organizations.review_items import REGISTRATION_ITEMS, REGISTRATION_REASONS
from zhupei.organizations.reviews import registration_snapshot
from zhupei.organizations.rules import building_words_in, is_local, registration_area
from zhupei.portals.authority.views import reviewing
from zhupei.portals.shared.access import portal_required
from zhupei.regions.models import Region, RegionLevel
from zhupei.regions.queries import within

STATE_TABS = [
    Tabs("todo", "待审核", [ReviewState.SUBMITTED, ReviewState.ACCEPTED], tone="wait"),
    Tabs("approved", "已审核", [ReviewState.APPROVED]),
    Tabs("rejected", "审核不通过", [ReviewState.REJECTED]),
    Tabs("draft", "未上报", [ReviewState.DRAFT]),
]


def regions_for(request: PortalRequest | None) -> QuerySet[Region]:
    """The province filters by city, a city by its counties."""
    if request is None:
        return Region.objects.none()
    body = request.actor.body
    if body.is_provincial:
        return Region.objects.filter(level=RegionLevel.CITY)
    return Region.objects.filter(parent=body.region)


class OrganizationTable(tables.ListTable):
    name = tables.TextColumn("单位名称", sub="uscc", sort=True, width=36)
    kind = tables.TextColumn("类型", accessor="get_kind_display")
    region = tables.TextColumn("地区", accessor="region__name", sort="region__code")
    supervisor = tables.TextColumn("审核部门", accessor="supervisor__name", width=28)
    submitted_at = tables.MinuteColumn("提交时间", accessor="review__submitted_at", sort=True)
    due = tables.BadgeColumn("办理期限", badge=lambda row: reviewing.light_of(row.review))
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")


class OrganizationFilter(ListFilter):
    q = SearchFilter(["name__icontains", "uscc__icontains"], label="单位名称或信用代码")
    region = django_filters.ModelChoiceFilter(
        label="地区", queryset=regions_for, method="in_region", empty_label="全部"
    )
    kind = django_filters.ChoiceFilter(label="类型", choices=OrganizationKind.choices, empty_label="全部")
    supervisor = django_filters.ModelChoiceFilter(
        label="审核部门", queryset=Authority.objects.order_by("region__code"), empty_label="全部"
    )

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        if actor is not None and not actor.body.is_provincial:
            del self.filters["supervisor"]
            self.form.fields.pop("supervisor", None)

    def in_region(self, rows: QuerySet[Organization], name: str, value: Region) -> QuerySet[Organization]:
        return rows.filter(within("region", value))


@method_decorator(portal_required("authority"), name="dispatch")
class Organizations(ListPage):
    page_title = "企业审核"
    table_class = OrganizationTable
    filterset_class = OrganizationFilter
    tabs_field = "review__state"
    tabs = STATE_TABS
    default_tab = "todo"
    order_by = ("review__submitted_at",)
    row_url = "authority:organization"
    unit = "家"
    export_name = "企业注册审核"
    empty_icon = "building-skyscraper"
    empty_title = "没有企业"
    empty_text = "企业在首页注册并提交后，会出现在这里。"

    def prepare(self) -> None:
        """A search from the top bar looks everywhere, not only among what waits."""
        if self.request.GET.get("q") and "tab" not in self.request.GET:
            self.default_tab = ""

    def queryset(self) -> QuerySet[Organization]:
        return queries.organization_list(self.request.actor)


def _found(request: PortalRequest, pk: int) -> Organization:
    return get_object_or_404(queries.organization_list(request.actor), pk=pk)


def _hints(organization: Organization) -> list[dict[str, str]]:
    """Three looks that take work off the reviewer; none of them decides."""
    area = registration_area(organization.uscc)
    place = Region.objects.filter(code=area).select_related("parent__parent").first()
    local = is_local(area, organization.region.code) or organization.is_provincial
    words = building_words_in(organization.scope)
    return [
        {
            "tone": "ok" if local else "wait",
            "label": "属地",
            "figure": f"登记地 {area}",
            "note": f"信用代码的登记地：{place.full_name if place else '外省或省级登记机关'}",
        },
        {
            "tone": "ok" if words else "wait",
            "label": "施工经营范围",
            "figure": f"{len(words)} 处" if words else "未见",
            "note": "含“" + "”“".join(words) + "”" if words else "经营范围里没有施工类字样，请人工核对",
        },
    ]


def _facts(organization: Organization, changed: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Label, value and, when it changed, what was there before."""
    return [
        {
            "key": key,
            "label": entry["label"],
            "value": entry["value"],
            "changed": key in changed,
            "before": changed[key]["before"] if key in changed else None,
        }
        for key, entry in registration_snapshot(organization).items()
        if not isinstance(entry["value"], dict) and key not in {"yyzz", "cns", "zzzs"}
    ]


@require_safe
@portal_required("authority")
def organization(request: PortalRequest, pk: int) -> HttpResponse:
    """One registration: papers left, data right, verdict below."""
    actor = request.actor
    row = _found(request, pk)
    review = row.review
    changed = reviewing.changed_since(review)
    papers = {paper.slot: paper.document for paper in row.documents.select_related("document")}
    place = queries.place_in_queue(queries.organization_list(actor), actor, row.pk)
    audit.record(actor, "organization.view", row)
    return render(
        request,
        "authority/organizations/detail.html",
        {
            "organization": row,
            "review": review,
            "light": reviewing.light_of(review),
            "images": reviewing.paper_images(papers, changed),
            "facts": _facts(row, changed),
            "changed": changed,
            "hints": _hints(row),
            "bar": queries.bar_in_force(row),
            "entries": reviewing.timeline(review, REGISTRATION_ITEMS),
            "reasons": REGISTRATION_REASONS,
            "items": list(REGISTRATION_ITEMS.items()),
            "given": reviewing.last_rejection(review, REGISTRATION_ITEMS),
            "may_decide": reviewing.may_decide(actor, review),
            "may_accept": reviewing.may_accept(actor, review),
            "place": place,
            "previous_url": reverse("authority:organization", args=[place.previous])
            if place.previous
            else "",
            "next_url": reverse("authority:organization", args=[place.next]) if place.next else "",
        },
    )


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    services.accept_review(request.actor, row.review)
    messages.success(request, f"已受理：{row}。受理后企业不能再撤回。")
    return redirect("authority:organization", pk=pk)


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve or reject, then on to the next one that waits."""
    actor = request.actor
    row = _found(request, pk)
    following = queries.place_in_queue(queries.organization_list(actor), actor, pk)
    messages.success(request, reviewing.decide(request, row.review, REGISTRATION_ITEMS))
    following_pk = following.next or following.previous
    if following_pk:
        return redirect("authority:organization", pk=following_pk)
    return redirect("authority:organizations")


urlpatterns = [
    path("organizations/", Organizations.as_view(), name="organizations"),
    path("organizations/<int:pk>/", organization, name="organization"),
    path("organizations/<int:pk>/accept/", accept, name="organization_accept"),
    path("organizations/<int:pk>/decide/", decide, name="organization_decide"),
]

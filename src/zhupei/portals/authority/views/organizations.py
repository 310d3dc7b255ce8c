"""企业审核: registrations of applicant organizations (ORG-10)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.decorators import method_decorator

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from zhupei.organizations import queries
from zhupei.organizations.models import Authority, Organization, OrganizationKind, Slot
from zhupei.organizations.reviews import REGISTRATION_KIND, registration_snapshot
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import DueColumn, ReviewCase, ReviewList, paper_images
from zhupei.regions.models import Region, RegionLevel
from zhupei.regions.queries import within


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
    due = DueColumn()
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
class Organizations(ReviewList):
    kind = REGISTRATION_KIND
    page_title = "企业审核"
    table_class = OrganizationTable
    filterset_class = OrganizationFilter
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


@method_decorator(portal_required("authority"), name="dispatch")
class OrganizationCase(ReviewCase):
    """One registration: papers left, data right, verdict below."""

    kind = REGISTRATION_KIND
    template_name = "authority/organizations/detail.html"
    page, queue, queue_title = "authority:organization", "authority:organizations", "企业审核"
    unit = "家"

    def rows(self) -> Any:
        return queries.organization_list(self.request.actor)

    def trail(self, row: Organization) -> list[tuple[str, str]]:
        return [(row.supervisor.region.name, "")]

    def shown(self, row: Organization, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        papers = {paper.slot: paper.document_id for paper in row.documents.all()}
        return {
            "images": paper_images(Slot.choices, papers, changed),
            "facts": _facts(row, changed),
            "bar": queries.bar_in_force(row),
        }


urlpatterns = [
    path("organizations/", Organizations.as_view(), name="organizations"),
    *OrganizationCase.urls("organizations/<int:pk>/"),
]

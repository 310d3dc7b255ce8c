"""变更审核: changes of name, code, region or affiliation (ORG-11)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.decorators import method_decorator

from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.parts import CompareRow, ViewerImage
from zhupei.organizations import queries
from zhupei.organizations.models import OrganizationChange, Slot
from zhupei.organizations.reviews import CHANGE_KIND
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import DueColumn, ReviewCase, ReviewList, document_image


class ChangeTable(tables.ListTable):
    organization = tables.TextColumn(
        "单位名称", accessor="organization__name", sub="organization__uscc", width=36
    )
    what = tables.TextColumn("变更项目", accessor="what", width=24)
    supervisor = tables.TextColumn("审核部门", accessor="supervisor__name", width=28)
    submitted_at = tables.MinuteColumn("提交时间", accessor="review__submitted_at", sort=True)
    due = DueColumn()
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")


class ChangeFilter(ListFilter):
    q = SearchFilter(
        ["organization__name__icontains", "organization__uscc__icontains", "name__icontains"],
        label="单位名称或信用代码",
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Changes(ReviewList):
    kind = CHANGE_KIND
    page_title = "变更审核"
    table_class = ChangeTable
    filterset_class = ChangeFilter
    row_url = "authority:change"
    export_name = "单位信息变更审核"
    empty_icon = "replace"
    empty_title = "没有变更申请"
    empty_text = "企业申请变更名称、信用代码、地区或审核部门后，会出现在这里。"

    def queryset(self) -> QuerySet[OrganizationChange]:
        return queries.change_list(self.request.actor)


def _images(change: OrganizationChange) -> list[ViewerImage]:
    """The new papers, each followed by the one in force."""
    in_force = {
        paper.slot: paper.document for paper in change.organization.documents.select_related("document")
    }
    images = []
    for slot, new in ((Slot.LICENSE, change.license), (Slot.LETTER, change.letter)):
        old = in_force.get(slot.value)
        pairs = [(f"{slot.label}（新）", new, "wait"), (f"{slot.label}（现用）", old, "")]
        if new is not None and old is not None and new.pk == old.pk:
            pairs = [(str(slot.label), new, "")]
        for label, document, tone in pairs:
            if document is not None:
                images.append(document_image(label, document.pk, label, tone))
    return images


def _compared(change: OrganizationChange) -> list[CompareRow]:
    """What held when it was handed in beside what is applied for."""
    return [
        CompareRow(entry["label"], [entry["old"], entry["value"]])
        for entry in change.review.latest_snapshot.values()
        if "old" in entry
    ]


@method_decorator(portal_required("authority"), name="dispatch")
class ChangeCase(ReviewCase):
    """One change: the papers in force and the new ones left, old and new values right."""

    kind = CHANGE_KIND
    template_name = "authority/changes/detail.html"
    page, queue, queue_title = "authority:change", "authority:changes", "变更审核"
    unit = "项"

    def rows(self) -> Any:
        return queries.change_list(self.request.actor)

    def title(self, row: OrganizationChange) -> str:
        return str(row.organization)

    def trail(self, row: OrganizationChange) -> list[tuple[str, str]]:
        return [(row.what, "")]

    def shown(self, row: OrganizationChange, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        return {"change": row, "images": _images(row), "rows": _compared(row)}


urlpatterns = [
    path("changes/", Changes.as_view(), name="changes"),
    *ChangeCase.urls("changes/<int:pk>/"),
]

"""变更审核: changes of name, code, region or affiliation (ORG-11)."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.ui.parts import CompareRow, ViewerImage
from zhupei.organizations import queries, services
from zhupei.organizations.models import OrganizationChange, Slot
from zhupei.organizations.review_items import CHANGE_ITEMS, CHANGE_REASONS
from zhupei.portals.authority.views import reviewing
from zhupei.portals.authority.views.organizations import STATE_TABS
from zhupei.portals.shared.access import portal_required


class ChangeTable(tables.ListTable):
    organization = tables.TextColumn(
        "单位名称", accessor="organization__name", sub="organization__uscc", width=36
    )
    what = tables.TextColumn("变更项目", accessor="what", width=24)
    supervisor = tables.TextColumn("审核部门", accessor="supervisor__name", width=28)
    submitted_at = tables.MinuteColumn("提交时间", accessor="review__submitted_at", sort=True)
    due = tables.BadgeColumn("办理期限", badge=lambda row: reviewing.light_of(row.review))
    state = tables.StateColumn("审核状态", accessor="review__state", field="review__state")


class ChangeFilter(ListFilter):
    q = SearchFilter(
        ["organization__name__icontains", "organization__uscc__icontains", "name__icontains"],
        label="单位名称或信用代码",
    )


@method_decorator(portal_required("authority"), name="dispatch")
class Changes(ListPage):
    page_title = "变更审核"
    table_class = ChangeTable
    filterset_class = ChangeFilter
    tabs_field = "review__state"
    tabs = STATE_TABS
    default_tab = "todo"
    order_by = ("review__submitted_at",)
    row_url = "authority:change"
    export_name = "单位信息变更审核"
    empty_icon = "replace"
    empty_title = "没有变更申请"
    empty_text = "企业申请变更名称、信用代码、地区或审核部门后，会出现在这里。"

    def queryset(self) -> QuerySet[OrganizationChange]:
        return queries.change_list(self.request.actor)


def _found(request: PortalRequest, pk: int) -> OrganizationChange:
    return get_object_or_404(queries.change_list(request.actor), pk=pk)


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
                url = reverse("shared:document", args=[document.pk])
                images.append(ViewerImage(label, url, thumb=f"{url}?thumb=1", key=label, tone=tone))
    return images


def _compared(change: OrganizationChange) -> list[CompareRow]:
    """What held when it was handed in beside what is applied for."""
    return [
        CompareRow(entry["label"], [entry["old"], entry["value"]])
        for entry in change.review.latest_snapshot.values()
        if "old" in entry
    ]


@require_safe
@portal_required("authority")
def change(request: PortalRequest, pk: int) -> HttpResponse:
    actor = request.actor
    row = _found(request, pk)
    place = queries.place_in_queue(queries.change_list(actor), actor, row.pk)
    audit.record(actor, "organization_change.view", row)
    return render(
        request,
        "authority/changes/detail.html",
        {
            "change": row,
            "review": row.review,
            "light": reviewing.light_of(row.review),
            "images": _images(row),
            "rows": _compared(row),
            "resubmitted": list(reviewing.changed_since(row.review).values()),
            "entries": reviewing.timeline(row.review, CHANGE_ITEMS),
            "reasons": CHANGE_REASONS,
            "items": list(CHANGE_ITEMS.items()),
            "given": reviewing.last_rejection(row.review, CHANGE_ITEMS),
            "may_decide": reviewing.may_decide(actor, row.review),
            "may_accept": reviewing.may_accept(actor, row.review),
            "place": place,
            "previous_url": reverse("authority:change", args=[place.previous]) if place.previous else "",
            "next_url": reverse("authority:change", args=[place.next]) if place.next else "",
        },
    )


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    services.accept_review(request.actor, row.review)
    messages.success(request, f"已受理：{row}。受理后企业不能再撤回。")
    return redirect("authority:change", pk=pk)


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    actor = request.actor
    row = _found(request, pk)
    following = queries.place_in_queue(queries.change_list(actor), actor, pk)
    messages.success(request, reviewing.decide(request, row.review, CHANGE_ITEMS))
    following_pk = following.next or following.previous
    return redirect("authority:change", pk=following_pk) if following_pk else redirect("authority:changes")


urlpatterns = [
    path("changes/", Changes.as_view(), name="changes"),
    path("changes/<int:pk>/", change, name="change"),
    path("changes/<int:pk>/accept/", accept, name="change_accept"),
    path("changes/<int:pk>/decide/", decide, name="change_decide"),
]

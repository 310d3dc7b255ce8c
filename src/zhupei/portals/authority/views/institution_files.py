"""培训机构 → 机构备案: the file of an institution, accepted, then approved or rejected (ORG-12)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.ui.parts import ViewerImage
from zhupei.organizations import queries, services
from zhupei.organizations.filing import changed_since_filing, file_snapshot
from zhupei.organizations.models import FileSlot, Institution
from zhupei.organizations.review_items import FILE_ITEMS, FILE_REASONS
from zhupei.portals.authority.views import reviewing
from zhupei.portals.shared.access import portal_required


def _found(request: PortalRequest, pk: int) -> Institution:
    rows = queries.institution_list(request.actor).filter(review__isnull=False)
    return get_object_or_404(rows, pk=pk)


def _images(values: dict[str, Any], changed: dict[str, dict[str, Any]]) -> list[ViewerImage]:
    """The papers, a replaced one followed by what was there before."""
    images: list[ViewerImage] = []
    for slot in FileSlot:
        change = changed.get(slot.value)
        shown = [(values[slot.value]["value"], f"{slot.label}（新）" if change else str(slot.label), "wait")]
        shown.append(((change or {}).get("before"), f"{slot.label}（上次）", ""))
        for paper, label, tone in shown:
            if paper:
                url = reverse("shared:document", args=[paper["document"]])
                images.append(
                    ViewerImage(
                        label, url, thumb=f"{url}?thumb=1", key=paper["document"], tone=tone if change else ""
                    )
                )
    return images


def _facts(values: dict[str, Any], changed: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything but the papers, each item's lines, and what was there before where it changed."""
    return [
        {
            "label": entry["label"],
            "lines": _lines(entry["value"]),
            "changed": key in changed,
            "before": _lines(changed[key]["before"]) if key in changed else [],
        }
        for key, entry in values.items()
        if key not in FileSlot.values
    ]


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(line) for line in value]
    return str(value).splitlines() if value else []


@require_safe
@portal_required("authority")
def file(request: PortalRequest, pk: int) -> HttpResponse:
    """Papers left, what is on file right, verdict below; of a filed one what it has changed since."""
    actor = request.actor
    row = _found(request, pk)
    review = row.review
    assert review is not None
    values = file_snapshot(row)
    decided = review.state == "approved"
    changed = changed_since_filing(row) if decided else reviewing.changed_since(review)
    rows = queries.institution_list(actor)
    place = queries.place_in_queue(rows, actor, row.pk)
    audit.record(actor, "institution.file_view", row)
    context = {
        "institution": row,
        "review": review,
        "light": reviewing.light_of(review),
        "images": _images(values, changed),
        "facts": _facts(values, changed),
        "changed": changed,
        "decided": decided,
        "entries": reviewing.timeline(review, FILE_ITEMS),
        "reasons": FILE_REASONS,
        "items": list(FILE_ITEMS.items()),
        "given": reviewing.last_rejection(review, FILE_ITEMS),
        "may_decide": reviewing.may_decide(actor, review),
        "may_accept": reviewing.may_accept(actor, review),
        "place": place,
        "previous_url": _url(place.previous),
        "next_url": _url(place.next),
    }
    return render(request, "authority/institution_files/file.html", context)


def _url(pk: int | None) -> str:
    return reverse("authority:institution_file", args=[pk]) if pk else ""


@require_POST
@portal_required("authority")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    assert row.review is not None
    actor = request.actor
    services.accept_review(actor, row.review)
    messages.success(request, f"已受理：{row}。机构不能再撤回。{reviewing.after_acceptance(actor)}")
    return redirect("authority:institution_file", pk=pk)


@require_POST
@portal_required("authority")
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve or reject, then on to the next one that waits."""
    row = _found(request, pk)
    assert row.review is not None
    actor = request.actor
    place = queries.place_in_queue(queries.institution_list(actor), actor, pk)
    messages.success(request, reviewing.decide(request, row.review, FILE_ITEMS))
    following = place.next or place.previous
    if following:
        return redirect("authority:institution_file", pk=following)
    return redirect("authority:institutions")


urlpatterns = [
    path("institutions/<int:pk>/file/", file, name="institution_file"),
    path("institutions/<int:pk>/file/accept/", accept, name="institution_file_accept"),
    path("institutions/<int:pk>/file/decide/", decide, name="institution_file_decide"),
]

"""单位信息: the profile, what is changed at once, and what goes to review (ORG-11)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.review.services import REVIEW
from foundation.review.words import reasons_given
from foundation.ui.parts import CompareRow
from zhupei.accounts import services as accounts
from zhupei.organizations import queries, services
from zhupei.organizations.data import ContactData
from zhupei.organizations.models import OrganizationChange, Slot
from zhupei.organizations.roles import Capability
from zhupei.organizations.services.changes import unfinished_change
from zhupei.portals.enterprise import organization_documents
from zhupei.portals.enterprise.organization_forms import ChangeForm, ContactForm
from zhupei.portals.enterprise.views.registration import checked_phone, own_organization
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.organization_documents import slot_rows
from zhupei.portals.shared.review_pages import submitters_record

CHANGE_SLOTS = (Slot.LICENSE, Slot.LETTER)


def _compared(change: OrganizationChange) -> list[CompareRow]:
    """What differs only: what held when it was handed in beside what is applied for."""
    rows = [
        CompareRow(entry["label"], [entry["old"], entry["value"]])
        for entry in change.review.latest_snapshot.values()
        if "old" in entry
    ]
    return [row for row in rows if row.is_different]


@require_safe
@portal_required("enterprise")
def profile(request: PortalRequest) -> HttpResponse:
    row = own_organization(request)
    change = unfinished_change(row)
    present = {paper.slot: paper.document for paper in row.documents.select_related("document")}
    context: dict[str, Any] = {
        "organization": row,
        "bar": queries.bar_in_force(row),
        "slots": slot_rows(organization_documents.UPLOAD_TO, Slot, present, {}, {}),
        "change": change,
        "heads": ["原来", "变更为"],
        "past": row.changes.filter(review__state="approved").select_related("review").order_by("-pk")[:10],
    }
    if change is not None:
        context |= {
            "rows": _compared(change),
            "entries": submitters_record(change.review),
            "reasons": reasons_given(change.review),
            "may_withdraw": REVIEW.can(request.actor, change.review, "withdraw"),
        }
    return render(request, "enterprise/profile/profile.html", context)


@require_http_methods(["GET", "POST"])
@portal_required("enterprise", needs=Capability.KEEP_PROFILE)
def contact(request: PortalRequest) -> HttpResponse:
    """Stored at once; a new responsible phone needs the code sent to it."""
    row = own_organization(request)
    form = ContactForm(
        request.POST or None, initial={name: getattr(row, name) for name in ContactData.__dataclass_fields__}
    )
    if request.method == "POST" and form.is_valid():
        data = form.data_for_service()
        with refusals_at(form):
            code = checked_phone(row.responsible_phone, data.responsible_phone, form.cleaned_data["code"])
            with transaction.atomic():
                if code is not None:
                    accounts.use_code(code)
                services.update_contact(request.actor, row, data)
            return done(request, "联系方式已保存。", "enterprise:profile")
    return render(request, "enterprise/profile/contact.html", {"form": form, "organization": row})


@require_http_methods(["GET", "POST"])
@portal_required("enterprise", needs=Capability.KEEP_PROFILE)
def change(request: PortalRequest) -> HttpResponse:
    """Apply, or correct what was rejected or taken back; everything is filled in."""
    row = own_organization(request)
    pending = unfinished_change(row)
    if pending is not None and pending.review.is_waiting:
        messages.info(request, "已有一项变更正在审核，请等待结果，或先撤回再修改。")
        return redirect("enterprise:profile")
    new = organization_documents.uploaded(request, CHANGE_SLOTS) if request.method == "POST" else {}
    form = ChangeForm(request.POST or None, initial=ChangeForm.initial_of(pending or row))
    wrong: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        with organization_documents.refusals_at(form, wrong):
            services.request_change(request.actor, row, form.typed(), new)
            return done(request, "变更申请已提交。审核通过前，原信息继续有效。", "enterprise:profile")
    before = {}
    if pending is not None:
        attached = {Slot.LICENSE.value: pending.license, Slot.LETTER.value: pending.letter}
        before = {slot: paper for slot, paper in attached.items() if paper is not None}
    context = {
        "form": form,
        "organization": row,
        "slots": slot_rows(organization_documents.UPLOAD_TO, CHANGE_SLOTS, before, new, wrong),
        "reasons": reasons_given(pending.review) if pending is not None else [],
    }
    return render(request, "enterprise/profile/change.html", context)


@require_POST
@portal_required("enterprise")
def withdraw_change(request: PortalRequest, pk: int) -> HttpResponse:
    rows = OrganizationChange.objects.visible_to(request.actor).select_related("review")
    services.withdraw_change(request.actor, get_object_or_404(rows, pk=pk))
    return done(request, "已撤回变更申请。", "enterprise:profile")


urlpatterns = [
    path("profile/", profile, name="profile"),
    path("profile/contact/", contact, name="profile_contact"),
    path("profile/change/", change, name="profile_change"),
    path("profile/changes/<int:pk>/withdraw/", withdraw_change, name="profile_change_withdraw"),
]

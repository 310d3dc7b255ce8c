"""单人录入 and 修改信息: one person by form (ENR-06, ENR-08)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from zhupei.catalog.models import Offer
from zhupei.enrollment import admission, rules, services
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.enrollment.services import EntryData
from zhupei.organizations.roles import Capability
from zhupei.portals.enterprise.forms import EntryForm
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import Refusals, done
from zhupei.training import services as training
from zhupei.training.models import PlanItem


@portal_required("enterprise", needs=Capability.ENROLL)
def single(request: PortalRequest, pk: int) -> HttpResponse:
    """Enroll one person for an offer, into a batch of its own."""
    rows = Offer.objects.visible_to(request.actor).select_related(
        "institution", "occupation__programme", "level"
    )
    offer = get_object_or_404(rows, pk=pk)
    return enter(request, offer, None, reverse("enterprise:enroll_offer", args=[pk]))


@portal_required("enterprise", needs=Capability.ENROLL)
def add(request: PortalRequest, pk: int) -> HttpResponse:
    """Enroll one more person into a batch that is there."""
    rows = Batch.objects.visible_to(request.actor).select_related(
        "offer__institution", "offer__occupation__programme", "offer__level"
    )
    batch = get_object_or_404(rows, pk=pk)
    item = training.item_of_batch(batch)
    return enter(request, batch.offer, batch, reverse("enterprise:batch", args=[pk]), item=item)


def enter(
    request: PortalRequest, offer: Offer, batch: Batch | None, back: str, *, item: PlanItem | None = None
) -> HttpResponse:
    """The form of one person for `offer`; with `item` the person takes a seat in that plan."""
    actor: Any = request.actor
    try:
        admission.check_offer(actor, offer, into_plan=item is not None)
        if item is not None:
            training.check_open(actor, item.plan)
    except DomainError as no:
        messages.error(request, no.message)
        return redirect(back)
    blank = EntryData("", "", "", "", "", actor.body.name)
    form = EntryForm(request.POST or None, initial=blank)
    if request.method == "POST" and form.is_valid():
        with Refusals(form.refuse):
            enrollment = (
                training.enroll_one_into_plan(actor, item, form.entry(), batch=batch)
                if item is not None
                else services.enroll_single(actor, offer, form.entry(), batch=batch)
            )
            return done(
                request, f"{enrollment.name}已录入，接下来上传报名资料。", "enterprise:person", enrollment.pk
            )
    context = {
        "title": "增加一人" if batch else "单人录入",
        "form": form,
        "offer": offer,
        "batch": batch,
        "plan": item.plan if item else None,
        "back": back,
        "draft": f"entry-{batch.pk if batch else 0}-{item.pk if item else 0}-{offer.pk}",
    }
    return render(request, "enterprise/enroll/single.html", context)


@portal_required("enterprise", needs=Capability.ENROLL)
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change an enrollment that is not handed in, or was returned."""
    rows = Enrollment.objects.visible_to(request.actor).select_related(
        "batch__offer__occupation", "batch__offer__level", "batch__offer__institution"
    )
    enrollment = get_object_or_404(rows, pk=pk)
    back = reverse("enterprise:person", args=[pk])
    if sentence := rules.why_not_editable(enrollment.state):
        messages.error(request, sentence)
        return redirect(back)
    form = EntryForm(request.POST or None, initial=EntryData.of(enrollment))
    if request.method == "POST" and form.is_valid():
        with Refusals(form.refuse):
            services.update_enrollment(request.actor, enrollment, form.entry())
            return done(request, "已保存修改。", back)
    context = {
        "title": f"修改信息：{enrollment.name}",
        "form": form,
        "offer": enrollment.batch.offer,
        "batch": enrollment.batch,
        "enrollment": enrollment,
        "reasons": rules.worded(enrollment.reasons),
        "back": back,
        "draft": f"person-{enrollment.pk}",
    }
    return render(request, "enterprise/enroll/single.html", context)


urlpatterns = [
    path("enroll/new/<int:pk>/single/", single, name="enroll_single"),
    path("enroll/batches/<int:pk>/add/", add, name="batch_add"),
    path("people/<int:pk>/edit/", edit, name="person_edit"),
]

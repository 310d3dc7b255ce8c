"""Enrolling into one trade of a plan: by a roster or one person by form (ENR-07)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.errors import why_not
from foundation.requests import PortalRequest
from foundation.ui.parts import steps_of
from zhupei.enrollment import admission, rules
from zhupei.enrollment.models import RosterImport
from zhupei.organizations.roles import Capability
from zhupei.portals.enterprise.views.enroll import roster_facts, take_roster
from zhupei.portals.enterprise.views.plans import period, stage_badge, why_closed
from zhupei.portals.enterprise.views.single import enter
from zhupei.portals.shared.access import portal_required
from zhupei.training import plan_queries as queries
from zhupei.training import services
from zhupei.training.models import PlanItem, TrainingPlan


def _item(request: PortalRequest, pk: int, item: int) -> tuple[Any, PlanItem]:
    """The plan with its dates and the trade."""
    plans = queries.with_dates(TrainingPlan.objects.visible_to(request.actor))
    plan = get_object_or_404(plans.select_related("institution", "programme"), pk=pk)
    rows = plan.items.select_related(
        "occupation__programme", "level", "offer__institution", "offer__occupation__programme", "offer__level"
    )
    found = get_object_or_404(rows, pk=item)
    found.plan = plan
    return plan, found


@portal_required("enterprise", needs=Capability.ENROLL)
@require_safe
def trade(request: PortalRequest, pk: int, item: int) -> HttpResponse:
    """The chosen trade of a plan: template, drop zone, what was uploaded and not confirmed yet."""
    actor = request.actor
    plan, chosen = _item(request, pk, item)
    closed = why_closed(actor, plan) or why_not(admission.check_offer, actor, chosen.offer, into_plan=True)
    rosters = RosterImport.objects.visible_to(actor).filter(pk__in=queries.rosters_for(chosen))
    context = {
        "plan": plan,
        "item": chosen,
        "title": f"报名：{chosen}",
        "badge": stage_badge(plan),
        "period": period(plan),
        "closed": closed,
        "steps": steps_of(rules.STEPS_INTO_PLAN, 0),
        "upload_url": reverse("enterprise:plan_upload", args=[pk, item]),
        "single_url": reverse("enterprise:plan_single", args=[pk, item]),
        **roster_facts(rosters),
    }
    return render(request, "enterprise/plans/trade.html", context)


@portal_required("enterprise", needs=Capability.ENROLL)
@require_POST
def upload(request: PortalRequest, pk: int, item: int) -> HttpResponse:
    """Take a roster for the trade."""
    _, chosen = _item(request, pk, item)
    return take_roster(request, partial(services.start_plan_roster, request.actor, chosen))


@portal_required("enterprise", needs=Capability.ENROLL)
def single(request: PortalRequest, pk: int, item: int) -> HttpResponse:
    """Enroll one person by form."""
    plan, chosen = _item(request, pk, item)
    back = reverse("enterprise:plan_enroll", args=[pk, item])
    if closed := why_closed(request.actor, plan):
        messages.error(request, closed)
        return redirect(back)
    return enter(request, chosen.offer, None, back, item=chosen)


urlpatterns = [
    path("plans/<int:pk>/enroll/<int:item>/", trade, name="plan_enroll"),
    path("plans/<int:pk>/enroll/<int:item>/upload/", upload, name="plan_upload"),
    path("plans/<int:pk>/enroll/<int:item>/single/", single, name="plan_single"),
]

"""考务资料 of an assessment plan: tickets, sign-in sheets, summary sheets, door labels (ASM-04)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from foundation.requests import PortalRequest
from zhupei.assessment.documents.files import MOST_AT_ONCE, PRINTOUTS
from zhupei.assessment.models import PUBLISHED_STAGES, AssessmentPlan
from zhupei.assessment.services.printouts import jobs_of, start_printout
from zhupei.portals.institution.views.assessments import frame, own_assessment
from zhupei.portals.shared import printouts
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import refusals_lead_to

PAGE = "institution:assessment_printouts"


def _published(request: PortalRequest, pk: int) -> AssessmentPlan:
    """The plan once it has ticket numbers; 404 before."""
    plan = own_assessment(request, pk)
    if plan.stage not in PUBLISHED_STAGES:
        raise Http404
    return plan


@require_safe
@portal_required("institution")
def assessment_printouts(request: PortalRequest, pk: int) -> HttpResponse:
    """All printouts; those of many people with photos are made in the background."""
    actor = request.actor
    plan = _published(request, pk)
    people: int = plan.people  # type: ignore[attr-defined]
    many = people > MOST_AT_ONCE
    jobs: dict[str, Any] = {}
    for job in jobs_of(actor, plan) if many else []:
        jobs.setdefault(job.arguments["paper"], job)
    rows = [
        {
            "printout": printout,
            "formats": [each for each in printout.formats if not printout.is_long(each[0], people)],
            "is_long": printout.is_long("pdf", people),
            "job": jobs.get(key),
        }
        for key, printout in PRINTOUTS.items()
    ]
    context = frame(plan, PAGE) | {"rows": rows, "many": many}
    return render(request, "institution/assessments/printouts.html", context)


@require_safe
@portal_required("institution")
@refusals_lead_to(PAGE, "pk")
def assessment_printout(request: PortalRequest, pk: int, printout: str, ext: str) -> HttpResponse:
    """One printout; a long one leads to the page where it is made."""
    plan = _published(request, pk)
    found = printouts.printout_or_404(printout, ext)
    if found.is_long(ext, plan.people):  # type: ignore[attr-defined]
        return redirect(PAGE, pk=pk)
    return printouts.printout_response(request.actor, plan, found, ext)


@require_POST
@portal_required("institution")
def assessment_printout_make(request: PortalRequest, pk: int, printout: str) -> HttpResponse:
    """生成: the page shows how far it is, and the file afterwards."""
    plan = _published(request, pk)
    printouts.printout_or_404(printout, "pdf")
    start_printout(request.actor, plan, printout)
    return redirect(PAGE, pk=pk)


urlpatterns = [
    path("assessments/<int:pk>/papers/", assessment_printouts, name="assessment_printouts"),
    path(
        "assessments/<int:pk>/papers/<slug:printout>/make/",
        assessment_printout_make,
        name="assessment_printout_make",
    ),
    path(
        "assessments/<int:pk>/papers/<slug:printout>.<slug:ext>",
        assessment_printout,
        name="assessment_printout",
    ),
]

"""考务资料 of an assessment plan: tickets, sign-in sheets, summary sheets, door labels (ASM-04)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from zhupei.assessment.documents.files import MOST_AT_ONCE, PAPERS
from zhupei.assessment.models import PUBLISHED_STAGES, AssessmentPlan
from zhupei.assessment.services import papers
from zhupei.portals.institution.views.assessments import frame, own_assessment
from zhupei.portals.shared import exam_papers
from zhupei.portals.shared.access import portal_required

PAGE = "institution:assessment_papers"


def _published(request: PortalRequest, pk: int) -> AssessmentPlan:
    """The plan once it has ticket numbers; 404 before."""
    plan = own_assessment(request, pk)
    if plan.stage not in PUBLISHED_STAGES:
        raise Http404
    return plan


@require_safe
@portal_required("institution")
def assessment_papers(request: PortalRequest, pk: int) -> HttpResponse:
    """All papers; those of many people with photos are made in the background."""
    actor = request.actor
    plan = _published(request, pk)
    people: int = plan.people or 0  # type: ignore[attr-defined]
    many = people > MOST_AT_ONCE
    jobs: dict[str, Any] = {}
    for job in papers.jobs_of(actor, plan) if many else []:
        jobs.setdefault(job.arguments["paper"], job)
    rows = [
        {
            "paper": paper,
            "formats": [each for each in paper.formats if not paper.is_long(each[0], people)],
            "is_long": paper.is_long("pdf", people),
            "job": jobs.get(key),
        }
        for key, paper in PAPERS.items()
    ]
    context = frame(plan, PAGE) | {"rows": rows, "many": many}
    return render(request, "institution/assessments/papers.html", context)


@require_safe
@portal_required("institution")
def assessment_paper(request: PortalRequest, pk: int, paper: str, ext: str) -> HttpResponse:
    """One paper; a long one leads to the page where it is made."""
    plan = _published(request, pk)
    found = exam_papers.paper_or_404(paper, ext)
    if found.is_long(ext, plan.people or 0):  # type: ignore[attr-defined]
        return redirect(PAGE, pk=pk)
    try:
        return exam_papers.paper_response(request.actor, plan, found, ext)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(PAGE, pk=pk)


@require_POST
@portal_required("institution")
def assessment_paper_make(request: PortalRequest, pk: int, paper: str) -> HttpResponse:
    """生成: the page shows how far it is, and the file afterwards."""
    plan = _published(request, pk)
    exam_papers.paper_or_404(paper, "pdf")
    papers.start_papers(request.actor, plan, paper)
    return redirect(PAGE, pk=pk)


urlpatterns = [
    path("assessments/<int:pk>/papers/", assessment_papers, name="assessment_papers"),
    path(
        "assessments/<int:pk>/papers/<slug:paper>/make/", assessment_paper_make, name="assessment_paper_make"
    ),
    path("assessments/<int:pk>/papers/<slug:paper>.<slug:ext>", assessment_paper, name="assessment_paper"),
]

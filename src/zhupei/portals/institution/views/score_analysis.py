"""试题分析 and 雷同分析 of one plan, for those who answer for its scores (EXM-09)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from zhupei.organizations.roles import Capability
from zhupei.portals.institution.views.scores import frame, own_report
from zhupei.portals.shared import analysis_pages
from zhupei.portals.shared.access import portal_required


@require_safe
@portal_required("institution", needs=Capability.ASSESS)
def score_questions(request: PortalRequest, pk: int) -> HttpResponse:
    """试题分析: codes and figures; what a question says and its key stay with the province's bank."""
    report = own_report(request, pk)
    context = frame(request, report, "institution:score_questions")
    context |= analysis_pages.questions(report.plan, show_all=request.GET.get("all") == "1")
    return render(request, "institution/scores/questions.html", context)


@require_safe
@portal_required("institution", needs=Capability.ASSESS)
def score_likeness(request: PortalRequest, pk: int) -> HttpResponse:
    """雷同分析 room by room."""
    report = own_report(request, pk)
    context = frame(request, report, "institution:score_likeness") | analysis_pages.likeness(report.plan)
    audit.record(request.actor, "score_report.likeness", report)
    return render(request, "institution/scores/likeness.html", context)


@require_safe
@portal_required("institution", needs=Capability.ASSESS)
def score_pair(request: PortalRequest, pk: int, one: int, other: int) -> HttpResponse:
    """Two people side by side."""
    report = own_report(request, pk)
    context = frame(request, report, "institution:score_likeness")
    context |= analysis_pages.pair(report.plan, one, other)
    audit.record(request.actor, "score_report.pair", report, one=one, other=other)
    return render(request, "institution/scores/pair.html", context)


urlpatterns = [
    path("scores/<int:pk>/questions/", score_questions, name="score_questions"),
    path("scores/<int:pk>/likeness/", score_likeness, name="score_likeness"),
    path("scores/<int:pk>/likeness/<int:one>/<int:other>/", score_pair, name="score_pair"),
]

"""试题分析 and 雷同分析 of a reported exam, for the authority (EXM-09)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.ui.parts import Tab
from zhupei.exam.bank.machine import keeps_bank
from zhupei.exam.scores.models import ScoreReport
from zhupei.portals.authority.views.scores import own_report
from zhupei.portals.shared import analysis_pages
from zhupei.portals.shared.access import portal_required

TABS = [
    ("成绩审核", "authority:score"),
    ("人员成绩明细", "authority:score_people"),
    ("试题分析", "authority:score_questions"),
    ("雷同分析", "authority:score_likeness"),
]


def frame(report: ScoreReport, active: str) -> dict[str, Any]:
    """What every page of an analysis shows around its own content."""
    tabs = [Tab(label, reverse(name, args=[report.pk]), active=name == active) for label, name in TABS]
    return {"report": report, "plan": report.plan, "tabs": tabs}


@require_safe
@portal_required("authority")
def score_questions(request: PortalRequest, pk: int) -> HttpResponse:
    """试题分析; who keeps the bank gets from a code to the question itself."""
    report = own_report(request, pk)
    context = frame(report, "authority:score_questions")
    context |= analysis_pages.questions(report.plan, show_all=request.GET.get("all") == "1")
    if keeps_bank(request.actor, None):
        context["question_url_name"] = "authority:bank_question"
    return render(request, "authority/scores/questions.html", context)


@require_safe
@portal_required("authority")
def score_likeness(request: PortalRequest, pk: int) -> HttpResponse:
    """雷同分析 room by room."""
    report = own_report(request, pk)
    audit.record(request.actor, "score_report.likeness", report)
    context = frame(report, "authority:score_likeness") | analysis_pages.likeness(report.plan)
    return render(request, "authority/scores/likeness.html", context)


@require_safe
@portal_required("authority")
def score_pair(request: PortalRequest, pk: int, one: int, other: int) -> HttpResponse:
    """Two people side by side."""
    report = own_report(request, pk)
    context = frame(report, "authority:score_likeness") | analysis_pages.pair(report.plan, one, other)
    audit.record(request.actor, "score_report.pair", report, one=one, other=other)
    return render(request, "authority/scores/pair.html", context)


urlpatterns = [
    path("scores/<int:pk>/questions/", score_questions, name="score_questions"),
    path("scores/<int:pk>/likeness/", score_likeness, name="score_likeness"),
    path("scores/<int:pk>/likeness/<int:one>/<int:other>/", score_pair, name="score_pair"),
]

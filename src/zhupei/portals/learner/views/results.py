"""考试成绩 of the learner's own, and 成绩申诉 (SCO-02)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.review.models import ReviewState
from foundation.ui.states import badge_of_choice
from zhupei.assessment.models import Candidate
from zhupei.exam.hall.models import FINISHED, Attempt
from zhupei.exam.scores.models import AppealState, ScoreAppeal, ScoreLine
from zhupei.exam.scores.services import appeals
from zhupei.portals.shared import score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done


def _own(request: PortalRequest, pk: int) -> Candidate:
    rows = Candidate.objects.visible_to(request.actor).select_related(
        "plan__institution",
        "enrollment__person",
        "enrollment__occupation",
        "enrollment__level",
        "exam_room__session",
    )
    return get_object_or_404(rows, pk=pk)


@never_cache
@require_safe
@portal_required("learner")
def result(request: PortalRequest, pk: int) -> HttpResponse:
    """The theory score as soon as the paper was submitted, the result once the authority has approved it."""
    candidate = _own(request, pk)
    attempt = Attempt.objects.filter(candidate=candidate).first()
    line = ScoreLine.objects.filter(candidate=candidate, report__review__state=ReviewState.APPROVED).first()
    rows = list(ScoreAppeal.objects.filter(candidate=candidate).order_by("-created_at"))
    why_not = appeals.why_not(candidate)
    context = {
        "candidate": candidate,
        "plan": candidate.plan,
        "attempt": attempt,
        "score": attempt.score if attempt is not None and attempt.state in FINISHED else None,
        "line": line,
        "badge": score_pages.result_badge(line) if line is not None else None,
        "appeals": [(row, badge_of_choice(AppealState(row.state))) for row in rows],
        "may_appeal": not why_not,
        "why_not": why_not if attempt is not None and not rows else "",
        "until": appeals.appeal_until(candidate.plan),
        "reason": request.session.pop(f"appeal-{pk}", ""),
    }
    return render(request, "learner/result.html", context)


@require_POST
@portal_required("learner")
def appeal(request: PortalRequest, pk: int) -> HttpResponse:
    """提交申诉; what was typed is kept when it is refused."""
    candidate = _own(request, pk)
    reason = request.POST.get("reason", "")
    request.session[f"appeal-{pk}"] = reason[:2000]
    appeals.file_appeal(request.actor, candidate, reason)
    del request.session[f"appeal-{pk}"]
    return done(request, "申诉已提交，培训机构复核后会用短信通知您。", "learner:result", pk=pk)


@require_POST
@portal_required("learner")
def appeal_withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """撤回申诉."""
    candidate = _own(request, pk)
    row = get_object_or_404(
        ScoreAppeal.objects.visible_to(request.actor), candidate=candidate, state=AppealState.SUBMITTED
    )
    appeals.withdraw_appeal(request.actor, row)
    return done(request, "申诉已撤回。", "learner:result", pk=pk)


urlpatterns = [
    path("results/<int:pk>/", result, name="result"),
    path("results/<int:pk>/appeal/", appeal, name="appeal"),
    path("results/<int:pk>/appeal/withdraw/", appeal_withdraw, name="appeal_withdraw"),
]

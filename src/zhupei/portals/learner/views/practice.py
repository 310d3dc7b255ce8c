"""模拟练习: a question a screen, saved with every step, the key and explanations once it was handed in (EXM-09)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui.given import number_in
from zhupei.exam.bank.models import QuestionType
from zhupei.exam.practice import services
from zhupei.exam.practice.models import Practice
from zhupei.portals.shared.access import portal_required

AT_ONCE = 20
FINISH = "finish"


def _own(request: PortalRequest, pk: int) -> Practice:
    rows = Practice.objects.visible_to(request.actor).select_related("occupation", "level")
    return get_object_or_404(rows, pk=pk)


@never_cache
@require_safe
@portal_required("learner")
def practices(request: PortalRequest) -> HttpResponse:
    """What can be practiced, and what was."""
    own = Practice.objects.visible_to(request.actor).select_related("occupation", "level")
    done = Paginator(own.exclude(submitted_at=None).defer("body", "key"), AT_ONCE)
    context = {
        "offers": services.offers(request.actor),
        "done": done.get_page(request.GET.get("page")),
        "length": services.LENGTH,
    }
    return render(request, "learner/practices.html", context)


@require_POST
@portal_required("learner")
def begin(request: PortalRequest) -> HttpResponse:
    """开始练习, 练错题, or on with what was begun."""
    given = request.POST
    row = services.begin(
        request.actor,
        number_in(given.get("occupation", "")) or 0,
        number_in(given.get("level", "")),
        only_wrong="wrong" in given,
    )
    return redirect("learner:practice", pk=row.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("learner")
def practice(request: PortalRequest, pk: int) -> HttpResponse:
    """The question `?q=`; what is posted is kept before another one is shown. After handing in the result."""
    row = _own(request, pk)
    if request.method == "POST":
        return _keep(request, row)
    if row.submitted_at is not None:
        return _result(request, row)
    questions = services.shown_questions(row)
    number = min(max(number_in(request.GET.get("q", "")) or _first_open(row), 1), len(questions))
    question = questions[number - 1]
    context = {
        "practice": row,
        "question": question,
        "kind": QuestionType(question["type"]).label,
        "several": question["type"] == QuestionType.MULTIPLE,
        "number": number,
        "chosen": row.answers.get(str(number), ""),
        "numbers": [(n, str(n) in row.answers) for n in range(1, len(questions) + 1)],
        "done": len(row.answers),
        "before": number - 1,
        "after": number + 1 if number < len(questions) else "",
    }
    return render(request, "learner/practice.html", context)


def _first_open(row: Practice) -> int:
    return next((n for n in range(1, row.question_count + 1) if str(n) not in row.answers), 1)


def _keep(request: PortalRequest, row: Practice) -> HttpResponse:
    number = number_in(request.POST.get("number", "")) or 0
    services.answer(request.actor, row, {number: "".join(request.POST.getlist("choice"))})
    go = request.POST.get("go", "")
    if go == FINISH:
        return redirect("learner:practice_finish", pk=row.pk)
    return redirect(f"{reverse('learner:practice', args=[row.pk])}?q={number_in(go) or number}")


def _result(request: PortalRequest, row: Practice) -> HttpResponse:
    reviewed = list(enumerate(services.review(row), start=1))
    wrong = [(number, line) for number, line in reviewed if not line.is_right]
    only_wrong = "wrong" in request.GET
    context = {
        "practice": row,
        "lines": wrong if only_wrong else reviewed,
        "wrong": len(wrong),
        "only_wrong": only_wrong,
    }
    return render(request, "learner/practice_result.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("learner")
def finish(request: PortalRequest, pk: int) -> HttpResponse:
    """交卷: how many are still open, then the result."""
    row = _own(request, pk)
    if request.method == "POST":
        services.submit(request.actor, row)
    elif row.submitted_at is None:
        left = [n for n in range(1, row.question_count + 1) if str(n) not in row.answers]
        return render(request, "learner/practice_finish.html", {"practice": row, "left": left})
    return redirect("learner:practice", pk=row.pk)


urlpatterns = [
    path("exams/practice/", practices, name="practices"),
    path("exams/practice/begin/", begin, name="practice_begin"),
    path("exams/practice/<int:pk>/", practice, name="practice"),
    path("exams/practice/<int:pk>/finish/", finish, name="practice_finish"),
]

"""试题复核: what waits, one after the other with the keys A and R, or many at once; never one's own."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from foundation.ui import tables
from foundation.ui.pages import BulkAction, ListFilter, ListPage
from foundation.ui.parts import Place, place_in
from foundation.ui.reviews import read_reasons, read_verdict
from zhupei.catalog.models import Occupation
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import QuestionType, QuestionVersion, VersionState
from zhupei.exam.bank.queries import queue
from zhupei.exam.bank.question_text import differences
from zhupei.exam.bank.services import questions as services
from zhupei.portals.authority.views.bank.frame import bank_keeper, bank_of
from zhupei.portals.authority.views.bank.questions import beginning, timeline
from zhupei.portals.authority.views.bank.shown import show_version

OWN = "这道题是您自己出的，要由另一人复核。"
REASONS = [
    ("stem", "题干表述不清"),
    ("options", "选项有歧义"),
    ("answer", "答案有误"),
    ("explanation", "解析不充分"),
    ("chapter", "章节或难度不对"),
    ("standard", "引用的规范已经废止"),
]
ITEMS = {
    "stem": "题干",
    "options": "选项",
    "answer": "答案",
    "explanation": "解析",
    "chapter": "章节和难度",
    "standard": "依据",
}


class ReviewTable(tables.ListTable):
    code = tables.TextColumn("题号", accessor="question__code", sort=True, css="text-nowrap")
    bank = tables.TextColumn(
        "题库", accessor="question__occupation__name", sub="chapter__name", sort=True, css="text-nowrap"
    )
    type = tables.TextColumn("题型", accessor="get_type_display", sort="type", css="text-nowrap")
    stem = tables.TextColumn("题干", accessor="content")
    number = tables.NumberColumn("版本")
    author = tables.TextColumn("命题人", accessor="author__name", default="随系统")
    created_at = tables.DayColumn("录入日期", sort=True)

    def render_stem(self, record: QuestionVersion) -> str:
        return beginning(record)

    def render_author(self, record: QuestionVersion) -> str:
        own = record.author_id == self.request.actor.user.pk
        return "本人（由他人复核）" if own else str(record.author.name if record.author else "随系统")


class ReviewFilter(ListFilter):
    type = django_filters.ChoiceFilter(label="题型", choices=QuestionType.choices, empty_label="全部")
    occupation = django_filters.ModelChoiceFilter(
        label="题库",
        field_name="question__occupation",
        queryset=Occupation.objects.none(),
        empty_label="全部",
    )

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        waiting = queue(actor).order_by().values("question__occupation")
        self.form.fields["occupation"].queryset = Occupation.objects.filter(pk__in=waiting)


def approve_many(request: PortalRequest, rows: QuerySet[QuestionVersion]) -> str:
    """Approve the picked ones that others wrote; one's own stay."""
    actor = request.actor
    own = rows.filter(author=actor.user).count()
    count = services.approve_versions(actor, rows.exclude(author=actor.user))
    left = f"其中 {own} 道是您自己出的，没有通过，请由另一人复核。" if own else ""
    if not count:
        raise DomainError("own_question", left or "所选试题已经复核。")
    return f"已通过 {count} 道题，从现在起可以用来组卷。{left}"


@method_decorator(bank_keeper, name="dispatch")
class Reviews(ListPage):
    page_title = "试题复核"
    page_intro = "逐题查看后按 A 通过、按 R 退回。自己出的题由另一人复核。"
    crumbs = ()
    table_class = ReviewTable
    filterset_class = ReviewFilter
    order_by = "pk"
    row_url = "authority:bank_review"
    exportable = False
    unit = "道"
    empty_icon = "circle-check"
    empty_title = "没有待复核的试题"
    bulk_actions = (
        BulkAction(
            "approve",
            "复核通过",
            approve_many,
            confirm="通过所选 {n} 道题？通过后可以用来组卷。自己出的题不会通过。",
            icon="checks",
            tone="primary",
        ),
    )

    def queryset(self) -> QuerySet[QuestionVersion]:
        return queue(self.request.actor).select_related("question__occupation", "chapter", "author")

    def prepare(self) -> None:
        actor = self.request.actor
        first = queue(actor).exclude(author=actor.user).first()
        if first is not None:
            self.primary_action = (
                "逐题复核",
                reverse("authority:bank_review", args=[first.pk]),
                "player-play",
            )

    def extra_context(self) -> dict[str, Any]:
        return {"crumbs": (("题库", reverse("authority:bank")), ("试题复核", ""))}


def _found(request: PortalRequest, pk: int) -> QuestionVersion:
    rows = QuestionVersion.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related(
            "question__occupation__programme", "question__level", "chapter", "author", "reviewer", "picture"
        ),
        pk=pk,
    )


def place_of(actor: Actor, pk: int) -> Place:
    """Where a version stands among those that wait."""
    return place_in(list(queue(actor).values_list("pk", flat=True)), pk)


@require_safe
@bank_keeper
def review(request: PortalRequest, pk: int) -> HttpResponse:
    """One version with its key, what changed, and the verdict."""
    actor = request.actor
    version = _found(request, pk)
    before = (
        version.question.versions.filter(number__lt=version.number)
        .select_related("chapter", "picture")
        .first()
    )
    place = place_of(actor, pk)
    audit.record(actor, "bank.question.view", version, question=version.question.code)
    link = lambda key: reverse("authority:bank_review", args=[key]) if key else ""  # noqa: E731
    context = {
        "version": version,
        "question": version.question,
        "bank": bank_of(version.question),
        "shown": show_version(version),
        "before": before,
        "changes": differences(before, version) if before else [],
        "waits": version.state == VersionState.SUBMITTED,
        "own": actor.user is not None and version.author_id == actor.user.pk,
        "own_words": OWN,
        "reasons": REASONS,
        "items": list(ITEMS.items()),
        "position": place.position,
        "total": place.total,
        "previous_url": link(place.previous),
        "next_url": link(place.next),
        "entries": timeline([version]),
    }
    return render(request, "authority/bank/review.html", context)


@require_POST
@bank_keeper
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """通过 or 退回, then on to the next one that waits."""
    actor = request.actor
    version = _found(request, pk)
    place = place_of(actor, pk)
    messages.success(request, _perform(request, version))
    target = place.next or place.previous
    return redirect("authority:bank_review", pk=target) if target else redirect("authority:bank_reviews")


def _perform(request: PortalRequest, version: QuestionVersion) -> str:
    actor, verdict = request.actor, read_verdict(request.POST)
    code = version.question.code
    if verdict == "approve":
        VERSION.perform(actor, version, "approve")
        return f"{code} 已通过，可以用来组卷。"
    if verdict != "return":
        raise DomainError("verdict_missing", "请选择通过或退回。")
    given = [
        f"{ITEMS[reason.item]}：{reason.text}" if reason.item in ITEMS else reason.text
        for reason in read_reasons(request.POST)
    ]
    VERSION.perform(actor, version, "return", remark="；".join(given))
    return f"{code} 已退回，命题人修改后再提交。"


urlpatterns = [
    path("bank/reviews/", Reviews.as_view(), name="bank_reviews"),
    path("bank/reviews/<int:pk>/", review, name="bank_review"),
    path("bank/reviews/<int:pk>/decide/", decide, name="bank_review_decide"),
]

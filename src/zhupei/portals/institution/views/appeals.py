"""成绩申诉: who filed one, the case with the rebuilt paper, the answer (SCO-02)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.ui.states import badge_of_choice
from zhupei.exam.hall.models import Attempt
from zhupei.exam.scores.machine import APPEAL, decides_appeal
from zhupei.exam.scores.models import AppealState, ScoreAppeal
from zhupei.exam.scores.services import appeals
from zhupei.portals.shared import score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import refusals_at
from zhupei.portals.shared.forms import SpokenForm


class AppealTable(tables.ListTable):
    name = tables.TextColumn(
        "申诉人",
        accessor="candidate__enrollment__name",
        sub="candidate__ticket_number",
        sort=True,
        width=10,
        css="text-nowrap",
    )
    plan = tables.TextColumn("考核计划", accessor="candidate__plan__name", sort=True, width=24)
    organization = tables.TextColumn(
        "报名企业", accessor="candidate__enrollment__organization__name", width=28
    )
    score_before = tables.NumberColumn("原成绩", sort=True)
    score_after = tables.NumberColumn("复核成绩", default="—")
    created_at = tables.MinuteColumn("申诉时间", sort=True)
    decided_at = tables.MinuteColumn("答复时间", sort=True, default="—")
    state = tables.StateColumn("状态")

    def render_score_before(self, value: Decimal) -> str:
        return score_pages.points(value)

    def render_score_after(self, value: Decimal) -> str:
        return score_pages.points(value)


class AppealFilter(ListFilter):
    q = SearchFilter(
        [
            "candidate__enrollment__name__icontains",
            "candidate__ticket_number__icontains",
            "candidate__plan__name__icontains",
        ],
        digests={"candidate__enrollment__id_number_index": blind_index},
        label="姓名、身份证号、准考证号或考核计划",
    )


def _appeals(request: PortalRequest) -> QuerySet[Any]:
    rows = ScoreAppeal.objects.visible_to(request.actor)
    return rows.select_related(
        "candidate__enrollment__organization",
        "candidate__enrollment__occupation",
        "candidate__enrollment__level",
        "candidate__enrollment__person",
        "candidate__plan__institution",
        "candidate__exam_room__session",
        "decided_by",
    )


@method_decorator(portal_required("institution"), name="dispatch")
class Appeals(ListPage):
    page_title = "成绩申诉"
    page_intro = (
        f"考生在考试结束后 {appeals.APPEAL_DAYS} 天内可以申诉一次。请复核试卷后答复；全部答复后才能上报成绩。"
    )
    table_class = AppealTable
    filterset_class = AppealFilter
    tabs_field = "state"
    order_by = ("created_at",)
    row_url = "institution:appeal"
    unit = "件"
    empty_icon = "message-report"
    empty_title = "没有成绩申诉"
    empty_text = "考生提出申诉后，会出现在这里。"

    def queryset(self) -> QuerySet[Any]:
        return _appeals(self.request)


class AnswerForm(SpokenForm):
    """The answer to an appeal."""

    result = forms.ChoiceField(
        label="复核结果",
        choices=[("uphold", "维持原成绩"), ("correct", "更正成绩")],
        widget=forms.RadioSelect,
    )
    score = forms.DecimalField(
        label="复核成绩",
        required=False,
        max_digits=5,
        decimal_places=1,
        min_value=0,
        help_text="更正成绩时填写，最多一位小数。",
        error_messages={
            "invalid": "复核成绩请填写数字。",
            "min_value": "复核成绩不能小于 0 分。",
            "max_digits": "复核成绩太大了。",
            "max_decimal_places": "复核成绩最多一位小数。",
            "max_whole_digits": "复核成绩太大了。",
        },
    )
    reply = forms.CharField(
        label="答复",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="考生会看到这段话。",
        error_messages={"max_length": "答复请在 500 字以内。"},
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("result") == "correct" and values.get("score") is None and "score" not in self.errors:
            self.add_error("score", "请填写复核成绩。")
        return values


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def appeal(request: PortalRequest, pk: int) -> HttpResponse:
    """One case: the reason, the paper as it was shown with answers and key, the answer."""
    actor = request.actor
    row = get_object_or_404(_appeals(request), pk=pk)
    may_decide = APPEAL.can(actor, row, "uphold")
    form = AnswerForm(request.POST or None) if may_decide else None
    if request.method == "POST" and (form is None or (form.is_valid() and _answered(request, row, form))):
        if form is None:
            messages.error(request, "这件申诉不能再答复，请查看最新情况。")
        return redirect("institution:appeal", pk=pk)
    lines, refusal = _paper(request, row)
    context = {
        "appeal": row,
        "candidate": row.candidate,
        "plan": row.candidate.plan,
        "badge": badge_of_choice(AppealState(row.state)),
        "attempt": Attempt.objects.filter(candidate=row.candidate_id).first(),
        "form": form,
        "lines": lines,
        "wrong": sum(not line.is_right for line in lines),
        "earned": sum((line.earned for line in lines), Decimal(0)),
        "refusal": refusal,
    }
    return render(request, "institution/appeals/case.html", context)


def _paper(request: PortalRequest, row: ScoreAppeal) -> tuple[list[appeals.PaperLine], str]:
    """The paper for whoever decides; otherwise, or when it cannot be rebuilt, why not."""
    actor = request.actor
    if not decides_appeal(actor, row):
        return [], "试卷只对办理成绩申诉的经办人员开放。"
    try:
        return appeals.open_paper(actor, row), ""
    except DomainError as refusal:
        return [], refusal.message


def _answered(request: PortalRequest, row: ScoreAppeal, form: AnswerForm) -> bool:
    actor, values = request.actor, form.cleaned_data
    with refusals_at(form):
        if values["result"] == "correct":
            appeals.correct(actor, row, values["score"], values["reply"])
        else:
            appeals.uphold(actor, row, values["reply"])
        messages.success(request, f"已答复{row.candidate.enrollment.name}的成绩申诉，已通知考生。")
        return True
    return False


urlpatterns = [
    path("appeals/", Appeals.as_view(), name="appeals"),
    path("appeals/<int:pk>/", appeal, name="appeal"),
]

"""新建试题, 修改试题: typed, looked at as the examinee will see it, kept as a draft or handed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui import uploads
from foundation.ui.given import number_in
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Question, QuestionType, QuestionVersion, VersionState
from zhupei.exam.bank.services import questions as services
from zhupei.exam.bank.services.pictures import SIZE_LABEL, keep_picture
from zhupei.portals.authority.views.bank.frame import Bank, bank_keeper, bank_of, find_bank, question_of
from zhupei.portals.authority.views.bank.question_form import QuestionEditor
from zhupei.portals.authority.views.bank.shown import show
from zhupei.portals.shared.acts import done

# Buttons that only change the form.
SHAPING = ("add_part", "drop_part", "preview")


@require_http_methods(["GET", "POST"])
@bank_keeper
def new(request: PortalRequest, bank: str) -> HttpResponse:
    """`?type=`, `?chapter=` and `?difficulty=` fill in what was chosen last."""
    found = find_bank(bank)
    if not found.chapters.exists():
        messages.info(request, "试题按章节存放，请先添加章节。")
        return redirect("authority:bank_chapters", bank=found.key)
    given = request.GET
    initial = {
        name: given[name] for name in ("chapter", "difficulty") if number_in(given.get(name, "")) is not None
    }
    if given.get("type") in QuestionType.values:
        initial["type"] = given["type"]
    editor = QuestionEditor(found, request.actor, post=request.POST or None, initial=initial)
    return _answer(request, found, editor, None, None)


@require_http_methods(["GET", "POST"])
@bank_keeper
def change(request: PortalRequest, pk: int) -> HttpResponse:
    """A draft in place; of what was approved a new version, the old one stays in use until that is approved."""
    row = question_of(request, pk)
    newest = row.versions.select_related("chapter", "picture").first()
    if newest is None or newest.state == VersionState.SUBMITTED:
        messages.error(request, "这道题正在复核，请先撤回再修改。")
        return redirect("authority:bank_question", pk=pk)
    bank = bank_of(row)
    editor = QuestionEditor(bank, request.actor, version=newest, post=request.POST or None)
    return _answer(request, bank, editor, row, newest)


def _answer(
    request: PortalRequest,
    bank: Bank,
    editor: QuestionEditor,
    row: Question | None,
    newest: QuestionVersion | None,
) -> HttpResponse:
    preview = None
    if request.method == "POST" and not any(name in request.POST for name in SHAPING):
        version = _save(request, editor, row)
        if version is not None:
            return _saved(request, bank, version)
    elif "preview" in request.POST:
        preview = show(editor.content(), editor.picture, key=False)
    shaped = "add_part" in request.POST
    context = {
        "bank": bank,
        "question": row,
        "newest": newest,
        "editor": editor,
        "preview": preview,
        "focus": editor.parts[-1].prefix if shaped else "",
        "picture_url": reverse("shared:document", args=[editor.picture]) if editor.picture else "",
        "picture_size": SIZE_LABEL,
        "in_use": newest is not None and newest.state == VersionState.APPROVED,
    }
    return render(request, "authority/bank/question_form.html", context)


def _save(request: PortalRequest, editor: QuestionEditor, row: Question | None) -> QuestionVersion | None:
    actor = request.actor
    data = editor.data()
    if data is None:
        return None
    try:
        if row is None:
            return services.add_question(actor, data)
        return services.change_question(actor, row, data)
    except DomainError as refusal:
        if refusal.items:
            editor.show(refusal.items)
        else:
            editor.head.add_error(None, refusal.message)
        return None


def _saved(request: PortalRequest, bank: Bank, version: QuestionVersion) -> HttpResponse:
    code = version.question.code
    if "save" in request.POST:
        return done(request, f"{code} 已保存为草稿。", "authority:bank_question", pk=version.question_id)
    VERSION.perform(request.actor, version, "submit")
    messages.success(request, f"{code} 已提交复核，由另一人复核通过后启用。")
    if "next" in request.POST:
        again = f"?type={version.type}&chapter={version.chapter_id}&difficulty={version.difficulty}"
        return redirect(f"{bank.url('bank_question_new')}{again}")
    return redirect("authority:bank_question", pk=version.question_id)


@require_POST
@bank_keeper
@uploads.upload_view
def picture(request: PortalRequest) -> HttpResponse:
    """Keep a picture for the question that is being written."""
    kept = keep_picture(request.actor, uploads.file_of(request))
    url = reverse("shared:document", args=[kept.pk])
    return uploads.accepted("图片已上传", id=kept.pk, url=url, name=kept.name)


@require_POST
@bank_keeper
def no_picture(request: PortalRequest) -> JsonResponse:
    """Take the picture out of the form; earlier versions keep theirs."""
    return uploads.accepted("图片已去掉，保存试题后生效")


urlpatterns: list[Any] = [
    path("bank/picture/", picture, name="bank_picture"),
    path("bank/picture/none/", no_picture, name="bank_picture_none"),
    path("bank/questions/<int:pk>/change/", change, name="bank_question_change"),
    path("bank/<slug:bank>/new/", new, name="bank_question_new"),
]

"""导入试题: template, upload, every wrong cell named, confirmed once."""

from __future__ import annotations

import io
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui import uploads
from foundation.ui.parts import Tab
from zhupei.exam.bank import question_document, question_sheet
from zhupei.exam.bank.models import QuestionImport
from zhupei.exam.bank.question_sheet import JudgedRow
from zhupei.exam.bank.services import questions as services
from zhupei.portals.authority.views.bank.frame import (
    bank_keeper,
    bank_of,
    find_bank,
    page_context,
)
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.downloads import file_response

PER_PAGE = 50
MOST_MEGABYTES = 20
# Which columns the preview shows beside what is wrong.
SHOWN = (
    question_sheet.CHAPTER,
    question_sheet.KIND,
    question_sheet.DIFFICULTY,
    question_sheet.CASE,
    question_sheet.STEM,
    *question_sheet.OPTIONS,
    question_sheet.ANSWER,
)


@dataclass(frozen=True)
class ShownRow:
    """A row of the preview: own number, cells as (column, text, what is wrong)."""

    number: int
    cells: list[tuple[str, str, str]]
    wrong: bool


@require_safe
@bank_keeper
def new(request: PortalRequest, bank: str) -> HttpResponse:
    """Template, place for the file, what was uploaded and not confirmed."""
    found = find_bank(bank)
    actor = request.actor
    chapters = list(found.chapters)
    if not chapters:
        messages.info(request, "试题按章节存放，请先添加章节。")
        return redirect("authority:bank_chapters", bank=found.key)
    open_ones = QuestionImport.objects.visible_to(actor).filter(
        occupation=found.occupation, level=found.level, is_confirmed=False, created_by=actor.user
    )
    context = page_context(found, "") | {
        "upload_url": found.url("bank_import_upload"),
        "max_mb": MOST_MEGABYTES,
        "chapters": chapters,
        "instructions": question_sheet.INSTRUCTIONS,
        "rules": question_document.RULES,
        "open_imports": open_ones.defer("rows")[:5],
    }
    return render(request, "authority/bank/import_new.html", context)


@require_POST
@bank_keeper
@uploads.upload_view
def upload(request: PortalRequest, bank: str) -> HttpResponse:
    """Take a file; answers where its preview is, or why it holds no questions."""
    found = find_bank(bank)
    file = uploads.file_of(request)
    if (file.size or 0) > MOST_MEGABYTES * 1024 * 1024:
        return uploads.refused(f"文件超过 {MOST_MEGABYTES} MB，请分成几个文件再上传。")
    kept = services.start_import(
        request.actor,
        found.occupation,
        found.level,
        file.name or "试题",
        file.read(),
    )
    url = reverse("authority:bank_import", args=[kept.pk])
    return uploads.accepted("已读取，正在打开核对页面…", id=kept.pk, url=url)


@require_safe
@bank_keeper
def template(request: PortalRequest) -> HttpResponse:
    """The empty sheet."""
    out = io.BytesIO()
    question_sheet.write_template(out)
    return file_response(out.getvalue(), question_sheet.TEMPLATE_FILE_NAME)


@require_safe
@bank_keeper
def document_template(request: PortalRequest) -> HttpResponse:
    """The Word document to follow."""
    out = io.BytesIO()
    question_document.write_document_template(out)
    return file_response(out.getvalue(), question_document.DOCUMENT_FILE_NAME)


def _found(request: PortalRequest, pk: int) -> QuestionImport:
    rows = QuestionImport.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("occupation__programme", "level"), pk=pk)


@require_safe
@bank_keeper
def preview(request: PortalRequest, pk: int) -> HttpResponse:
    """The judged rows, tab by tab; nothing is in the bank yet."""
    kept = _found(request, pk)
    bank = bank_of(kept)
    if kept.is_confirmed:
        messages.info(request, "这份表格已经导入。")
        return redirect("authority:bank_questions", bank=bank.key)
    verdict = services.verdict_of(kept)
    wrong = verdict.wrong
    tab = request.GET.get("tab", "")
    if tab not in {"wrong", "all"}:
        tab = "wrong" if wrong else "all"
    rows = wrong if tab == "wrong" else verdict.rows
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    columns = [
        name for name in SHOWN if any(row.row.cells[name] or name in row.errors for row in verdict.rows)
    ]
    context = page_context(bank, "") | {
        "upload": kept,
        "is_document": kept.file_name.lower().endswith(".docx"),
        "wrong": len(wrong),
        "questions": len(verdict.questions),
        "tab": tab,
        "tabs": [
            Tab("要改", "?tab=wrong", len(wrong), tab == "wrong", "bad"),
            Tab("全部", "?tab=all", len(verdict.rows), tab == "all"),
        ],
        "columns": columns,
        "page": page,
        "rows": [_shown(row, columns) for row in page],
    }
    return render(request, "authority/bank/import.html", context)


def _shown(row: JudgedRow, columns: list[str]) -> ShownRow:
    cells = [(name, row.row.cells[name], row.errors.get(name, "")) for name in columns]
    return ShownRow(row.row.number, cells, bool(row.errors))


@require_safe
@bank_keeper
def marked(request: PortalRequest, pk: int) -> HttpResponse:
    """The sheet with its wrong cells red."""
    out = io.BytesIO()
    question_sheet.write_marked_sheet(out, services.verdict_of(_found(request, pk)))
    return file_response(out.getvalue(), question_sheet.MARKED_FILE_NAME)


@require_POST
@bank_keeper
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Put all questions into the bank as drafts."""
    kept = _found(request, pk)
    bank = bank_of(kept)
    count = services.confirm_import(request.actor, kept)
    sentence = f"已导入 {count} 道题，现在是草稿。检查后全选，提交复核。"
    return done(request, sentence, f"{bank.url('bank_questions')}?tab=draft")


urlpatterns = [
    path("bank/template.xlsx", template, name="bank_template"),
    path("bank/template.docx", document_template, name="bank_document_template"),
    path("bank/imports/<int:pk>/", preview, name="bank_import"),
    path("bank/imports/<int:pk>/confirm/", confirm, name="bank_import_confirm"),
    path("bank/imports/<int:pk>/marked.xlsx", marked, name="bank_import_marked"),
    path("bank/<slug:bank>/import/", new, name="bank_import_new"),
    path("bank/<slug:bank>/import/upload/", upload, name="bank_import_upload"),
]

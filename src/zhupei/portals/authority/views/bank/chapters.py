"""章节 of a bank: add, rename."""

from __future__ import annotations

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from foundation.requests import PortalRequest
from zhupei.exam.bank.models import Chapter, VersionState
from zhupei.exam.bank.services import questions as services
from zhupei.portals.authority.views.bank.frame import bank_keeper, bank_of, find_bank, page_context
from zhupei.portals.shared.acts import done, refusals_at


class ChapterForm(forms.Form):
    name = forms.CharField(
        label="章节名称",
        max_length=services.CHAPTER_CHARACTERS,
        error_messages={"required": "请填写章节名称。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@bank_keeper
def chapters(request: PortalRequest, bank: str) -> HttpResponse:
    """The list with the numbers of questions, and a line to add one."""
    found = find_bank(bank)
    form = ChapterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            row = services.add_chapter(
                request.actor,
                found.occupation,
                found.level,
                form.cleaned_data["name"],
            )
            return done(request, f"已添加{row}。", "authority:bank_chapters", bank=found.key)
    in_use = Count("versions", Q(versions__state=VersionState.APPROVED))
    context = page_context(found, "bank_chapters") | {
        "form": form,
        "rows": found.chapters.annotate(approved=in_use, waiting=_waiting()),
    }
    return render(request, "authority/bank/chapters.html", context)


def _waiting() -> Count:
    states = [VersionState.DRAFT, VersionState.SUBMITTED, VersionState.RETURNED]
    return Count("versions", Q(versions__state__in=states))


@require_http_methods(["GET", "POST"])
@bank_keeper
def rename(request: PortalRequest, pk: int) -> HttpResponse:
    rows = Chapter.objects.visible_to(request.actor)
    row = get_object_or_404(rows.select_related("occupation__programme", "level"), pk=pk)
    bank = bank_of(row)
    form = ChapterForm(request.POST or None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.rename_chapter(request.actor, row, form.cleaned_data["name"])
            return done(request, f"已改名为{row}。", "authority:bank_chapters", bank=bank.key)
    context = page_context(bank, "bank_chapters") | {"form": form, "chapter": row}
    return render(request, "authority/bank/chapter.html", context)


urlpatterns = [
    path("bank/chapters/<int:pk>/", rename, name="bank_chapter"),
    path("bank/<slug:bank>/chapters/", chapters, name="bank_chapters"),
]

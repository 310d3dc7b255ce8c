"""试题: the list of a bank and the page of one question."""

from __future__ import annotations

import tempfile
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from foundation.audit import services as audit
from foundation.documents.blanks import MEDIA_TYPES
from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.given import number_in
from foundation.ui.pages import BulkAction, ListFilter, ListPage, SearchFilter, on_export
from foundation.workflow.models import TransitionLog
from zhupei.exam.bank import question_sheet
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Chapter, Difficulty, QuestionType, QuestionVersion, VersionState
from zhupei.exam.bank.queries import newest_versions
from zhupei.exam.bank.question_text import content_of, differences
from zhupei.exam.bank.services import questions as services
from zhupei.exam.practice import services as practice
from zhupei.portals.authority.views.bank.frame import (
    bank_keeper,
    bank_of,
    find_bank,
    page_context,
    question_of,
)
from zhupei.portals.authority.views.bank.shown import show_version
from zhupei.portals.shared.acts import done

S = VersionState
STEM_SHOWN = 46
TONES = {"approved": "ok", "returned": "bad", "submitted": "wait", "retired": "mute"}
# What the question's page offers; reviews are given on their own screen.
ACTS: dict[str, dict[str, str]] = {
    "submit": {"tone": "primary", "icon": "send"},
    "take_back": {"icon": "arrow-back-up"},
    "retire": {
        "icon": "ban",
        "confirm": "停用后新试卷不再抽到这道题，已经生成的试卷不受影响。以后可以恢复启用。",
    },
    "reinstate": {"icon": "player-play"},
}


def beginning(version: QuestionVersion) -> str:
    """The first words of the stem."""
    stem = " ".join(version.content["stem"].split())
    return stem if len(stem) <= STEM_SHOWN else f"{stem[: STEM_SHOWN - 1]}…"


def version_badge(version: QuestionVersion) -> tuple[str, str] | None:
    """Published for practice, or an earlier version in use while this one is being prepared."""
    if version.question.is_practice:
        return "info", "练习题"
    current = version.question.current
    if current is None or current.pk == version.pk:
        return None
    return "info", f"第 {current.number} 版启用中"


class QuestionTable(tables.ListTable):
    code = tables.TextColumn("题号", accessor="question__code", sort=True, css="text-nowrap")
    type = tables.TextColumn("题型", accessor="get_type_display", sort="type")
    chapter = tables.TextColumn("章节", accessor="chapter__name", sort="chapter__number")
    difficulty = tables.TextColumn("难度", accessor="get_difficulty_display", sort="difficulty")
    stem = tables.TextColumn("题干", accessor="content")
    state = tables.StateColumn("状态")
    version = tables.BadgeColumn("备注", badge=version_badge)
    author = tables.TextColumn("命题人", accessor="author__name", default="随系统")

    def render_stem(self, record: QuestionVersion) -> str:
        return beginning(record)


class StemSearch(SearchFilter):
    """By code, or by words of the stem, options or sub-questions: the contents are sealed, so they are read one by one."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        words = (value or "").split()
        if not words:
            return qs
        codes = Q()
        for word in words:
            codes |= Q(question__code__icontains=word)
        found = [
            pk
            for pk, content in qs.order_by().values_list("pk", "content")
            if any(word in text for text in _texts(content) for word in words)
        ]
        return qs.filter(codes | Q(pk__in=found))


def _texts(content: dict[str, Any]) -> list[str]:
    parts = content.get("parts", [])
    own = [content["stem"], *content.get("options", [])]
    return own + [text for part in parts for text in (part["stem"], *part["options"])]


class QuestionFilter(ListFilter):
    type = django_filters.ChoiceFilter(label="题型", choices=QuestionType.choices, empty_label="全部")
    chapter = django_filters.ChoiceFilter(label="章节", choices=[], empty_label="全部")
    difficulty = django_filters.ChoiceFilter(label="难度", choices=Difficulty.choices, empty_label="全部")
    q = StemSearch([], label="题号、题干或选项")
    use = django_filters.ChoiceFilter(
        label="用途",
        field_name="question__is_practice",
        choices=[("False", "考试"), ("True", "练习")],
        empty_label="全部",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chapters: list[Chapter] = self.request.chapters  # set by the page
        self.form.fields["chapter"].choices = [(row.pk, str(row)) for row in chapters]


def submit_many(request: PortalRequest, rows: QuerySet[QuestionVersion]) -> str:
    """提交复核 of what is a draft or was returned among the picked ones."""
    count = services.submit_versions(request.actor, rows)
    if not count:
        raise DomainError("nothing_to_submit", "所选试题里没有草稿或退回的，不用提交。")
    return f"已提交 {count} 道题复核，由另一人复核通过后启用。"


def publish_many(request: PortalRequest, rows: QuerySet[QuestionVersion]) -> str:
    """公开为练习题, what is in use among the picked ones."""
    count = practice.publish(request.actor, rows)
    return f"已公开 {count} 道题，学员可以在“模拟练习”里做，考试不再抽到。"


@method_decorator(bank_keeper, name="dispatch")
class Questions(ListPage):
    """The questions of one bank, each with its newest version."""

    template_name = "authority/bank/questions.html"
    table_class = QuestionTable
    filterset_class = QuestionFilter
    tabs_field = "state"
    order_by = ("question__code",)
    unit = "道"
    empty_icon = "books"
    empty_title = "题库里还没有试题"
    bulk_actions = (
        BulkAction(
            "submit",
            "提交复核",
            submit_many,
            confirm="提交所选 {n} 道题复核？只提交其中的草稿和退回的题。",
            icon="send",
        ),
        BulkAction(
            "publish",
            "公开为练习题",
            publish_many,
            confirm="公开所选 {n} 道题？学员都能看到题目和答案，以后的考试不再抽到，也不能收回。只公开启用中的题。",
            icon="books",
        ),
    )

    def prepare(self) -> None:
        self.bank = find_bank(self.kwargs["bank"])
        self.chapters = self.request.chapters = list(self.bank.chapters)  # type: ignore[attr-defined]
        self.page_title = f"{self.bank.name}题库"
        if self.chapters:
            self.primary_action = ("新建试题", self.bank.url("bank_question_new"), "plus")
            self.empty_text = "可以逐题新建，也可以下载模板填好后整批导入。"
        else:
            self.primary_action = ("添加章节", self.bank.url("bank_chapters"), "plus")
            self.empty_text = "试题按章节存放，先添加章节，再新建或导入试题。"

    def queryset(self) -> QuerySet[QuestionVersion]:
        rows = newest_versions(self.request.actor).filter(
            question__occupation=self.bank.occupation, question__level=self.bank.level
        )
        return rows.select_related("question__current", "chapter", "author")

    def row_url(self, row: QuestionVersion) -> str:
        return reverse("authority:bank_question", args=[row.question_id])

    def extra_context(self) -> dict[str, Any]:
        return page_context(self.bank, "bank_questions") | {
            "import_url": self.bank.url("bank_import_new"),
            "has_chapters": bool(self.chapters),
        }

    def _export(self, rows: QuerySet[Any]) -> FileResponse:
        """The questions in the format of the import sheet, with answers and explanations."""
        target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  FileResponse closes it
        count = question_sheet.write_questions(
            target.name,
            ((row.chapter.name, row.difficulty, content_of(row)) for row in rows.iterator(chunk_size=500)),
        )
        for hook in on_export:
            hook(self.request, self.page_title, count)
        stamp = timezone.localdate().strftime("%Y%m%d")
        name = f"{self.page_title}-{stamp}.xlsx"
        return FileResponse(target, as_attachment=True, filename=name, content_type=MEDIA_TYPES["xlsx"])


@require_safe
@bank_keeper
def question(request: PortalRequest, pk: int) -> HttpResponse:
    """One question: `?version=` an earlier version, `?as=examinee` as it stands in a paper."""
    actor = request.actor
    row = question_of(request, pk)
    versions = list(row.versions.select_related("chapter", "author", "reviewer", "picture"))
    if not versions:
        raise Http404
    wanted = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == wanted), versions[0])
    if wanted and str(shown.number) != wanted:
        raise Http404
    before = next((version for version in versions if version.number < shown.number), None)
    as_examinee = request.GET.get("as") == "examinee"
    audit.record(actor, "bank.question.view", shown, question=row.code)
    context = {
        "question": row,
        "bank": bank_of(row),
        "version": shown,
        "versions": versions,
        "newest": versions[0],
        "shown": show_version(shown, key=not as_examinee),
        "as_examinee": as_examinee,
        "changes": differences(before, shown) if before else [],
        "before": before,
        "acts": [act for version in _moving(versions) for act in _acts(actor, version, versions[0])],
        "may_change": versions[0].state != S.SUBMITTED,
        "may_discard": versions[0].state in {S.DRAFT, S.RETURNED},
        "review_url": reverse("authority:bank_review", args=[versions[0].pk])
        if versions[0].state == S.SUBMITTED
        else "",
        "entries": timeline(versions),
    }
    return render(request, "authority/bank/question.html", context)


def _moving(versions: list[QuestionVersion]) -> list[QuestionVersion]:
    """The newest version, and the one in use when that is another."""
    in_use = [version for version in versions[1:] if version.state == S.APPROVED]
    return [versions[0], *in_use]


def _acts(actor: Any, version: QuestionVersion, newest: QuestionVersion) -> list[dict[str, Any]]:
    suffix = "" if version == newest else f"（第 {version.number} 版）"
    return [
        {"action": row.action, "label": f"{row.label}{suffix}", "version": version.pk, **ACTS[row.action]}
        for row in VERSION.allowed(actor, version)
        if row.action in ACTS
    ]


def timeline(versions: list[QuestionVersion]) -> list[dict[str, Any]]:
    """What was done to all versions, newest first."""
    numbers = {version.pk: version.number for version in versions}
    logs = TransitionLog.objects.filter(
        subject_type=QuestionVersion._meta.label_lower, subject_id__in=numbers
    ).order_by("-at", "-pk")
    names = {"create": "录入", "import": "导入"}
    return [
        {
            "at": log.at,
            "actor": log.actor_label,
            "action": f"{names.get(log.action, log.action_label)}（第 {numbers[log.subject_id]} 版）",
            "remark": log.remark,
            "tone": TONES.get(log.to_state, "mute"),
        }
        for log in logs
    ]


@require_POST
@bank_keeper
def act(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand in, take back, retire, reinstate."""
    row = question_of(request, pk)
    version = get_object_or_404(row.versions, pk=number_in(request.POST.get("version", "")) or 0)
    action = request.POST.get("action", "")
    if action not in ACTS:
        raise Http404
    VERSION.perform(request.actor, version, action)
    return done(request, f"{row.code} 已{VERSION.action_label(action)}。", "authority:bank_question", pk=pk)


@require_POST
@bank_keeper
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    """Delete a draft; with its only version the question goes."""
    row = question_of(request, pk)
    bank, code = bank_of(row), row.code
    newest = row.versions.first()
    if newest is None:
        raise Http404
    services.discard_draft(request.actor, newest)
    if newest.number > 1:
        return done(request, f"{code} 的第 {newest.number} 版草稿已删除。", "authority:bank_question", pk=pk)
    return done(request, f"草稿 {code} 已删除。", "authority:bank_questions", bank=bank.key)


urlpatterns = [
    path("bank/questions/<int:pk>/", question, name="bank_question"),
    path("bank/questions/<int:pk>/act/", act, name="bank_question_act"),
    path("bank/questions/<int:pk>/discard/", discard, name="bank_question_discard"),
    path("bank/<slug:bank>/", Questions.as_view(), name="bank_questions"),
]

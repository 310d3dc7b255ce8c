"""组卷方案 of a bank: the one in force, a new version row by row, the earlier ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui.given import number_in
from zhupei.exam.bank.models import Blueprint, Chapter, Difficulty, QuestionType
from zhupei.exam.bank.services import blueprints as services
from zhupei.exam.bank.services.blueprints import RowData
from zhupei.portals.authority.views.bank.frame import Bank, bank_keeper, find_bank, page_context
from zhupei.portals.shared.acts import done

MOST_ROWS = 60
BLANK_ROWS = 3


class RowForm(forms.Form):
    """One row; chapter and difficulty left open draw from all."""

    type = forms.ChoiceField(label="题型", choices=[("", "请选择"), *QuestionType.choices], required=False)
    chapter = forms.ModelChoiceField(
        label="章节", queryset=Chapter.objects.none(), required=False, empty_label="不限章节"
    )
    difficulty = forms.TypedChoiceField(
        label="难度",
        choices=[("", "不限难度"), *Difficulty.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    count = forms.IntegerField(
        label="题数",
        required=False,
        min_value=1,
        max_value=services.MOST_QUESTIONS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": "题数应为整数。",
            "min_value": "题数要大于 0。",
            "max_value": f"题数最多 {services.MOST_QUESTIONS}。",
        },
    )
    points = forms.DecimalField(
        label="每题分值",
        required=False,
        min_value=Decimal("0.1"),
        max_value=Decimal("100"),
        decimal_places=1,
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
        error_messages={
            "invalid": "分值应为数字。",
            "min_value": "分值要大于 0。",
            "max_value": "每题最多 100 分。",
            "max_decimal_places": "分值最多一位小数，例如 1.5。",
        },
    )

    def __init__(self, *args: Any, choices: list[tuple[Any, str]], bank: Bank, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chapter"]
        keys = [key for key, _ in choices if key]
        field.queryset = Chapter.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        field.choices = choices  # type: ignore[attr-defined]
        self.sentence = ""

    @property
    def number(self) -> str:
        return str(self.prefix)[1:]

    @property
    def is_blank(self) -> bool:
        return not any(self.data.get(f"{self.prefix}-{name}", "").strip() for name in self.fields)

    @property
    def sentences(self) -> list[str]:
        found = [str(text) for errors in self.errors.values() for text in errors] if self.is_bound else []
        return [*found, *([self.sentence] if self.sentence else [])]

    def row(self) -> RowData:
        values = self.cleaned_data
        return RowData(
            values["type"],
            values["count"] or 0,
            values["points"] or Decimal(0),
            values["chapter"],
            values["difficulty"],
        )


class BlueprintEditor:
    """The rows as forms; blank ones do not count."""

    def __init__(self, bank: Bank, post: QueryDict | None, given: Blueprint | None) -> None:
        self.bank = bank
        self.choices = [("", "不限章节"), *((row.pk, str(row)) for row in bank.usable_chapters)]
        self.total_error = ""
        if post is None:
            initial = [
                {
                    "type": row.type,
                    "chapter": row.chapter_id,
                    "difficulty": row.difficulty,
                    "count": row.count,
                    "points": f"{row.points.normalize():f}",
                }
                for row in (given.rows.all() if given else [])
            ]
            initial += [{}] * (BLANK_ROWS if not initial else 1)
            self.rows = [self._form(None, n, values) for n, values in enumerate(initial)]
            return
        numbers = list(
            dict.fromkeys(n for n in post.getlist("row") if number_in(n) is not None and len(n) < 5)
        )[:MOST_ROWS]
        dropped = post.get("remove_row", "")
        self.rows = [self._form(post, int(n)) for n in numbers if n != dropped]
        if "add_row" in post or not self.rows:
            self.rows.append(self._form(None, max(map(int, numbers), default=-1) + 1))

    def _form(self, post: QueryDict | None, number: int, initial: dict[str, Any] | None = None) -> RowForm:
        return RowForm(post, prefix=f"r{number}", initial=initial or {}, choices=self.choices, bank=self.bank)

    @property
    def blank_row(self) -> RowForm:
        """A row for the module to copy."""
        return RowForm(prefix="r__n__", choices=self.choices, bank=self.bank)

    @property
    def next_number(self) -> int:
        return max((int(row.number) for row in self.rows), default=-1) + 1

    def save(self, request: PortalRequest) -> Blueprint | None:
        """The new version, or nothing with every row saying what is wrong."""
        filled = [row for row in self.rows if row.is_bound and not row.is_blank]
        if [row for row in filled if not row.is_valid()]:
            return None
        try:
            return services.save_blueprint(
                request.actor,
                self.bank.occupation,
                self.bank.level,
                [row.row() for row in filled],
            )
        except DomainError as refusal:
            for key, sentence in refusal.items.items():
                head, _, place = key.partition(".")
                if head == "rows":
                    filled[int(place)].sentence = sentence
                else:
                    self.total_error = sentence
            return None

    @property
    def wrong(self) -> int:
        return sum(bool(row.sentences) for row in self.rows) + bool(self.total_error)


def _blueprints(request: PortalRequest) -> Any:
    rows = Blueprint.objects.visible_to(request.actor)
    return rows.select_related("occupation__programme", "level", "created_by").prefetch_related(
        "rows__chapter"
    )


def full_mark_of(bank: Bank) -> int:
    rules = bank.occupation.programme.rules_on()
    return rules.full_mark if rules else 100


@require_safe
@bank_keeper
def blueprint(request: PortalRequest, bank: str) -> HttpResponse:
    """The one in force (or `?version=`), whether the bank can fill it, and all versions."""
    found = find_bank(bank)
    versions = list(_blueprints(request).filter(occupation=found.occupation, level=found.level))
    wanted = request.GET.get("version", "")
    shown = next((row for row in versions if str(row.version) == wanted), None) or next(
        (row for row in versions if row.is_active), None
    )
    rows = list(shown.rows.all()) if shown else []
    lacking = services.shortages(found.occupation, found.level, rows) if rows else {}
    context = page_context(found, "bank_blueprint") | {
        "blueprint": shown,
        "versions": versions,
        "rows": [
            (row, row.count * row.points, lacking.get(f"rows.{place}", "")) for place, row in enumerate(rows)
        ],
        "questions": sum(row.count for row in rows),
        "total": sum((row.count * row.points for row in rows), Decimal(0)),
        "lacking": list(lacking.values()),
        "common": services.active_blueprint(found.occupation, None) if found.level and not shown else None,
    }
    return render(request, "authority/bank/blueprint.html", context)


@require_http_methods(["GET", "POST"])
@bank_keeper
def edit(request: PortalRequest, bank: str) -> HttpResponse:
    """A new version, begun with the rows of the one in force; `?from=` another version's rows."""
    found = find_bank(bank)
    wanted = request.GET.get("from", "")
    given = None
    if request.method == "GET":
        given = _given(request, found, wanted)
    editor = BlueprintEditor(found, request.POST if request.method == "POST" else None, given)
    if request.method == "POST" and not {"add_row", "remove_row"} & set(request.POST):
        saved = editor.save(request)
        if saved is not None:
            sentence = f"组卷方案第 {saved.version} 版已启用，以后生成的试卷按这一版。"
            return done(request, sentence, "authority:bank_blueprint", bank=found.key)
    stock = services.stock_of(found.occupation, found.level)
    context = page_context(found, "bank_blueprint") | {
        "editor": editor,
        "full_mark": full_mark_of(found),
        "stock": [[kind, chapter, difficulty, n] for (kind, chapter, difficulty), n in stock.items()],
    }
    return render(request, "authority/bank/blueprint_form.html", context)


def _given(request: PortalRequest, bank: Bank, wanted: str) -> Blueprint | None:
    rows = _blueprints(request)
    version = number_in(wanted)
    if version is not None:
        return get_object_or_404(rows, occupation=bank.occupation, level=bank.level, version=version)
    own: Blueprint | None = rows.filter(occupation=bank.occupation, level=bank.level, is_active=True).first()
    return own or rows.filter(occupation=bank.occupation, level=None, is_active=True).first()


urlpatterns = [
    path("bank/<slug:bank>/blueprint/", blueprint, name="bank_blueprint"),
    path("bank/<slug:bank>/blueprint/edit/", edit, name="bank_blueprint_edit"),
]

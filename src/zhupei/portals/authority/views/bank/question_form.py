"""The form of a question: one head, and for each question that is answered by choosing a block of fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from foundation.files.models import Document
from foundation.scoping import Actor
from foundation.ui.given import number_in
from zhupei.exam.bank.content import LETTERS, MOST_PARTS, Part, QuestionContent
from zhupei.exam.bank.models import Chapter, Difficulty, QuestionType, QuestionVersion
from zhupei.exam.bank.question_text import content_of
from zhupei.exam.bank.services.pictures import KIND
from zhupei.exam.bank.services.questions import QuestionData
from zhupei.portals.authority.views.bank.frame import Bank

T = QuestionType
PART_TYPES = [(value, label) for value, label in T.choices if value != T.CASE]
OPTIONS = [f"option_{letter.lower()}" for letter in LETTERS]
TRUTH = [("A", "正确"), ("B", "错误")]


class HeadForm(forms.Form):
    """Type, place in the bank, difficulty, picture."""

    type = forms.ChoiceField(label="题型", choices=T.choices, widget=forms.RadioSelect, initial=T.SINGLE)
    chapter = forms.ModelChoiceField(
        label="章节",
        queryset=Chapter.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择章节。", "invalid_choice": "请选择本题库的章节。"},
    )
    difficulty = forms.TypedChoiceField(
        label="难度",
        choices=Difficulty.choices,
        coerce=int,
        widget=forms.RadioSelect,
        initial=Difficulty.MEDIUM,
    )
    picture = forms.ModelChoiceField(
        label="图片",
        queryset=Document.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "图片已经失效，请重新上传。"},
    )

    def __init__(self, *args: Any, bank: Bank, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chapter"].queryset = bank.chapters  # type: ignore[attr-defined]
        self.fields["picture"].queryset = Document.objects.visible_to(actor).filter(kind=KIND)  # type: ignore[attr-defined]


class PartForm(forms.Form):
    """A question that is answered by choosing: stem, options with the right ones ticked, explanation."""

    type = forms.ChoiceField(label="题型", choices=PART_TYPES, required=False, initial=T.SINGLE)
    stem = forms.CharField(
        label="题干", required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2100})
    )
    right = forms.MultipleChoiceField(
        label="正确答案",
        required=False,
        choices=[(letter, letter) for letter in LETTERS],
        widget=forms.CheckboxSelectMultiple,
    )
    truth = forms.ChoiceField(label="答案", required=False, choices=TRUTH, widget=forms.RadioSelect)
    explanation = forms.CharField(
        label="解析", required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": 2000})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for letter, name in zip(LETTERS, OPTIONS, strict=True):
            self.fields[name] = forms.CharField(
                label=f"选项 {letter}",
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 600}),
            )

    @property
    def option_rows(self) -> list[tuple[str, Any, bool]]:
        """Letter, field, whether it is ticked as right."""
        ticked = self["right"].value() or []
        return [(letter, self[name], letter in ticked) for letter, name in zip(LETTERS, OPTIONS, strict=True)]

    @property
    def is_blank(self) -> bool:
        """Nothing was typed or ticked."""
        values = self.cleaned_data
        return not any(values.get(name) for name in ("stem", "right", "truth", "explanation", *OPTIONS))

    def part(self, kind: str) -> Part:
        values = self.cleaned_data
        texts = [values.get(name, "") for name in OPTIONS]
        while texts and not texts[-1]:
            texts.pop()
        right = values.get("right", [])
        if kind == T.TRUE_FALSE:
            texts, right = [], [values["truth"]] if values.get("truth") else []
        return Part(kind, values.get("stem", ""), tuple(texts), tuple(right), values.get("explanation", ""))

    def place(self, kind: str, name: str, sentence: str) -> None:
        """Put a problem of the content at its field."""
        fields = {"options": OPTIONS[0], "answer": "truth" if kind == T.TRUE_FALSE else "right"}
        field = fields.get(name, name)
        self.add_error(field if field in self.fields else None, sentence)


def part_initial(part: Part) -> dict[str, Any]:
    """A block's values for a part that is there already."""
    values = {"type": part.type, "stem": part.stem, "explanation": part.explanation}
    if part.type == T.TRUE_FALSE:
        return values | {"truth": part.answer[0] if part.answer else ""}
    options = dict(zip(OPTIONS, part.options, strict=False))
    return values | options | {"right": list(part.answer)}


class QuestionEditor:
    """What is typed, as forms: `head`, `main`, and the `parts` of a case; `data` once it is in order."""

    def __init__(
        self,
        bank: Bank,
        actor: Actor,
        *,
        version: QuestionVersion | None = None,
        post: QueryDict | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        content = content_of(version) if version else None
        first = dict(initial or {})
        if version:
            first = {
                "type": version.type,
                "chapter": version.chapter_id,
                "difficulty": version.difficulty,
                "picture": version.picture_id,
            }
        self.head = HeadForm(post, bank=bank, actor=actor, initial=first)
        self.main = PartForm(post, prefix="q", initial=part_initial(content) if content else {})
        self.parts = self._parts(post, content)
        self.parts_error = ""

    def _parts(self, post: QueryDict | None, content: QuestionContent | None) -> list[PartForm]:
        if post is None:
            known = list(content.parts) if content else []
            forms_ = [PartForm(prefix=f"p{n}", initial=part_initial(part)) for n, part in enumerate(known)]
            return forms_ or [PartForm(prefix="p0")]
        numbers = list(
            dict.fromkeys(n for n in post.getlist("part") if number_in(n) is not None and len(n) < 4)
        )
        dropped = post.get("drop_part", "")
        kept = [PartForm(post, prefix=f"p{n}") for n in numbers[: MOST_PARTS + 1] if n != dropped]
        if "add_part" in post or not kept:
            kept.append(PartForm(prefix=f"p{max(map(int, numbers), default=-1) + 1}"))
        return kept

    @property
    def type(self) -> str:
        """The type that is chosen now."""
        kind = str(self.head["type"].value() or "")
        return kind if kind in T.values else T.SINGLE

    @property
    def picture(self) -> str:
        value = self.head["picture"].value()
        return str(getattr(value, "pk", value) or "")

    @property
    def may_add(self) -> bool:
        return len(self.parts) < MOST_PARTS

    def content(self) -> QuestionContent:
        """What is typed as it stands, right or wrong."""
        for form in (self.head, self.main, *self.parts):
            form.is_valid()
        whole = self.main.part(self.type)
        if self.type != T.CASE:
            return QuestionContent(whole.type, whole.stem, whole.options, whole.answer, whole.explanation)
        parts = tuple(form.part(form.cleaned_data.get("type") or T.SINGLE) for form in self._filled())
        return QuestionContent(T.CASE, whole.stem, (), (), whole.explanation, parts)

    def _filled(self) -> list[PartForm]:
        return [form for form in self.parts if form.is_bound and not form.is_blank]

    def data(self) -> QuestionData | None:
        """The question, unless a field of the head is wrong."""
        content = self.content()
        if not self.head.is_valid():
            return None
        values = self.head.cleaned_data
        return QuestionData(values["chapter"], content, values["difficulty"], values["picture"])

    def show(self, problems: Mapping[str, Any]) -> None:
        """Put what was refused at its fields."""
        filled = self._filled()
        for name, sentence in problems.items():
            if name.startswith("parts."):
                _, place, field = name.split(".", 2)
                form = filled[int(place)]
                form.place(form.cleaned_data.get("type") or T.SINGLE, field, sentence)
            elif name == "parts":
                self.parts_error = sentence
            elif name in self.head.fields:
                self.head.add_error(name, sentence)
            else:
                self.main.place(self.type, name, sentence)

    @property
    def wrong(self) -> int:
        """How many fields have something wrong."""
        forms_ = [self.head, self.main, *(self.parts if self.type == T.CASE else [])]
        return sum(len(form.errors) for form in forms_ if form.is_bound) + bool(self.parts_error)

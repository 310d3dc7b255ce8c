"""A question as templates show it: with its key to bank keepers, without it as the examinee sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zhupei.exam.bank.content import LETTERS, TRUE_FALSE_OPTIONS, Part, QuestionContent, shown_answer
from zhupei.exam.bank.models import QuestionType, QuestionVersion
from zhupei.exam.bank.question_text import content_of


@dataclass(frozen=True)
class ShownPart:
    """What is answered by choosing: options as (letter, text, whether it is right)."""

    kind: str
    stem: str
    options: list[tuple[str, str, bool]]
    answer: str
    explanation: str


@dataclass(frozen=True)
class ShownQuestion:
    """A question on a page; without its key neither answers nor explanations are in it at all."""

    kind: str
    stem: str
    is_case: bool
    parts: list[ShownPart]
    explanation: str
    picture_url: str
    with_key: bool


def show(content: QuestionContent, picture: Any = None, *, key: bool = True) -> ShownQuestion:
    """`picture`: a Document or its key."""
    is_case = content.type == QuestionType.CASE
    parts = content.parts if is_case else (content,)
    return ShownQuestion(
        kind=_kind(content.type),
        stem=content.stem if is_case else "",
        is_case=is_case,
        parts=[_part(part, key) for part in parts],
        explanation=content.explanation if key and is_case else "",
        picture_url=reverse("shared:document", args=[getattr(picture, "pk", picture)]) if picture else "",
        with_key=key,
    )


def show_version(version: QuestionVersion, *, key: bool = True) -> ShownQuestion:
    return show(content_of(version), version.picture_id, key=key)


def _part(part: Part, key: bool) -> ShownPart:
    texts = TRUE_FALSE_OPTIONS if part.type == QuestionType.TRUE_FALSE else part.options
    return ShownPart(
        kind=_kind(part.type),
        stem=part.stem,
        options=[
            (LETTERS[place], text, key and LETTERS[place] in part.answer) for place, text in enumerate(texts)
        ],
        answer=shown_answer(part) if key else "",
        explanation=part.explanation if key else "",
    )


def _kind(kind: str) -> str:
    return str(QuestionType(kind).label) if kind in QuestionType.values else "题型未选"

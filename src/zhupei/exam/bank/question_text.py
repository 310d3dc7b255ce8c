"""What a version says, field by field in words, and what differs from the version before (EXM-01)."""

from __future__ import annotations

from dataclasses import dataclass

from zhupei.exam.bank.content import LETTERS, Part, QuestionContent, shown_answer
from zhupei.exam.bank.models import Difficulty, QuestionType, QuestionVersion


@dataclass(frozen=True)
class Difference:
    """One field that two versions disagree on; empty where it was or is not there."""

    label: str
    before: str
    after: str


def content_of(version: QuestionVersion) -> QuestionContent:
    """The content as the form and the sheet know it."""
    return QuestionContent.from_json(version.type, version.content)


def lines_of(version: QuestionVersion) -> dict[str, str]:
    """Field in words → what it says; `version` with its chapter."""
    content = content_of(version)
    lines = {
        "章节": version.chapter.name,
        "题型": str(QuestionType(version.type).label),
        "难度": str(Difficulty(version.difficulty).label),
        "图片": version.picture.sha256 if version.picture else "",
    }
    if content.type != QuestionType.CASE:
        return lines | _part_lines(content)
    lines |= {"案例说明": content.stem, "解析": content.explanation}
    for number, part in enumerate(content.parts, 1):
        kind = str(QuestionType(part.type).label)
        lines |= {f"小题 {number} 题型": kind}
        lines |= {f"小题 {number} {label}": text for label, text in _part_lines(part).items()}
    return lines


def _part_lines(part: Part) -> dict[str, str]:
    options = part.options if part.type != QuestionType.TRUE_FALSE else ()
    return {
        "题干": part.stem,
        **{f"选项 {LETTERS[place]}": text for place, text in enumerate(options)},
        "答案": shown_answer(part),
        "解析": part.explanation,
    }


def differences(before: QuestionVersion, after: QuestionVersion) -> list[Difference]:
    """What was changed from one version to the other, in the order of the form."""
    old, new = lines_of(before), lines_of(after)
    labels = [*new, *(label for label in old if label not in new)]
    found = [
        Difference(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    ]
    return [
        Difference(
            "图片",
            "有图片" if row.before else "",
            "换了图片" if row.after and row.before else "有图片" if row.after else "",
        )
        if row.label == "图片"
        else row
        for row in found
    ]

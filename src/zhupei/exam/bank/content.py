"""What a question may look like: pure checks of its content, a sentence for every field that is wrong (EXM-01)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from foundation.identifiers.text import squeeze
from zhupei.exam.bank.models import QuestionType

LETTERS = "ABCDEF"
TRUE_FALSE_OPTIONS = ("正确", "错误")
STEM_CHARACTERS = 2000
OPTION_CHARACTERS = 500
MOST_PARTS = 10
T = QuestionType


@dataclass(frozen=True)
class Part:
    """A question that is answered by choosing: a whole one, or a sub-question of a case.

    `answer` are letters by the position of the option, A first.
    """

    type: str
    stem: str
    options: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    explanation: str = ""

    def as_json(self) -> dict[str, Any]:
        options = TRUE_FALSE_OPTIONS if self.type == T.TRUE_FALSE else self.options
        return {
            "type": self.type,
            "stem": self.stem.strip(),
            "options": [text.strip() for text in options],
            "answer": sorted(self.answer),
            "explanation": self.explanation.strip(),
        }


@dataclass(frozen=True)
class QuestionContent(Part):
    """What one version of a question says; a case has `parts` and neither options nor answer of its own."""

    parts: tuple[Part, ...] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """The JSON that QuestionVersion.content holds."""
        if self.type != T.CASE:
            content = super().as_json()
            del content["type"]
            return content
        return {
            "stem": self.stem.strip(),
            "explanation": self.explanation.strip(),
            "parts": [part.as_json() for part in self.parts],
        }

    @classmethod
    def from_json(cls, kind: str, content: dict[str, Any]) -> QuestionContent:
        """The inverse of `as_json`."""
        parts = tuple(
            Part(
                part["type"],
                part["stem"],
                tuple(part["options"]),
                tuple(part["answer"]),
                part.get("explanation", ""),
            )
            for part in content.get("parts", [])
        )
        return cls(
            kind,
            content["stem"],
            tuple(content.get("options", [])),
            tuple(content.get("answer", [])),
            content.get("explanation", ""),
            parts,
        )


def digest_of(kind: str, content: dict[str, Any], picture: str = "") -> str:
    """SHA-256 of what a question asks, whatever its spaces, answers and explanations: by it the same one is found again.

    `picture`: the picture's own SHA-256; the same words under another picture are another question.
    """
    parts = [[part["type"], part["stem"], part["options"]] for part in content.get("parts", [])]
    asked = [kind, content["stem"], content.get("options", []), parts, *([picture] if picture else [])]
    return hashlib.sha256(squeeze(json.dumps(asked, ensure_ascii=False, sort_keys=True)).encode()).hexdigest()


def problems(content: QuestionContent) -> dict[str, str]:
    """Field → sentence: `stem`, `options`, `answer`, `parts`, of sub-questions `parts.<n>.<field>`, n from 0."""
    if content.type not in T.values:
        return {"type": "题型应为单选题、多选题、判断题或案例题。"}
    if content.type != T.CASE:
        return _part_problems(content)
    found = _stem_problem(content.stem)
    if not content.parts:
        found["parts"] = "案例题至少要有一道小题。"
    elif len(content.parts) > MOST_PARTS:
        found["parts"] = f"一道案例题最多 {MOST_PARTS} 道小题。"
    for place, part in enumerate(content.parts):
        if part.type == T.CASE:
            found[f"parts.{place}.type"] = "案例题的小题只能是单选题、多选题或判断题。"
        else:
            found |= {f"parts.{place}.{name}": text for name, text in _part_problems(part).items()}
    return found


def _part_problems(part: Part) -> dict[str, str]:
    return _stem_problem(part.stem) | _option_problems(part) | _answer_problem(part)


def _stem_problem(stem: str) -> dict[str, str]:
    if not stem.strip():
        return {"stem": "请填写题干。"}
    if len(stem) > STEM_CHARACTERS:
        return {"stem": f"题干最多 {STEM_CHARACTERS} 字，现有 {len(stem)} 字。"}
    return {}


def _option_problems(part: Part) -> dict[str, str]:
    if part.type == T.TRUE_FALSE:
        if part.options and tuple(text.strip() for text in part.options) != TRUE_FALSE_OPTIONS:
            return {"options": "判断题不用填选项，选项固定为“正确”“错误”。"}
        return {}
    texts = [text.strip() for text in part.options]
    least = 3 if part.type == T.MULTIPLE else 2
    if not least <= len(texts) <= len(LETTERS):
        return {"options": f"应有 {least} 至 {len(LETTERS)} 个选项，现有 {len(texts)} 个。"}
    if not all(texts):
        return {"options": f"选项 {LETTERS[texts.index('')]} 是空的，选项要连续填写，中间不能空。"}
    if too_long := [LETTERS[place] for place, text in enumerate(texts) if len(text) > OPTION_CHARACTERS]:
        return {"options": f"选项 {'、'.join(too_long)} 超过 {OPTION_CHARACTERS} 字。"}
    if len({squeeze(text) for text in texts}) < len(texts):
        return {"options": "有两个选项相同，请修改。"}
    return {}


def _answer_problem(part: Part) -> dict[str, str]:
    count = len(TRUE_FALSE_OPTIONS) if part.type == T.TRUE_FALSE else len(part.options)
    known = set(LETTERS[:count])
    if not part.answer:
        return {"answer": "请填写答案。"}
    if len(set(part.answer)) < len(part.answer):
        return {"answer": "答案里有重复的字母。"}
    if strange := [letter for letter in part.answer if letter not in known]:
        return {"answer": f"答案 {'、'.join(strange)} 没有对应的选项。"}
    if part.type == T.MULTIPLE and len(part.answer) < 2:
        return {"answer": "多选题的正确答案至少两个，只有一个时请改为单选题。"}
    if part.type != T.MULTIPLE and len(part.answer) > 1:
        return {"answer": "单选题、判断题只能有一个正确答案。"}
    return {}


def letters_of(text: str, kind: str) -> tuple[str, ...]:
    """The answer as typed in a sheet: "B", "ACD", "a、c，d", "正确", "对", "√"; what is not understood stays as typed."""
    plain = squeeze(text).upper()
    if kind == T.TRUE_FALSE:
        if plain in {"正确", "对", "√", "是", "T", "TRUE", "A", "Y", "YES"}:
            return ("A",)
        if plain in {"错误", "错", "×", "否", "F", "FALSE", "B", "X", "N", "NO"}:
            return ("B",)
    return tuple(letter for letter in plain if letter not in "、,，;；/ .。")


def shown_answer(part: Part) -> str:
    """The answer in words for lists: B, ACD, 正确."""
    if part.type == T.TRUE_FALSE:
        return TRUE_FALSE_OPTIONS[LETTERS.index(part.answer[0])] if part.answer else ""
    return "".join(part.answer)


def duplicates(contents: Sequence[tuple[int, str]]) -> dict[int, int]:
    """Row number → earlier row number that asks the same; `contents` are (row number, digest)."""
    first: dict[str, int] = {}
    again: dict[int, int] = {}
    for number, digest in contents:
        if digest in first:
            again[number] = first[digest]
        else:
            first[digest] = number
    return again

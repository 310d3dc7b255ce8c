"""A question bank in one line: chapters, questions in any state, sheets to import."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from foundation.scoping import Actor
from tests.world import World
from zhupei.accounts.models import User
from zhupei.catalog.models import Level, Occupation
from zhupei.exam.bank.content import Part, QuestionContent
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Chapter, Question, QuestionImport, QuestionVersion
from zhupei.exam.bank.question_sheet import ALL
from zhupei.exam.bank.services import questions
from zhupei.exam.bank.services.questions import QuestionData
from zhupei.organizations.actors import actor_for

CASE_PARTS = (
    Part("single", "该基坑支护属于哪一类工程？", ("一般工程", "危险性较大的工程"), ("B",)),
    Part("true_false", "专项施工方案应由总监理工程师签字。", (), ("A",)),
)


def single(stem: str = "混凝土浇筑后开始养护的时间是？", **changed: Any) -> QuestionContent:
    return QuestionContent(
        **{
            "type": "single",
            "stem": stem,
            "options": ("12 小时以内", "24 小时以内", "48 小时以内"),
            "answer": ("A",),
            "explanation": "混凝土终凝后及时养护。",
        }
        | changed
    )


def multiple(stem: str = "下列哪些属于安全防护用品？", **changed: Any) -> QuestionContent:
    words = {"options": ("安全帽", "安全带", "钢卷尺", "安全网"), "answer": ("A", "B", "D")}
    return QuestionContent(**{"type": "multiple", "stem": stem} | words | changed)


def true_false(stem: str = "进入施工现场必须戴安全帽。", **changed: Any) -> QuestionContent:
    return QuestionContent(**{"type": "true_false", "stem": stem, "answer": ("A",)} | changed)


def case(stem: str = "某工程基坑深 6 米，采用排桩支护。", **changed: Any) -> QuestionContent:
    return QuestionContent(**{"type": "case", "stem": stem, "parts": CASE_PARTS} | changed)


class Bank:
    """The bank of 土建施工员; `writer` writes and `reviewer` reviews, both of the province."""

    # Of the estate's bank: a version that waits for review, and a sheet that waits to be confirmed.
    waiting: QuestionVersion
    upload: QuestionImport

    def __init__(
        self, world: World, occupation: Occupation | None = None, level: Level | None = None
    ) -> None:
        self.world = world
        self.occupation, self.level = occupation or world.occupation(), level
        self.province = world.authority("330000")
        self.users: dict[str, User] = {
            "writer": world.user(self.province),
            "reviewer": world.user(self.province, role="reviewer"),
        }
        self.writer: Actor = actor_for(self.users["writer"])
        self.reviewer: Actor = actor_for(self.users["reviewer"])
        self.chapter = self.add_chapter("施工质量")

    def add_chapter(self, name: str) -> Chapter:
        return questions.add_chapter(self.writer, self.occupation, self.level, name)

    def data(self, content: QuestionContent | None = None, **changed: Any) -> QuestionData:
        return QuestionData(**{"chapter": self.chapter, "content": content or single()} | changed)

    def draft(self, content: QuestionContent | None = None, **changed: Any) -> QuestionVersion:
        return questions.add_question(self.writer, self.data(content, **changed))

    def submitted(self, content: QuestionContent | None = None, **changed: Any) -> QuestionVersion:
        version = self.draft(content, **changed)
        VERSION.perform(self.writer, version, "submit")
        return version

    def approved(self, content: QuestionContent | None = None, **changed: Any) -> QuestionVersion:
        version = self.submitted(content, **changed)
        VERSION.perform(self.reviewer, version, "approve")
        return version

    def stock(self, count: int, kind: str = "single", **changed: Any) -> list[QuestionVersion]:
        """So many approved questions of a type."""
        make = {"single": single, "multiple": multiple, "true_false": true_false, "case": case}[kind]
        start = Question.objects.count()
        return [self.approved(make(f"第 {start + n} 道题问什么？"), **changed) for n in range(count)]


def row(**cells: str) -> dict[str, str]:
    """A row of a sheet: a single-choice question unless said otherwise; columns by their first letters in Chinese."""
    plain = {"章节": "施工质量", "题型": "单选题", "难度": "中", "题干": "养护何时开始？"}
    return dict.fromkeys(ALL, "") | plain | {"选项A": "当天", "选项B": "次日", "答案": "A"} | cells


def sheet(rows: Sequence[dict[str, str]], heads: Sequence[str] = ALL) -> bytes:
    """An .xlsx with these rows below the header."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("试题")
        page.write_row(0, 0, heads)
        for number, cells in enumerate(rows, 1):
            for place, head in enumerate(heads):
                page.write_string(number, place, cells.get(head, ""))
    return out.getvalue()

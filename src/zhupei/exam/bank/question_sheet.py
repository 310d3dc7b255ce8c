"""Questions in a spreadsheet: the template, and a sheet judged row by row with every wrong cell named (EXM-01)."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from foundation.identifiers.text import squeeze
from foundation.sheets.form import FormColumn, write_form
from foundation.sheets.marked import write_marked
from foundation.sheets.reader import Limits, Readable, SheetRefusedError, read_sheets
from foundation.sheets.table import Column, find_table
from foundation.sheets.writer import ExportColumn, Target, write_workbook
from zhupei.exam.bank.content import (
    LETTERS,
    Part,
    QuestionContent,
    digest_of,
    duplicates,
    letters_of,
    problems,
    shown_answer,
)
from zhupei.exam.bank.models import Difficulty, QuestionType

CHAPTER, KIND, DIFFICULTY, CASE = "章节", "题型", "难度", "案例编号"
STEM, ANSWER, EXPLANATION = "题干", "答案", "解析"
OPTIONS: Final = tuple(f"选项{letter}" for letter in LETTERS)
ALL: Final = (CHAPTER, KIND, DIFFICULTY, CASE, STEM, *OPTIONS, ANSWER, EXPLANATION)
MOST_ROWS: Final = 5_000
# As many as a spreadsheet's cell holds: what is too long is to be named, not cut off in silence.
MOST_IN_A_CELL: Final = 32_767
TEMPLATE_FILE_NAME: Final = "试题导入模板.xlsx"
MARKED_FILE_NAME: Final = "试题导入（标红待改）.xlsx"
SHEET_NAME: Final = "试题"

COLUMNS: Final = (
    Column(CHAPTER, ("章", "所属章节", "章节名称", "知识点")),
    Column(KIND, ("类型", "试题类型", "题目类型")),
    Column(DIFFICULTY, ("难易程度", "难易度"), required=False),
    Column(CASE, ("案例", "案例号", "所属案例"), required=False),
    Column(STEM, ("题目", "试题", "题目内容", "试题内容")),
    *(
        Column(
            label, (label[-1], f"{label[-1]}选项", f"答案{label[-1]}", f"备选{label[-1]}"), required=place < 2
        )
        for place, label in enumerate(OPTIONS)
    ),
    Column(ANSWER, ("正确答案", "标准答案", "参考答案")),
    Column(EXPLANATION, ("答案解析", "试题解析", "说明"), required=False),
)
_KINDS: Final = {str(label): str(value) for value, label in QuestionType.choices} | {
    "单选": "single",
    "单项选择题": "single",
    "多选": "multiple",
    "多项选择题": "multiple",
    "判断": "true_false",
    "是非题": "true_false",
    "案例": "case",
    "案例分析题": "case",
}
_LEVELS: Final = {str(label): int(value) for value, label in Difficulty.choices} | {
    "1": 1,
    "2": 2,
    "3": 3,
    "容易": 1,
    "简单": 1,
    "中等": 2,
    "较难": 3,
    "困难": 3,
    "": 2,
}
# What a spreadsheet program makes of a long number.
_MANGLED: Final = re.compile(r"\d(\.\d+)?[eE]\+\d+")
INSTRUCTIONS: Final = (
    "一行填一道题。带颜色的表头必填；灰色表头的几列按题型需要填写。",
    "章节填章名或章号，例如“施工质量”或“2”，须是题库里已有的章节。",
    "题型从列表选择：单选题、多选题、判断题、案例题。难度从列表选择：易、中、难，不填按中。",
    "单选题 2 至 6 个选项，答案一个字母；多选题 3 至 6 个选项，答案至少两个字母，例如 A、C、D；判断题不填选项，答案填正确或错误。",
    "案例题：先用一行写案例说明，题型选案例题，案例编号写 1（第二个案例写 2，依此类推），不填选项和答案；它的小题各占一行，题型选单选题、多选题或判断题，案例编号写同一个数。",
    "图片不能放在表格里，导入以后在试题页逐题上传。",
    "导入后试题为草稿，提交复核、由另一人复核通过后才能用来组卷。",
)
FORM_COLUMNS: Final = (
    FormColumn(CHAPTER, 16, hint="章名或章号。"),
    FormColumn(KIND, 10, choices=tuple(str(label) for _, label in QuestionType.choices)),
    FormColumn(DIFFICULTY, 8, choices=tuple(str(label) for _, label in Difficulty.choices), required=False),
    FormColumn(CASE, 10, hint="案例题和它的小题写同一个数，其他题不填。", required=False),
    FormColumn(STEM, 50),
    *(FormColumn(label, 20, required=place < 2) for place, label in enumerate(OPTIONS)),
    FormColumn(ANSWER, 10, hint="单选填 B，多选填 A、C、D，判断填正确或错误。"),
    FormColumn(EXPLANATION, 40, required=False),
)


@dataclass(frozen=True)
class SheetRow:
    """A row as typed: the spreadsheet's own row number and the cells by the column's label."""

    number: int
    cells: dict[str, str]


@dataclass
class JudgedRow:
    """A row and what is wrong with it: column → sentence."""

    row: SheetRow
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadQuestion:
    """One good question of a sheet; `number` is the row it begins at, `chapter` a primary key."""

    number: int
    chapter: int
    difficulty: int
    content: QuestionContent


@dataclass(frozen=True)
class SheetVerdict:
    """All rows with their errors, and the questions when there are none at all."""

    rows: list[JudgedRow]
    questions: list[ReadQuestion]

    @property
    def wrong(self) -> list[JudgedRow]:
        return [row for row in self.rows if row.errors]


def read_bank_sheet(source: str | os.PathLike[str] | bytes | Readable) -> list[SheetRow]:
    """The rows of a sheet of questions. Raises SheetRefusedError with one clear sentence."""
    limits = Limits(rows=MOST_ROWS, cell_characters=MOST_IN_A_CELL)
    table = find_table(read_sheets(source, limits), COLUMNS, limits)
    rows = []
    for number, cells in table.rows:
        named = {
            label: cells[place].strip()
            if (place := table.positions.get(label, -1)) in range(len(cells))
            else ""
            for label in ALL
        }
        if any(named.values()):
            rows.append(SheetRow(number, named))
    if not rows:
        raise SheetRefusedError("no_rows", "表格里还没有试题，请从表头下一行开始填写后再上传。")
    return rows


def judge(
    rows: Sequence[SheetRow], chapters: Mapping[int, tuple[int, str]], known: Collection[str] = ()
) -> SheetVerdict:
    """Judge rows; `chapters`: primary key → (number, name); `known`: digests of questions in the bank already."""
    judged = [JudgedRow(row) for row in rows]
    by_name = {squeeze(name): key for key, (_, name) in chapters.items()}
    by_name |= {str(number): key for key, (number, _) in chapters.items()}
    by_name |= {f"第{number}章": key for key, (number, _) in chapters.items()}
    questions = [
        question
        for group in _groups(judged)
        if (question := _judge_question(group, by_name, [name for _, name in chapters.values()]))
    ]
    _mark_duplicates(judged, questions, known)
    if any(row.errors for row in judged):
        good = {row.row.number for row in judged if not row.errors}
        questions = [question for question in questions if question.number in good]
    return SheetVerdict(judged, questions)


def _groups(rows: Sequence[JudgedRow]) -> Iterable[list[JudgedRow]]:
    """Each question's rows: one, or a case with its sub-questions wherever they stand."""
    parts: dict[str, list[JudgedRow]] = {}
    heads: dict[str, JudgedRow] = {}
    order: list[list[JudgedRow]] = []
    for row in rows:
        number = squeeze(row.row.cells[CASE])
        if kind_of(row.row) == QuestionType.CASE:
            if not number:
                row.errors[CASE] = "案例题要填案例编号，它的小题填同一个编号。"
            elif number in heads:
                row.errors[CASE] = f"案例编号 {number} 与第 {heads[number].row.number} 行重复。"
            else:
                heads[number] = row
            order.append([row])
        elif number:
            parts.setdefault(number, []).append(row)
        else:
            order.append([row])
    for number, members in parts.items():
        if number not in heads:
            for row in members:
                row.errors[CASE] = f"没有案例编号为 {number} 的案例题，请先用一行写案例说明。"
    whole = {id(heads[number]): members for number, members in parts.items() if number in heads}
    for group in order:
        yield [group[0], *whole.get(id(group[0]), [])]


def kind_of(row: SheetRow) -> str:
    """The question type of a row, empty when it is not understood."""
    return kind_of_words(row.cells[KIND])


def kind_of_words(words: str) -> str:
    """The question type that is written as 单选题, 单项选择题, …; empty when it is not understood."""
    return _KINDS.get(squeeze(words), "")


def _judge_question(
    group: Sequence[JudgedRow], chapters: Mapping[str, int], names: Sequence[str]
) -> ReadQuestion | None:
    head, *members = group
    chapter = chapters.get(squeeze(head.row.cells[CHAPTER]))
    if chapter is None:
        given = head.row.cells[CHAPTER]
        known = "、".join(names) or "还没有章节，请先在题库里添加"
        head.errors[CHAPTER] = f"没有“{given}”这一章，现有：{known}。" if given else "请填写章节。"
    level = _LEVELS.get(squeeze(head.row.cells[DIFFICULTY]))
    if level is None:
        head.errors[DIFFICULTY] = "难度应为易、中或难。"
    for row in group:
        if not kind_of(row.row):
            row.errors[KIND] = "题型应为单选题、多选题、判断题或案例题。"
    if any(KIND in row.errors for row in group):
        return None
    content = _content_of(head.row, [row.row for row in members])
    for name, sentence in problems(content).items():
        _place(group, name, sentence)
    for row in group:
        for label in (STEM, *OPTIONS):
            if _MANGLED.fullmatch(row.row.cells[label]):
                row.errors[label] = "这个数被表格软件改成了科学计数法，请把单元格设为文本后重新填写。"
    if any(row.errors for row in group) or chapter is None or level is None:
        return None
    return ReadQuestion(head.row.number, chapter, level, content)


def _content_of(head: SheetRow, members: Sequence[SheetRow]) -> QuestionContent:
    whole = _part_of(head)
    return QuestionContent(
        whole.type,
        whole.stem,
        () if whole.type == QuestionType.CASE else whole.options,
        () if whole.type == QuestionType.CASE else whole.answer,
        whole.explanation,
        tuple(_part_of(row) for row in members),
    )


def _part_of(row: SheetRow) -> Part:
    kind = kind_of(row)
    given = [row.cells[label] for label in OPTIONS]
    while given and not given[-1]:
        given.pop()
    return Part(
        kind, row.cells[STEM], tuple(given), letters_of(row.cells[ANSWER], kind), row.cells[EXPLANATION]
    )


def _place(group: Sequence[JudgedRow], name: str, sentence: str) -> None:
    """Put a content problem at its row and column."""
    row = group[0]
    if name.startswith("parts."):
        _, place, name = name.split(".", 2)
        row = group[1 + int(place)]
    column = {"stem": STEM, "options": _first_gap(row.row), "answer": ANSWER, "type": KIND}.get(name, KIND)
    row.errors.setdefault(column, sentence)


def _first_gap(row: SheetRow) -> str:
    """The column of the first empty option: what is wrong with options is mostly one that is missing."""
    return next((label for label in OPTIONS if not row.cells[label]), OPTIONS[0])


def _mark_duplicates(
    judged: Sequence[JudgedRow], questions: Sequence[ReadQuestion], known: Collection[str]
) -> None:
    rows = {row.row.number: row for row in judged}
    digests = [
        (question.number, digest_of(question.content.type, question.content.as_json()))
        for question in questions
    ]
    for number, first in duplicates(digests).items():
        rows[number].errors.setdefault(STEM, f"与第 {first} 行是同一道题。")
    for number, digest in digests:
        if digest in known:
            rows[number].errors.setdefault(STEM, "题库里已有这道题。")


def write_template(target: Target) -> None:
    """Write the empty sheet to a path or binary file."""
    write_form(target, FORM_COLUMNS, sheet_name=SHEET_NAME, instructions=INSTRUCTIONS)


def write_questions(target: Target, questions: Iterable[tuple[str, int, QuestionContent]]) -> int:
    """Write questions, (chapter's name, difficulty, content), as a sheet that can be imported again; returns how many."""
    count = 0

    def rows() -> Iterable[list[str]]:
        nonlocal count
        cases = 0
        for chapter, difficulty, content in questions:
            count += 1
            cases += content.type == QuestionType.CASE
            yield from _rows_of(chapter, difficulty, content, str(cases))

    columns = [ExportColumn(column.heading, width=column.width) for column in FORM_COLUMNS]
    write_workbook(target, columns, rows(), sheet_name=SHEET_NAME)
    return count


def _rows_of(chapter: str, difficulty: int, content: QuestionContent, case: str) -> Iterable[list[str]]:
    level = str(Difficulty(difficulty).label)
    if content.type != QuestionType.CASE:
        yield _cells(content, {CHAPTER: chapter, DIFFICULTY: level})
        return
    yield _cells(content, {CHAPTER: chapter, DIFFICULTY: level, CASE: case})
    for part in content.parts:
        yield _cells(part, {CASE: case})


def _cells(part: Part, cells: dict[str, str]) -> list[str]:
    options = part.options if part.type not in {QuestionType.TRUE_FALSE, QuestionType.CASE} else ()
    cells |= {KIND: str(QuestionType(part.type).label), STEM: part.stem, EXPLANATION: part.explanation}
    cells |= dict(zip(OPTIONS, options, strict=False))
    cells[ANSWER] = shown_answer(part) if part.type != QuestionType.CASE else ""
    return [cells.get(label, "") for label in ALL]


def write_marked_sheet(target: Target, verdict: SheetVerdict) -> None:
    """Give the sheet back with the wrong cells red; rows keep their numbers, it can be uploaded again."""
    places = {column.heading: place for place, column in enumerate(FORM_COLUMNS)}
    rows = [(row.row.number, [row.row.cells[label] for label in ALL]) for row in verdict.rows]
    marks = {
        (row.row.number, places[column]): sentence
        for row in verdict.rows
        for column, sentence in row.errors.items()
    }
    write_marked(target, FORM_COLUMNS, rows, marks, header_row=1, sheet_name=SHEET_NAME)


def rows_to_json(rows: Iterable[SheetRow]) -> list[dict[str, Any]]:
    return [{"row": row.number, "cells": row.cells} for row in rows]


def rows_from_json(data: Iterable[Mapping[str, Any]]) -> list[SheetRow]:
    return [SheetRow(int(item["row"]), dict(item["cells"])) for item in data]

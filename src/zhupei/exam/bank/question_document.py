"""Questions in a Word document, as examiners write them: number, options, answer, explanation a paragraph each (EXM-01).

What is read becomes the rows of a sheet, so that both kinds of file are judged by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, Final

from docx import Document

from foundation.files.word import read_paragraphs
from foundation.identifiers.text import squeeze
from foundation.sheets.reader import SheetRefusedError
from zhupei.exam.bank.content import LETTERS
from zhupei.exam.bank.question_sheet import (
    ALL,
    ANSWER,
    CASE,
    CHAPTER,
    DIFFICULTY,
    EXPLANATION,
    KIND,
    MOST_ROWS,
    OPTIONS,
    STEM,
    SheetRow,
    kind_of_words,
)

DOCUMENT_FILE_NAME: Final = "试题导入模板.docx"
_KINDS = "单项选择题|单选题|单选|多项选择题|多选题|多选|判断题|判断|是非题|案例分析题|案例题"
_CHAPTER = re.compile(r"^(?:第\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*章|【?章节】?\s*:)\s*(.*)$")
_HEADING = re.compile(rf"^(?:[一二三四五六七八九十]+\s*[、.,]\s*|【?题型】?\s*:\s*)?({_KINDS})\s*(?:\(.*)?$")
_QUESTION = re.compile(r"^(\d{1,4})\s*[.、](?!\d)\s*(.+)$", re.DOTALL)
_PART = re.compile(r"^\(\s*(\d{1,2})\s*\)\s*(.+)$", re.DOTALL)
_MARKED_KIND = re.compile(rf"^[\[【]({_KINDS})[\]】]\s*")
_OPTION = re.compile(r"(?:^|(?<=\s))([A-F])\s*[.、:)]\s*")
_FIELD = re.compile(r"^【?(?:正确|标准|参考|试题|答案)?(答案|解析|难度)(?:】\s*:?|\s*:)\s*(.*)$", re.DOTALL)
# For comparing only, character by character: what people wrote stays as it is.
_PLAIN: Final = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)} | {0x3000: " ", 0xA0: " "}
_NUMERALS = {word: number for number, word in enumerate("一二三四五六七八九", 1)}
_FIELDS = {"答案": ANSWER, "解析": EXPLANATION, "难度": DIFFICULTY}
EXAMPLE: Final = (
    "第1章 章名（改成题库里的章名）",
    "一、单选题",
    "1. 混凝土浇筑完毕后，应在多长时间以内开始养护？",
    "A. 12 小时",
    "B. 24 小时",
    "C. 48 小时",
    "答案：A",
    "解析：混凝土终凝后应及时养护。",
    "难度：易",
    "二、多选题",
    "1. 下列哪些属于安全防护用品？",
    "A. 安全帽  B. 安全带  C. 钢卷尺  D. 安全网",
    "答案：A、B、D",
    "三、判断题",
    "1. 进入施工现场必须戴安全帽。",
    "答案：正确",
    "四、案例题",
    "1. 某工程基坑深 6 米，采用排桩支护。",
    "（1）【单选题】该基坑支护属于哪一类工程？",
    "A. 一般工程",
    "B. 危险性较大的工程",
    "答案：B",
    "（2）【判断题】专项施工方案应由总监理工程师签字。",
    "答案：正确",
)
RULES: Final = (
    "章名、题型各占一行，以下各题都属于它，直到换章、换题型。",
    "每题以题号开头，选项以字母开头，答案、解析、难度各起一段；解析和难度可以不写，难度不写按中。",
    "案例题先写案例说明，小题用（1）（2）编号，题型写在方头括号里。",
    "图片不能放在文档里，导入以后在试题页逐题上传。填写前请删去示例。",
)


def read_bank_document(content: bytes) -> list[SheetRow]:
    """The questions of a .docx as rows of a sheet, numbered from 2 on. Raises WordRefusedError, SheetRefusedError."""
    if not content.startswith(b"PK"):
        raise SheetRefusedError("old_document", "旧版 .doc 文档读不出来，请另存为 .docx 再上传。")
    reader = _Reader()
    for paragraph in read_paragraphs(content):
        for line in paragraph.split("\n"):
            reader.take(line)
    rows = reader.rows()
    if not rows:
        raise SheetRefusedError(
            "no_rows", "文档里没有读到试题，请按模板的写法：题号、选项、答案、解析各起一段。"
        )
    if len(rows) > MOST_ROWS:
        raise SheetRefusedError("too_many_rows", f"文档超过 {MOST_ROWS} 题，请分成几个文档再上传。")
    return rows


class _Reader:
    """Takes line after line; what bears no mark goes on with the field before it."""

    def __init__(self) -> None:
        self.chapter = self.kind = ""
        self.cases = 0
        self.found: list[dict[str, str]] = []
        self.field = ""

    def take(self, line: str) -> None:
        text = line.strip()
        plain = text.translate(_PLAIN)
        if not text:
            return
        if chapter := _CHAPTER.match(plain):
            self.chapter = text[chapter.start(2) :].strip() or str(_number(chapter[1] or ""))
            self.field = ""
        elif heading := _HEADING.match(plain):
            self.kind, self.field = heading[1], ""
        elif question := _QUESTION.match(plain):
            self._open_question(text[question.start(2) :])
        elif self._in_case() and (part := _PART.match(plain)):
            self._open(text[part.start(2) :], {CASE: str(self.cases)})
        elif self.found and (named := _FIELD.match(plain)):
            self.field = _FIELDS[named[1]]
            self._add(text[named.start(2) :])
        elif self.found and self.field != EXPLANATION and _OPTION.match(plain):
            self._add_options(text, plain)
        elif self.found and self.field in {STEM, EXPLANATION, *OPTIONS}:
            self._add(text)

    def _in_case(self) -> bool:
        return bool(self.found) and bool(self.found[-1][CASE])

    def _open_question(self, stem: str) -> None:
        marked = _MARKED_KIND.match(stem)
        kind = marked[1] if marked else self.kind
        is_case = kind_of_words(kind) == "case"
        self.cases += is_case
        self._open(stem, {CHAPTER: self.chapter, CASE: str(self.cases) if is_case else "", KIND: kind})

    def _open(self, stem: str, cells: dict[str, str]) -> None:
        marked = _MARKED_KIND.match(stem)
        if marked:
            cells[KIND], stem = marked[1], stem[marked.end() :]
        self.found.append(dict.fromkeys(ALL, "") | cells | {STEM: stem})
        self.field = STEM

    def _add(self, text: str) -> None:
        row = self.found[-1]
        row[self.field] = f"{row[self.field]}\n{text}" if row[self.field] else text

    def _add_options(self, text: str, plain: str) -> None:
        """One option, or several in a line: a letter counts only where it is the next one."""
        marks = list(_OPTION.finditer(plain))
        kept = marks[:1]
        for mark in marks[1:]:
            if ord(mark[1]) == ord(kept[-1][1]) + 1:
                kept.append(mark)
        for place, mark in enumerate(kept):
            end = kept[place + 1].start() if place + 1 < len(kept) else len(text)
            self.field = OPTIONS[LETTERS.index(mark[1])]
            self._add(text[mark.end() : end].strip())

    def rows(self) -> list[SheetRow]:
        """What was read; a type that was not written is told by options and answer."""
        for row in self.found:
            row[KIND] = row[KIND] or _kind_of(row)
        return [SheetRow(number, row) for number, row in enumerate(self.found, 2)]


def _kind_of(row: dict[str, str]) -> str:
    if not any(row[label] for label in OPTIONS):
        return "判断题" if row[ANSWER] else ""
    return "多选题" if len(re.findall("[A-F]", squeeze(row[ANSWER]).upper())) > 1 else "单选题"


def _number(text: str) -> int | str:
    """3, 三, 十二, 二十 as a number."""
    if text.isdigit() or not text:
        return int(text) if text else ""
    tens, mark, ones = text.rpartition("十")
    return (_NUMERALS.get(tens, 1) * 10 if mark else 0) + _NUMERALS.get(ones, 0)


def write_document_template(target: str | IO[bytes], lines: Iterable[str] = EXAMPLE) -> None:
    """Write the document to follow: rules on top, an example of every type."""
    document = Document()
    document.add_heading("试题导入模板", level=1)
    for rule in RULES:
        document.add_paragraph(f"说明：{rule}")
    for line in lines:
        document.add_paragraph(line)
    document.save(target)

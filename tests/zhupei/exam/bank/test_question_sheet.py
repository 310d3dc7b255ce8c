"""EXM-01: sheets of questions are judged cell by cell; what is wrong is named with row, column and a sentence."""

from __future__ import annotations

import io
import time
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl import load_workbook

from foundation.sheets.reader import SheetRefusedError
from tests.zhupei.exam.banks import row, sheet
from zhupei.exam.bank.content import digest_of
from zhupei.exam.bank.question_sheet import (
    ALL,
    CASE,
    SheetVerdict,
    judge,
    read_bank_sheet,
    rows_from_json,
    rows_to_json,
    write_marked_sheet,
    write_template,
)

CHAPTERS = {11: (1, "法律法规"), 12: (2, "施工质量")}


def judged(*rows: dict[str, str], known: Any = ()) -> SheetVerdict:
    return judge(read_bank_sheet(sheet(rows)), CHAPTERS, known)


def only_error(verdict: SheetVerdict) -> tuple[int, str, str]:
    """Row, column and sentence of the only thing that is wrong."""
    ((number, column, sentence),) = [
        (line.row.number, column, sentence)
        for line in verdict.rows
        for column, sentence in line.errors.items()
    ]
    return number, column, sentence


def test_questions_of_every_type_are_read() -> None:
    """EXM-01: the sub-questions of a case stand anywhere below or above it."""
    verdict = judged(
        row(),
        row(题型="多选", 题干="哪些是？", 选项C="后天", 答案="a、c", 难度="难", 章节="2"),
        row(题型="判断题", 题干="应当养护。", 选项A="", 选项B="", 答案="√", 难度="", 章节="第1章"),
        row(题型="单选题", 题干="该工程属于？", 案例编号="1", 章节=""),
        row(题型="案例题", 题干="某工程基坑深 6 米。", 选项A="", 选项B="", 答案="", 案例编号="1"),
        row(题型="判断题", 题干="方案应论证。", 选项A="", 选项B="", 答案="错", 案例编号="1"),
    )
    assert [line.errors for line in verdict.rows] == [{}] * 6
    first, second, third, fourth = verdict.questions
    assert (first.number, first.chapter, first.difficulty, first.content.answer) == (2, 12, 2, ("A",))
    assert (second.content.type, second.content.answer, second.difficulty) == ("multiple", ("A", "C"), 3)
    assert (third.content.type, third.content.answer, third.chapter) == ("true_false", ("A",), 11)
    assert fourth.number == 6
    assert [part.stem for part in fourth.content.parts] == ["该工程属于？", "方案应论证。"]
    assert fourth.content.parts[1].answer == ("B",)


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"章节": "装饰"}, "章节", "没有“装饰”这一章，现有：法律法规、施工质量"),
        ({"章节": ""}, "章节", "请填写章节"),
        ({"题型": "问答题"}, "题型", "题型应为"),
        ({"难度": "特难"}, "难度", "难度应为"),
        ({"题干": ""}, "题干", "请填写题干"),
        ({"答案": ""}, "答案", "请填写答案"),
        ({"答案": "C"}, "答案", "C 没有对应的选项"),
        ({"答案": "AB"}, "答案", "只能有一个"),
        ({"题型": "多选题", "选项C": "后天", "答案": "A"}, "答案", "至少两个"),
        ({"题型": "多选题", "答案": "AB"}, "选项C", "应有 3 至 6 个选项"),
        ({"选项B": "", "选项C": "后天"}, "选项B", "选项 B 是空的"),
        ({"题型": "判断题", "答案": "A"}, "选项C", "判断题不用填选项"),
        ({"案例编号": "7"}, CASE, "没有案例编号为 7 的案例题"),
        ({"题型": "案例题"}, CASE, "案例题要填案例编号"),
        ({"答案": "1.1"}, "答案", "重复的字母"),
        ({"选项B": "1.1E+17"}, "选项B", "科学计数法"),
    ],
)
def test_each_wrong_cell_is_named(cells: dict[str, str], column: str, words: str) -> None:
    """EXM-01: row, column and sentence; good rows are not touched."""
    verdict = judged(row(题干="一道好题？"), row(**cells))
    found = [line for line in verdict.rows if line.errors]
    assert [line.row.number for line in found] == [3]
    assert words in found[0].errors[column]
    assert [question.number for question in verdict.questions] == [2]


def test_a_sub_question_is_named_at_its_own_row() -> None:
    """EXM-01: of a case, the row that is wrong; the case is not imported."""
    verdict = judged(
        row(题型="案例题", 题干="某工程。", 选项A="", 选项B="", 答案="", 案例编号="1"),
        row(题干="小题一？", 案例编号="1"),
        row(题干="小题二？", 案例编号="1", 答案="F"),
    )
    assert only_error(verdict) == (4, "答案", "答案 F 没有对应的选项。")
    assert verdict.questions == []


def test_case_numbers_are_used_once_and_a_case_needs_parts() -> None:
    """EXM-01: two cases of one number, a case alone."""
    head = row(题型="案例题", 题干="某工程。", 选项A="", 选项B="", 答案="", 案例编号="1")
    verdict = judged(head, row(题干="小题？", 案例编号="1"), head | {"题干": "另一工程。"})
    assert "案例编号 1 与第 2 行重复" in verdict.rows[2].errors[CASE]
    assert only_error(judged(head)) == (2, "题型", "案例题至少要有一道小题。")


def test_duplicates_in_the_sheet_and_against_the_bank() -> None:
    """EXM-01: the same words twice, whatever their spaces, and what is in the bank already."""
    good = judged(row())
    known = [digest_of("single", good.questions[0].content.as_json())]
    assert only_error(judged(row(), row(题干="养护 何时开始？", 答案="B"))) == (
        3,
        "题干",
        "与第 2 行是同一道题。",
    )
    assert only_error(judged(row(), known=known)) == (2, "题干", "题库里已有这道题。")


def test_the_template_filled_in_is_read_back() -> None:
    """EXM-01: what is downloaded can be uploaded; an untouched one says that it is empty."""
    out = io.BytesIO()
    write_template(out)
    with pytest.raises(SheetRefusedError) as refusal:
        read_bank_sheet(out.getvalue())
    assert refusal.value.code == "no_rows"
    book = load_workbook(io.BytesIO(out.getvalue()))
    assert book.sheetnames == ["试题", "填写说明"]
    page = book["试题"]
    assert tuple(cell.value for cell in page[1]) == ALL
    page.append([row()[name] for name in ALL])
    filled = io.BytesIO()
    book.save(filled)
    (question,) = judge(read_bank_sheet(filled.getvalue()), CHAPTERS).questions
    assert (question.number, question.content.stem) == (2, "养护何时开始？")


def test_the_marked_file_keeps_its_rows_and_is_read_again() -> None:
    """EXM-01: wrong cells are red with the sentence, each row at its own number; mended it passes."""
    verdict = judged(row(), row(题干="第二题？", 答案="F"))
    out = io.BytesIO()
    write_marked_sheet(out, verdict)
    page = load_workbook(io.BytesIO(out.getvalue())).active
    wrong = page.cell(row=3, column=ALL.index("答案") + 1)
    assert wrong.value == "F" and wrong.fill.fgColor.rgb == "FFFFC7CE"
    assert "没有对应的选项" in wrong.comment.text
    assert "没有对应的选项" in page.cell(row=3, column=len(ALL) + 1).value
    again = judge(read_bank_sheet(out.getvalue()), CHAPTERS)
    assert [line.errors for line in again.rows] == [line.errors for line in verdict.rows]


def test_rows_are_kept_and_read_again() -> None:
    """EXM-01: what the preview keeps is what was uploaded."""
    rows = read_bank_sheet(sheet([row(), row(题干="另一题？")]))
    assert rows_from_json(rows_to_json(rows)) == rows


# --- hostile and clumsy sheets


def test_a_file_from_an_old_program_in_gbk() -> None:
    """EXM-01: CSV in GBK, headings in other words and another order."""
    text = "题目,答案A,答案B,正确答案,试题类型,所属章节\r\n养护何时开始？,当天,次日,b,单选,施工质量\r\n"
    (question,) = judge(read_bank_sheet(text.encode("gbk")), CHAPTERS).questions
    assert question.content.options == ("当天", "次日")
    assert question.content.answer == ("B",)


def test_numbers_formulas_and_merged_cells() -> None:
    """EXM-01: numbers stay readable, of a formula its last value is taken, merged cells don't shift columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("试题")
        page.merge_range(0, 0, 0, 5, "浙江省题库导入表")
        page.write_row(1, 0, ALL)
        cells = row(题干="1 立方米混凝土约重多少千克？")
        page.write_row(2, 0, [cells[name] for name in ALL])
        page.write_number(2, ALL.index("选项A"), 2400)
        page.write_number(2, ALL.index("选项B"), 1.1e17)
        page.write_formula(2, ALL.index("选项C"), "=1+1", value=2)
        page.merge_range(3, 0, 4, 0, "施工质量")
        for number in (3, 4):
            page.write_row(number, 1, [row(题干=f"第 {number} 题？")[name] for name in ALL[1:]])
    verdict = judge(read_bank_sheet(out.getvalue()), CHAPTERS)
    assert [line.row.number for line in verdict.rows] == [3, 4, 5]
    first = verdict.rows[0]
    assert (first.row.cells["选项A"], first.row.cells["选项C"]) == ("2400", "2")
    assert "科学计数法" in first.errors["选项B"]
    # a chapter merged over several rows stands for each of them
    assert [line.errors for line in verdict.rows[1:]] == [{}, {}]
    assert [question.chapter for question in verdict.questions] == [12, 12]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 nothing", "not_spreadsheet"),
        (b"PK\x03\x04broken", "damaged"),
        ("姓名,身份证号\r\n张三,1\r\n".encode(), "header_missing"),
        ("章节,题型,题干,选项A,选项B\r\n1,单选题,问？,甲,乙\r\n".encode(), "columns_missing"),
    ],
)
def test_files_that_are_no_sheet_of_questions(content: bytes, code: str) -> None:
    """EXM-01: one sentence each, no traceback."""
    with pytest.raises(SheetRefusedError) as refusal:
        read_bank_sheet(content)
    assert refusal.value.code == code


def test_a_text_too_long_is_named_and_never_cut_in_silence() -> None:
    """EXM-01: a stem of 20 000 characters is wrong; a long explanation is kept whole."""
    verdict = judged(row(题干="长" * 20_000), row(题干="解析很长？", 解析="解" * 5_000))
    number, column, words = only_error(verdict)
    assert (number, column) == (2, "题干") and "20000 字" in words
    (kept,) = verdict.questions
    assert "解" * 5_000 in str(kept.content)


def test_too_many_rows_are_refused_and_the_most_are_judged_quickly() -> None:
    """EXM-01: 6 000 rows are refused; 5 000 take seconds."""
    rows = [row(题干=f"第 {n} 题问什么？") for n in range(6_000)]
    with pytest.raises(SheetRefusedError) as refusal:
        read_bank_sheet(sheet(rows))
    assert refusal.value.code == "too_many_rows" and "5000" in refusal.value.message
    content = sheet(rows[:5_000])
    begun = time.monotonic()
    verdict = judge(read_bank_sheet(content), CHAPTERS)
    assert len(verdict.questions) == 5_000
    assert time.monotonic() - begun < 20


def test_a_workbook_of_other_sheets_is_found() -> None:
    """EXM-01: the sheet with the questions, wherever it stands."""
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    page = book.create_sheet("题目")
    page.append(list(ALL))
    page.append([row()[name] for name in ALL])
    out = io.BytesIO()
    book.save(out)
    assert len(judge(read_bank_sheet(out.getvalue()), CHAPTERS).questions) == 1

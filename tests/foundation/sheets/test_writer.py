"""Writing tables: streamed xlsx, CSV, forms, marked cells; formulas stay text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.sheets.form import FormColumn, write_form
from foundation.sheets.marked import write_marked
from foundation.sheets.reader import read_sheets
from foundation.sheets.writer import (
    ExportColumn,
    safe_sheet_name,
    write_workbook,
)

DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","点")']


def written(rows: Sequence[Sequence[Any]], columns: int = 2, **options: Any) -> tuple[bytes, int]:
    buffer = io.BytesIO()
    count = write_workbook(buffer, [ExportColumn(f"列{n}") for n in range(columns)], rows, **options)
    return buffer.getvalue(), count


def test_what_is_written_is_what_is_read() -> None:
    """QRY-01: text, numbers, dates, money, long numbers, nothing."""
    aware = datetime(2026, 11, 1, 16, 30, tzinfo=UTC)
    row = [
        "330106197402050425",
        12,
        Decimal("1200.50"),
        date(2026, 11, 1),
        aware,
        True,
        None,
        330106197402050425,
    ]
    content, count = written([row], columns=8, title="报名查询")
    assert count == 1
    rows = read_sheets(content)[0].rows
    assert rows[0] == (1, ["报名查询"] + [""] * 7)
    assert rows[2][1][:4] == ["330106197402050425", "12", "1200.5", "2026-11-01"]
    assert rows[2][1][4:] == ["2026-11-02 00:30:00", "是", "", "330106197402050425"]


def test_rows_are_taken_one_at_a_time() -> None:
    """QRY-01: exports are streamed, whatever their number of rows."""
    content, count = written(["甲", number] for number in range(5000))
    assert count == 5000
    assert read_sheets(content)[0].rows[-1] == (5001, ["甲", "4999"])


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_stay_text(text: str) -> None:
    """SEC-05: spreadsheet-formula injection neutralized."""
    content, _ = written([[text, "x"]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@given(st.lists(st.lists(st.text(max_size=60), min_size=2, max_size=2), max_size=5))
@settings(deadline=None, max_examples=40)
def test_any_text_can_be_written(rows: list[list[str]]) -> None:
    """SEC-05: control characters, lone surrogates and formulas included."""
    content, count = written(rows)
    assert count == len(rows)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_sheet_names_are_made_acceptable() -> None:
    """QRY-01: a plan's name may hold what Excel forbids."""
    assert safe_sheet_name("2026/11:[名单]*?") == "202611名单"
    assert safe_sheet_name("'") == "数据"
    assert len(safe_sheet_name("长" * 50)) == 31


FORM = (
    FormColumn("姓名", hint="与身份证一致"),
    FormColumn("性别", choices=("男", "女")),
    FormColumn("号码", length=18),
    FormColumn("备注", required=False),
)


def test_form_has_lists_text_columns_and_instructions() -> None:
    """ENR-02: drop-down lists, text format, instructions on a second sheet."""
    buffer = io.BytesIO()
    write_form(
        buffer,
        FORM,
        sheet_name="名单",
        instructions=["第一", "=第二"],
        prefilled={"备注": "甲"},
        prefilled_rows=2,
    )
    book = openpyxl.load_workbook(buffer)
    sheet, notes = book.worksheets
    assert [cell.value for cell in sheet[1]] == ["姓名", "性别", "号码", "备注"]
    assert [sheet.cell(row, 4).value for row in (2, 3, 4)] == ["甲", "甲", None]
    assert [row[0].value for row in notes.iter_rows()] == ["第一", "=第二"]
    assert notes.title == "填写说明"
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert rules["B2:B50001"].type == "list" and rules["B2:B50001"].formula1 == '"男,女"'
    assert rules["C2:C50001"].type == "textLength" and rules["C2:C50001"].formula1 == "18"
    assert rules["A2:A50001"].prompt == "与身份证一致"
    text = [group for group in sheet.column_dimensions.values() if group.number_format == "@"]
    assert {place for group in text for place in range(group.min, group.max + 1)} == {1, 2, 3, 4}


def test_wrong_cells_are_red_with_the_sentence_and_a_last_column() -> None:
    """ENR-04: the file is given back with the errors marked in the cells; rows keep their numbers."""
    buffer = io.BytesIO()
    rows = [(4, ["张三", "人", "=1+1", ""]), (7, ["李四", "男", "", ""])]
    marks = {(4, 1): "请选择男或女。", (4, 2): "应为 18 位。", (7, 2): "没有填写。"}
    write_marked(buffer, FORM, rows, marks, header_row=3, sheet_name="名单", title="汇总表")
    sheet = openpyxl.load_workbook(buffer).active
    assert sheet is not None
    assert sheet["A1"].value == "汇总表"
    assert [cell.value for cell in sheet[3]] == ["姓名", "性别", "号码", "备注", "问题"]
    assert sheet["A4"].value == "张三"
    for place, sentence in (("B4", "请选择男或女。"), ("C4", "应为 18 位。"), ("C7", "没有填写。")):
        assert sheet[place].fill.fgColor.rgb == "FFFFC7CE"
        assert sheet[place].comment.text == sentence
    assert sheet["A4"].fill.fgColor.rgb != "FFFFC7CE"
    assert sheet["A4"].comment is None
    assert sheet["C4"].data_type == "s"
    assert sheet["E4"].value == "请选择男或女。\n应为 18 位。"
    assert sheet["E7"].value == "没有填写。"
    assert sheet["A5"].value is None

"""Workbooks for people to fill in: headings, drop-down lists, text columns, a sheet of instructions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from foundation.sheets.writer import FONT, HEADING, Target, clean_text, open_target, safe_sheet_name

# Validation reaches as far down as the longest list that is read.
_LAST_ROW: Final = 50_000
_TITLE_LIMIT, _MESSAGE_LIMIT = 32, 255
REQUIRED_HEADING: Final = HEADING | {"bg_color": "#DCE9FF"}
OPTIONAL_HEADING: Final = HEADING | {"bg_color": "#F3F4F6", "bold": False}


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column to fill in: heading, width, values to choose from or exact length, hint shown on entry."""

    heading: str
    width: float = 14
    choices: tuple[str, ...] = ()
    length: int | None = None
    hint: str = ""
    required: bool = True


def write_form(
    target: Target,
    columns: Sequence[FormColumn],
    *,
    sheet_name: str,
    instructions: Sequence[str],
    prefilled: Mapping[str, str] | None = None,
    prefilled_rows: int = 0,
) -> None:
    """Write the form to a path or binary file.

    All columns are text, so that long numbers keep their digits. `prefilled` (heading → text) is written
    into the first `prefilled_rows` rows; `instructions` fill a second sheet 填写说明, a line each.
    """
    with xlsxwriter.Workbook(open_target(target)) as book:
        sheet = book.add_worksheet(safe_sheet_name(sheet_name))
        text = book.add_format(FONT | {"num_format": "@", "valign": "vcenter"})
        required, optional = book.add_format(REQUIRED_HEADING), book.add_format(OPTIONAL_HEADING)
        sheet.set_row(0, 24)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, text)
            sheet.write_string(0, place, column.heading, required if column.required else optional)
            validate_column(sheet, place, column, first_row=1)
            value = (prefilled or {}).get(column.heading)
            for row in range(1, prefilled_rows + 1) if value else ():
                sheet.write_string(row, place, clean_text(value or ""), text)
        sheet.freeze_panes(1, 0)
        _write_instructions(book, instructions)


def validate_column(sheet: Worksheet, place: int, column: FormColumn, *, first_row: int) -> None:
    """Drop-down list or exact length for a column from `first_row` (0 = row 1) down, with the hint."""
    rule: dict[str, Any] = {"ignore_blank": True}
    if column.choices:
        rule |= {"validate": "list", "source": list(column.choices)}
        message = f"请从列表中选择：{'、'.join(column.choices)}。"
    elif column.length:
        rule |= {"validate": "length", "criteria": "==", "value": column.length}
        message = f"{column.heading}应为 {column.length} 位，请核对。"
    elif column.hint:
        rule["validate"] = "any"
        message = column.hint
    else:
        return
    rule |= {
        "error_title": f"{column.heading}填写有误"[:_TITLE_LIMIT],
        "error_message": message[:_MESSAGE_LIMIT],
    }
    if column.hint:
        rule |= {"input_title": column.heading[:_TITLE_LIMIT], "input_message": column.hint[:_MESSAGE_LIMIT]}
    sheet.data_validation(first_row, place, _LAST_ROW, place, rule)


def _write_instructions(book: xlsxwriter.Workbook, lines: Iterable[str]) -> None:
    sheet = book.add_worksheet("填写说明")
    wrapped = book.add_format(FONT | {"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100, wrapped)
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, clean_text(line), wrapped)

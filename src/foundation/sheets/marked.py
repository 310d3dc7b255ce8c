"""Give a table back with its wrong cells marked: red, with a note, and all sentences in a last column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from foundation.sheets.form import FormColumn, validate_column
from foundation.sheets.writer import (
    FONT,
    HEADING,
    Target,
    clean_text,
    looks_like_formula,
    open_target,
    safe_sheet_name,
)

PROBLEM_HEADING = "问题"
_TEXT = FONT | {"num_format": "@", "valign": "vcenter"}
_WRONG = {"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1, "border_color": "#D63939"}


def write_marked(
    target: Target,
    columns: Sequence[FormColumn],
    rows: Iterable[tuple[int, Sequence[str]]],
    marks: Mapping[tuple[int, int], str],
    *,
    header_row: int = 1,
    sheet_name: str = "名单",
    title: str = "",
) -> None:
    """Write `rows`, (own row number from 1, cells in the order of `columns`), to a path or binary file.

    Row numbers must rise. Every row stands at its own number again, the header at `header_row`; `title`
    is shown when there is room above it. `marks` maps (row number, place of the column from 0) to the
    sentence about the cell.
    """
    by_row: dict[int, dict[int, str]] = {}
    for (number, place), sentence in sorted(marks.items()):
        by_row.setdefault(number, {})[place] = sentence
    with xlsxwriter.Workbook(open_target(target), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(safe_sheet_name(sheet_name))
        writer = _MarkedRows(book, sheet, len(columns))
        _write_head(book, sheet, columns, header_row, title)
        for number, cells in rows:
            writer.write(number, cells, by_row.get(number, {}))


def _write_head(
    book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[FormColumn], header_row: int, title: str
) -> None:
    heading = book.add_format(HEADING)
    text = book.add_format(_TEXT)
    if title and header_row > 1:
        sheet.write_string(0, 0, clean_text(title), book.add_format(FONT | {"bold": True, "font_size": 14}))
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(header_row - 1, place, column.heading, heading)
        validate_column(sheet, place, column, first_row=header_row)
    sheet.set_column(len(columns), len(columns), 60)
    sheet.write_string(header_row - 1, len(columns), PROBLEM_HEADING, heading)
    sheet.freeze_panes(header_row, 0)


class _MarkedRows:
    """Writes the rows; a cell's format depends on whether it is wrong and whether it looks like a formula."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet, problem_place: int) -> None:
        self._sheet = sheet
        self._problem_place = problem_place
        # The quote prefix keeps `=…` text even after a person has edited the cell.
        self._formats = {
            (wrong, quoted): book.add_format(
                _TEXT | (_WRONG if wrong else {}) | ({"quote_prefix": True} if quoted else {})
            )
            for wrong in (False, True)
            for quoted in (False, True)
        }
        self._problem = book.add_format(
            FONT | {"font_color": "#9C0006", "text_wrap": True, "valign": "vcenter"}
        )

    def write(self, number: int, cells: Sequence[str], wrong: Mapping[int, str]) -> None:
        """Write one row at its own number; `wrong` maps places to sentences."""
        for place, cell in enumerate(cells):
            text = clean_text(cell)
            style = self._formats[place in wrong, looks_like_formula(text)]
            if text:
                self._sheet.write_string(number - 1, place, text, style)
            elif place in wrong:
                self._sheet.write_blank(number - 1, place, None, style)
            if place in wrong:
                self._sheet.write_comment(number - 1, place, clean_text(wrong[place]), {"x_scale": 2})
        if wrong:
            sentences = clean_text("\n".join(wrong.values()))
            self._sheet.write_string(number - 1, self._problem_place, sentences, self._problem)

"""Write tables: .xlsx streamed row by row; what looks like a formula is never one (SEC-05)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from foundation.identifiers.id_number import CHINA_TIME

Target = str | os.PathLike[str] | IO[bytes]
Align = Literal["left", "center", "right"]

FONT: Final[dict[str, Any]] = {"font_name": "微软雅黑", "font_size": 10}
HEADING: Final[dict[str, Any]] = FONT | {
    "bold": True,
    "bg_color": "#E8EEF7",
    "border": 1,
    "border_color": "#C5CDD8",
    "align": "center",
    "valign": "vcenter",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CELL_LIMIT = 32_767
_EXACT_BELOW = 10**15
# Control characters have no place in XML and none in a cell.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an exported table: heading, width in characters, number format where one is needed."""

    heading: str
    width: float = 14
    number_format: str = ""
    align: Align = "left"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program could take the text for a formula or command."""
    return text.startswith(_FORMULA_STARTS)


def write_workbook(
    target: Target,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[Any]],
    *,
    sheet_name: str = "数据",
    title: str = "",
) -> int:
    """Write one sheet with a frozen heading row and an optional title line above; returns the number of rows.

    Rows are taken one at a time and go through a temporary file, so memory stays the same whatever their
    number. Text is always written as text; dates and numbers as such, numbers beyond 15 digits as text;
    `None` is an empty cell, booleans are 是/否, aware times are shown in Chinese time.
    """
    with xlsxwriter.Workbook(open_target(target), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(safe_sheet_name(sheet_name))
        cells = CellWriter(book, sheet, columns)
        line = 0
        if title:
            sheet.write_string(
                0, 0, clean_text(title), book.add_format(FONT | {"bold": True, "font_size": 14})
            )
            line = 1
        heading = book.add_format(HEADING)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(line, place, clean_text(column.heading), heading)
        sheet.freeze_panes(line + 1, 0)
        count = 0
        for count, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                cells.write(line + count, place, value)
    return count


def _display(value: Any) -> str:
    """A value as people read it in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def clean_text(text: str) -> str:
    """Text that a cell can hold: no control characters or lone surrogates, at most 32 767 characters."""
    if not text.isprintable():
        text = text.translate(_CONTROLS).encode("utf-8", "replace").decode()
    return text[:_CELL_LIMIT]


def safe_sheet_name(name: str) -> str:
    """A name Excel accepts for a sheet: ≤ 31 characters, none of []:*?/\\, no apostrophe at the ends."""
    kept = "".join(character for character in clean_text(name) if character not in "[]:*?/\\\n\r\t")
    return kept[:31].strip("' ") or "数据"


class CellWriter:
    """Writes one value into one cell by its type; keeps the formats of the columns."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[ExportColumn]) -> None:
        self._sheet = sheet
        self._plain = [self._format(book, column, column.number_format) for column in columns]
        self._dates = [self._format(book, column, column.number_format or "yyyy-mm-dd") for column in columns]
        self._times = [
            self._format(book, column, column.number_format or "yyyy-mm-dd hh:mm:ss") for column in columns
        ]
        # "quote prefix" keeps `=…` text even after a person has edited the cell.
        self._quoted = [self._format(book, column, "", {"quote_prefix": True}) for column in columns]

    @staticmethod
    def _format(
        book: xlsxwriter.Workbook,
        column: ExportColumn,
        number_format: str,
        more: dict[str, Any] | None = None,
    ) -> Format:
        properties = FONT | {"align": column.align, "valign": "vcenter"} | (more or {})
        if number_format:
            properties["num_format"] = number_format
        return book.add_format(properties)

    def write(self, row: int, place: int, value: Any) -> None:
        """Write `value`; text never becomes a formula, link or number."""
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            self._sheet.write_datetime(row, place, _local(value), self._times[place])
        elif isinstance(value, date):
            self._sheet.write_datetime(row, place, value, self._dates[place])
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool) and _is_exact(value):
            self._sheet.write_number(row, place, value, self._plain[place])
        else:
            text = clean_text(_display(value))
            formats = self._quoted if looks_like_formula(text) else self._plain
            self._sheet.write_string(row, place, text, formats[place])


def _is_exact(number: int | float | Decimal) -> bool:
    return -_EXACT_BELOW < number < _EXACT_BELOW  # NaN is not


def _local(value: datetime) -> datetime:
    return value.astimezone(CHINA_TIME).replace(tzinfo=None) if value.tzinfo else value


def open_target(target: Target) -> Any:
    """What XlsxWriter takes: a path as text, or the file itself."""
    return os.fspath(target) if isinstance(target, str | os.PathLike) else target

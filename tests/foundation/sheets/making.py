"""Files of every kind for the tests of reading."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from html import escape
from typing import Any

import openpyxl
import xlwt

Grid = Sequence[Sequence[Any]]


def xlsx(grid: Grid, *, first_row: int = 1, name: str = "名单") -> bytes:
    """As openpyxl writes it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for number, cells in enumerate(grid, start=first_row):
        for place, value in enumerate(cells, start=1):
            if value is not None:
                sheet.cell(number, place, value)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of an openpyxl workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(grid: Grid) -> bytes:
    """As an old Excel writes it."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    for number, cells in enumerate(grid):
        for place, value in enumerate(cells):
            if value is not None:
                sheet.write(number, place, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods(grid: Grid) -> bytes:
    """A small OpenDocument spreadsheet."""
    rows = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
            for value in cells
        )
        + "</table:table-row>"
        for cells in grid
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="名单">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def csv_text(grid: Grid, separator: str = ",") -> str:
    """Plain delimited text."""
    return "".join(separator.join(map(str, cells)) + "\r\n" for cells in grid)


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with the given entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()

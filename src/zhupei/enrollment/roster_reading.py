"""From a file to the rows of a roster as they were typed, still unjudged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.identifiers import phone
from foundation.identifiers.text import squeeze
from foundation.sheets.reader import Limits, Readable, SheetRefusedError, read_sheets
from foundation.sheets.table import Table, find_table
from zhupei.enrollment.roster_columns import ALL_COLUMNS, COLUMNS, GENDER, ID_NUMBER, PHONE, WORK_UNIT
from zhupei.enrollment.roster_values import normalize_gender

# Lines that stand below a list: remarks, totals, signatures.
_NOTE = re.compile(
    r"^(?:合计|总计|小计|共计|共[0-9一二三四五六七八九十]|填表|制表|审核|复核|经办|联系人|负责人|单位\(?盖章|\(?盖章|备注|说明|填报说明|填写说明|"
    r"注意|注[:：0-9一]|日期|填报|模板内容|以下空白|以下为空|以上)"
)
_NOTE_PUNCTUATION = re.compile(r"[,。;:、“”‘’!?]")
_NAME_AT_MOST = 30
_ID_DIGITS_AT_LEAST = 6


@dataclass(frozen=True, slots=True)
class RawRow:
    """One person's row as typed: the spreadsheet's own row number and the cells by the column's label."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RosterFile:
    """The rows of a roster file and where they stood."""

    rows: list[RawRow]
    columns: tuple[str, ...] = ALL_COLUMNS
    sheet_name: str = ""
    header_row: int = 1
    passed_over: list[str] = field(default_factory=list)


def read_roster(
    source: str | os.PathLike[str] | bytes | Readable, limits: Limits | None = None
) -> RosterFile:
    """Read a roster by path, bytes or binary file object.

    Blank rows, rows with nothing but a work unit (filled down in advance), repeated headers and remarks
    below the list are no rows. `passed_over` names further sheets that hold a roster, too: only one is read.
    Raises SheetRefusedError with one clear sentence (foundation.sheets, or `no_rows`).
    """
    limits = limits or Limits()
    table = find_table(read_sheets(source, limits), COLUMNS, limits)
    rows = _person_rows(table)
    if not rows:
        raise SheetRefusedError("no_rows", "名单里还没有人员，请从表头下一行开始填写后再上传。")
    columns = tuple(label for label in ALL_COLUMNS if label in table.positions)
    return RosterFile(rows, columns, table.sheet_name, table.header_row, table.passed_over)


def rows_to_json(rows: Iterable[RawRow]) -> list[dict[str, Any]]:
    """Rows as plain data, to be kept between the preview and its confirmation."""
    return [{"row": row.number, "cells": row.cells} for row in rows]


def rows_from_json(data: Iterable[Mapping[str, Any]]) -> list[RawRow]:
    """The inverse of `rows_to_json`."""
    return [RawRow(int(item["row"]), {str(k): str(v) for k, v in item["cells"].items()}) for item in data]


def corrected(rows: Iterable[RawRow], changes: Mapping[tuple[int, str], str]) -> list[RawRow]:
    """The rows with `changes` ((row number, column label) → new text) put in; other keys are ignored."""
    by_row: dict[int, dict[str, str]] = {}
    for (number, column), value in changes.items():
        if column in ALL_COLUMNS:
            by_row.setdefault(number, {})[column] = value
    return [
        RawRow(row.number, row.cells | by_row[row.number]) if row.number in by_row else row for row in rows
    ]


def _person_rows(table: Table) -> list[RawRow]:
    places = [(label, table.positions[label]) for label in ALL_COLUMNS if label in table.positions]
    rows = []
    for number, cells in table.rows:
        width = len(cells)
        person: dict[str, str] = {
            label: cells[place].strip() if place < width else "" for label, place in places
        }
        if _names_an_id(person[ID_NUMBER]) or (
            any(value for label, value in person.items() if label != WORK_UNIT)
            and not _is_note(person, cells)
        ):
            rows.append(RawRow(number, person))
    return rows


def _names_an_id(text: str) -> bool:
    """Whether a cell at least tries to be an ID number (1.10101E+17 does)."""
    return len(text) < 30 and sum(map(str.isdigit, text)) >= _ID_DIGITS_AT_LEAST


def _is_note(person: Mapping[str, str], cells: list[str]) -> bool:
    """Whether a row without an ID number is a remark, a total or a signature line."""
    texts = [text for cell in cells if (text := squeeze(cell))]
    if len(texts) == 1:
        text = texts[0]
        return bool(_NOTE.match(text) or len(text) > _NAME_AT_MOST or _NOTE_PUNCTUATION.search(text))
    return (
        _NOTE.match(texts[0]) is not None
        and normalize_gender(person[GENDER]) is None
        and not phone.is_valid(person[PHONE])
    )

"""Find the table a person meant in what a spreadsheet holds: the right sheet, its header row, its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from foundation.identifiers.text import comparable
from foundation.sheets.reader import Sheet
from foundation.sheets.refusals import Limits, SheetRefusedError, refusal

_HEADER_SEARCH_ROWS = 60
_LEAST_MATCHES = 2
# A header may take this many more lines; further down only rows with a literally equal cell are compared.
_HEADER_LINES = 3
# "身份证号（必填）", "* 姓名：" and "手机号[11位]" are headings with a remark.
_REMARK = re.compile(r"\([^()]*\)")
_DECORATION = re.compile(r"[^a-z\u3400-\u9fff]+")
# "姓名 Name", "性别▼": what is left when a heading is not told by its letters.
_FOREIGN = re.compile(r"[^\u3400-\u9fff]+")
# "手机号/联系电话", "工作单位或学校": either name will do.
_ALTERNATIVES = re.compile(r"[/、|\\]|或")
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for: the heading shown to people, other headings it may bear."""

    label: str
    synonyms: tuple[str, ...] = ()
    required: bool = True


@dataclass(slots=True)
class Table:
    """The rows below the header, cut to the columns looked for.

    `positions` maps a column's label to its place in the sheet (0 = A); `rows` are (own row number,
    all cells of the row); `header_row` is the header's own number.
    """

    sheet_name: str
    header_row: int
    headings: list[str]
    positions: dict[str, int]
    rows: list[tuple[int, list[str]]]
    passed_over: list[str] = field(default_factory=list)


def find_table(sheets: Sequence[Sheet], columns: Sequence[Column], limits: Limits | None = None) -> Table:
    """The table with the most of `columns`; of equal ones the first that is visible and has rows.

    Header rows may stand below titles, take two lines, be repeated on every printed page, and name the
    columns in any order with others in between. Raises SheetRefusedError: header_missing when no row
    looks like a header, columns_missing naming the required columns that are not there, too_many_rows.
    """
    limits = limits or Limits()
    lookup = _Headings(columns)
    candidates = [found for sheet in sheets if (found := _find_header(sheet, lookup)) is not None]
    if not candidates:
        wanted = "、".join(column.label for column in columns if column.required)
        raise SheetRefusedError("header_missing", f"没有找到表头，请下载模板填写，表头应有：{wanted}。")
    table, sheet = max(candidates, key=lambda found: _rank(found[0], found[1], columns))
    missing = [column.label for column in columns if column.required and column.label not in table.positions]
    if missing:
        named = f"“{'”“'.join(missing)}”{'这一列' if len(missing) == 1 else '这几列'}"
        raise SheetRefusedError(
            "columns_missing",
            f"表格缺少{named}，请补上后再上传，或下载模板填写。",
            items=dict.fromkeys(missing, "缺少这一列"),
        )
    if sheet.truncated or len(table.rows) > limits.rows:
        raise refusal("too_many_rows", limits)
    table.passed_over = [other.sheet_name for other, _ in candidates if other is not table and other.rows]
    return table


def _rank(table: Table, sheet: Sheet, columns: Sequence[Column]) -> tuple[int, bool, bool, int]:
    required = sum(column.required and column.label in table.positions for column in columns)
    return required, bool(table.rows), not sheet.hidden, len(table.positions)


class _Headings:
    """Which column a heading stands for; the label itself wins over synonyms, these in their order."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._ranks: dict[str, tuple[str, int]] = {}
        for column in columns:
            for rank, name in enumerate((column.label, *column.synonyms)):
                self._ranks.setdefault(comparable(name), (column.label, rank))

    def positions(self, cells: Sequence[str]) -> dict[str, int]:
        """Label → place for the headings among `cells`."""
        best: dict[str, tuple[int, int]] = {}
        for place, cell in enumerate(cells):
            found = self._match(cell)
            if found is not None:
                label, rank = found
                if label not in best or rank < best[label][0]:
                    best[label] = (rank, place)
        return {label: place for label, (_, place) in best.items()}

    def _match(self, cell: str) -> tuple[str, int] | None:
        if not cell or len(cell) > _LONGEST_HEADING:
            return None
        whole = comparable(cell)
        plain = _REMARK.sub("", whole)
        return self._named(whole, plain) or self._one_of(_ALTERNATIVES.split(plain))

    def _named(self, whole: str, plain: str) -> tuple[str, int] | None:
        return (
            self._ranks.get(whole)
            or self._ranks.get(_DECORATION.sub("", plain))
            or self._ranks.get(_DECORATION.sub("", whole))
            or self._ranks.get(_FOREIGN.sub("", plain))
        )

    def _one_of(self, names: Sequence[str]) -> tuple[str, int] | None:
        """The column that alternative names in one heading agree on; it ranks behind a plain heading."""
        found = [match for name in names if (match := self._named(name, name)) is not None]
        if len(names) < 2 or len({label for label, _ in found}) != 1:
            return None
        return found[0][0], found[0][1] + len(self._ranks)


def _find_header(sheet: Sheet, lookup: _Headings) -> tuple[Table, Sheet] | None:
    best: tuple[int, int, dict[str, int], list[str]] | None = None
    for index, headings in enumerate(_header_candidates(sheet.rows[:_HEADER_SEARCH_ROWS])):
        positions = lookup.positions(headings)
        if len(positions) >= _LEAST_MATCHES and (best is None or len(positions) > best[0]):
            best = (len(positions), index, positions, headings)
    if best is None:
        return None
    _, index, positions, headings = best
    below = sheet.rows[index + 1 :]
    verbatim = {heading for heading in headings if heading}
    rows = [
        row
        for place, row in enumerate(below)
        if (place >= _HEADER_LINES and verbatim.isdisjoint(row[1]))
        or not _repeats_header(row[1], positions, lookup)
    ]
    return Table(sheet.name, sheet.rows[index][0], headings, positions, rows), sheet


def _header_candidates(rows: Sequence[tuple[int, list[str]]]) -> Iterator[list[str]]:
    """Each row, its empty cells filled from the row right above it (headers of two lines)."""
    if rows:
        yield rows[0][1]
    for (number_above, above), (number, cells) in pairwise(rows):
        if number != number_above + 1:
            yield cells
            continue
        width = max(len(above), len(cells))
        padded = cells + [""] * (width - len(cells))
        yield [own or (above[place] if place < len(above) else "") for place, own in enumerate(padded)]


def _repeats_header(cells: Sequence[str], positions: dict[str, int], lookup: _Headings) -> bool:
    """Whether the row is the header again (its second line, or at the top of a printed page)."""
    again = lookup.positions(cells)
    in_place = sum(positions.get(label) == place for label, place in again.items())
    return in_place >= _LEAST_MATCHES or 0 < len(again) == sum(1 for cell in cells if cell.strip())

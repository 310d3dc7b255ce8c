"""The one judge of a roster (报名汇总表, ENR-03), asked by the screen and by `zhupei check-roster`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from foundation.identifiers import id_number
from foundation.identifiers.text import comparable, tidy
from foundation.sheets.reader import Limits, Readable
from zhupei.enrollment.roster_columns import COLUMNS, GENDER, ID_NUMBER, WORK_UNIT
from zhupei.enrollment.roster_reading import RawRow, RosterFile, read_roster

LEAST_AGE: Final = 18
# Of the contract in interfaces.md; the last two come from checks that need the database.
CODES: Final = (
    "required", "name_invalid", "gender_unknown", "gender_mismatch", "id_scientific_notation", "id_length",
    "id_check_digit", "id_birth_date", "phone_invalid", "education_unknown", "unit_mismatch",
    "duplicate_in_file", "under_age", "already_enrolled", "blacklisted",
)  # fmt: skip
# Named wherever people enter data; the command does not print them, its list of codes is closed.
ENTRY_CODES: Final = ("too_long", "month_invalid", "years_invalid", "email_invalid")
_PLACES: Final = {column.label: place for place, column in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class CellError:
    """One wrong cell: row number of the spreadsheet, column label, value as typed, code, sentence."""

    row: int
    column: str
    value: str
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The form of interfaces.md."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "message": self.message,
        }


@dataclass(slots=True)
class RosterRow:
    """One person: cells as typed (`raw`), and what they mean by the column's field (empty or None where nothing)."""

    number: int
    raw: Mapping[str, str]
    name: str = ""
    gender: str | None = None
    id_number: str = ""
    birth_date: date | None = None
    phone: str = ""
    education: str | None = None
    work_unit: str = ""
    major: str = ""
    graduated_on: str = ""
    practice_years: Decimal | None = None
    email: str = ""
    address: str = ""
    errors: list[CellError] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether no cell of the row is wrong."""
        return not self.errors

    def error(self, column: str, code: str, message: str) -> CellError:
        """An error in a cell of this row, for extra checks to return."""
        return CellError(self.number, column, self.raw.get(column, ""), code, message)


# A check over the whole batch that needs the database (already_enrolled, blacklisted): it gets the rows whose
# ID number is valid and returns the errors it finds (RosterRow.error).
ExtraCheck = Callable[[Sequence[RosterRow]], Iterable[CellError]]


@dataclass(frozen=True, slots=True)
class RosterVerdict:
    """The judgment of a whole roster."""

    rows: list[RosterRow]
    file: RosterFile | None = None

    @property
    def good_rows(self) -> list[RosterRow]:
        """Rows without an error."""
        return [row for row in self.rows if not row.errors]

    @property
    def bad_rows(self) -> list[RosterRow]:
        """Rows with at least one error."""
        return [row for row in self.rows if row.errors]

    @property
    def good(self) -> int:
        """Number of rows without an error."""
        return sum(not row.errors for row in self.rows)

    @property
    def errors(self) -> list[CellError]:
        """All errors in the order of rows, then columns."""
        return [error for row in self.rows for error in row.errors]

    def as_json(self) -> dict[str, Any]:
        """The answer of `zhupei check-roster`: rows, good and errors by the contract's codes (interfaces.md)."""
        errors = [error for error in self.errors if error.code not in ENTRY_CODES]
        return {
            "rows": len(self.rows),
            "good": len(self.rows) - len({error.row for error in errors}),
            "errors": [error.as_json() for error in errors],
        }


def check_roster(
    source: str | os.PathLike[str] | bytes | Readable,
    *,
    organization_name: str | None = None,
    on: date | None = None,
    extra_checks: Sequence[ExtraCheck] = (),
    limits: Limits | None = None,
) -> RosterVerdict:
    """Read and judge a roster file; raises SheetRefusedError when it cannot be judged at all."""
    file = read_roster(source, limits)
    verdict = judge_rows(file.rows, organization_name=organization_name, on=on, extra_checks=extra_checks)
    return RosterVerdict(verdict.rows, file)


def judge_rows(
    rows: Iterable[RawRow],
    *,
    organization_name: str | None = None,
    on: date | None = None,
    extra_checks: Sequence[ExtraCheck] = (),
) -> RosterVerdict:
    """Judge rows as typed; called again with corrected rows by the preview.

    `organization_name` turns on the comparison of the work unit, `on` is the day for the age (today in
    China by default), `extra_checks` are asked once for the whole batch.
    """
    day = on or id_number.today()
    judged: list[RosterRow] = []
    first_rows: dict[str, int] = {}
    for raw in rows:
        row = RosterRow(raw.number, raw.cells)
        _judge_cells(row, day)
        _compare_with_id(row, day, first_rows)
        if organization_name and row.work_unit:
            _compare_unit(row, organization_name)
        row.errors.sort(key=lambda error: _PLACES[error.column])
        judged.append(row)
    _ask_extra_checks(judged, extra_checks)
    return RosterVerdict(judged)


def _judge_cells(row: RosterRow, day: date) -> None:
    """Fill in what each cell means by itself and note what is wrong with it."""
    for column in COLUMNS:
        typed = tidy(row.raw.get(column.label, ""))
        if typed or column.required:
            value, problem = column.understand(typed, day)
            setattr(row, column.field, value)
            if problem:
                row.errors.append(row.error(column.label, *problem))


def _compare_with_id(row: RosterRow, day: date, first_rows: dict[str, int]) -> None:
    """What the ID number says about gender and age, and whether a row before has it, too."""
    number = row.id_number
    if len(number) == 18:
        first = first_rows.setdefault(number, row.number)
        if first != row.number:
            sentence = f"与第 {first} 行的身份证号重复，请删去一行或更正号码。"
            row.errors.append(row.error(ID_NUMBER, "duplicate_in_file", sentence))
    if not number or any(error.column == ID_NUMBER for error in row.errors):
        return
    row.birth_date = id_number.birth_date_of(number, day)
    gender = id_number.gender_of(number)
    if row.gender and row.gender != gender:
        sentence = f"与身份证号不符，按身份证号应为“{gender}”，请核对性别和身份证号。"
        row.errors.append(row.error(GENDER, "gender_mismatch", sentence))
    if row.birth_date and id_number.age_on(row.birth_date, day) < LEAST_AGE:
        sentence = f"未满 {LEAST_AGE} 周岁（{row.birth_date} 出生），不能报名，请核对身份证号或删去此行。"
        row.errors.append(row.error(ID_NUMBER, "under_age", sentence))


def _compare_unit(row: RosterRow, organization_name: str) -> None:
    if row.work_unit != organization_name and comparable(row.work_unit) != comparable(organization_name):
        sentence = f"与本单位全称“{organization_name}”不一致，请填写单位全称。"
        row.errors.append(row.error(WORK_UNIT, "unit_mismatch", sentence))


def _ask_extra_checks(rows: Sequence[RosterRow], checks: Sequence[ExtraCheck]) -> None:
    by_number = {row.number: row for row in rows}
    identified = [row for row in rows if row.birth_date]
    for check in checks:
        for error in check(identified):
            by_number[error.row].errors.append(error)

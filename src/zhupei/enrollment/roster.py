"""The one judge of a roster (报名汇总表, ENR-03), asked by the screen and by `zhupei check-roster`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from foundation.identifiers import id_number, names, phone
from foundation.identifiers.id_number import IdNumber
from foundation.identifiers.problems import Problem
from foundation.identifiers.text import comparable, tidy
from foundation.sheets.reader import Limits, Readable
from zhupei.enrollment.roster_columns import (
    ADDRESS,
    EDUCATION,
    EMAIL,
    GENDER,
    GRADUATION,
    ID_NUMBER,
    MAJOR,
    NAME,
    PHONE,
    REQUIRED_COLUMNS,
    WORK_UNIT,
    YEARS_OF_PRACTICE,
    education_message,
    normalize_education,
    normalize_gender,
)
from zhupei.enrollment.roster_reading import RawRow, RosterFile, read_roster

LEAST_AGE: Final = 18
# Of the contract in interfaces.md; the last two come from checks that need the database.
CODES: Final = (
    "required", "name_invalid", "gender_unknown", "gender_mismatch", "id_scientific_notation", "id_length",
    "id_check_digit", "id_birth_date", "phone_invalid", "education_unknown", "unit_mismatch",
    "duplicate_in_file", "under_age", "already_enrolled", "blacklisted",
)  # fmt: skip


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
    """One person: cells as typed (`raw`), and what they mean (empty or None where they mean nothing)."""

    number: int
    raw: Mapping[str, str]
    name: str = ""
    gender: str | None = None
    id_number: str = ""
    birth_date: date | None = None
    phone: str = ""
    education: str | None = None
    work_unit: str = ""
    errors: list[CellError] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether no cell of the row is wrong."""
        return not self.errors

    @property
    def major(self) -> str:
        """所学专业, tidied."""
        return tidy(self.raw.get(MAJOR, ""))

    @property
    def graduation(self) -> str:
        """毕业时间 as `YYYY-MM` or `YYYY`, or the tidied text when it is no date."""
        return normalize_month(self.raw.get(GRADUATION, ""))

    @property
    def years_of_practice(self) -> Decimal | None:
        """岗位工作年限 in years, or None when empty or no number."""
        return parse_years(self.raw.get(YEARS_OF_PRACTICE, ""))

    @property
    def email(self) -> str:
        """邮箱, tidied."""
        return tidy(self.raw.get(EMAIL, ""))

    @property
    def address(self) -> str:
        """通讯地址, tidied."""
        return tidy(self.raw.get(ADDRESS, ""))

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
        """The answer of `zhupei check-roster` (interfaces.md)."""
        return {
            "rows": len(self.rows),
            "good": self.good,
            "errors": [error.as_json() for error in self.errors],
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
    unit = comparable(organization_name) if organization_name else ""
    judged: list[RosterRow] = []
    first_rows: dict[str, int] = {}
    for raw in rows:
        row = RosterRow(raw.number, raw.cells)
        row.errors.extend(_judge(row, day, first_rows))
        if (
            unit
            and row.work_unit
            and row.work_unit != organization_name
            and comparable(row.work_unit) != unit
        ):
            row.errors.append(
                row.error(
                    WORK_UNIT,
                    "unit_mismatch",
                    f"与本单位全称“{organization_name}”不一致，请填写单位全称。",
                )
            )
        judged.append(row)
    _ask_extra_checks(judged, extra_checks)
    return RosterVerdict(judged)


def _judge(row: RosterRow, day: date, first_rows: dict[str, int]) -> Iterator[CellError]:
    """Fill in what the cells mean and yield what is wrong, column by column."""
    cells = row.raw
    typed = {column: tidy(cells.get(column, "")) for column in REQUIRED_COLUMNS}

    row.name = names.normalize(typed[NAME])
    if not row.name:
        yield _required(row, NAME)
    elif problem := names.examine(row.name):
        yield row.error(NAME, *problem)

    number = id_number.normalize(typed[ID_NUMBER])
    found = id_number.examine(number, day)
    identity = found if isinstance(found, IdNumber) else None
    row.id_number = number
    row.birth_date = identity.birth_date if identity else None

    yield from _judge_gender(row, typed[GENDER], identity)
    if not number:
        yield _required(row, ID_NUMBER)
    elif isinstance(found, Problem):
        yield row.error(ID_NUMBER, *found)
    if len(number) == 18:
        first = first_rows.setdefault(number, row.number)
        if first != row.number:
            yield row.error(
                ID_NUMBER, "duplicate_in_file", f"与第 {first} 行的身份证号重复，请删去一行或更正号码。"
            )
    if identity and identity.age_on(day) < LEAST_AGE:
        yield row.error(
            ID_NUMBER,
            "under_age",
            f"未满 {LEAST_AGE} 周岁（{identity.birth_date} 出生），不能报名，请核对身份证号或删去此行。",
        )

    row.phone = phone.normalize(typed[PHONE])
    if not row.phone:
        yield _required(row, PHONE)
    elif problem := phone.examine(row.phone):
        yield row.error(PHONE, *problem)

    row.education = normalize_education(typed[EDUCATION])
    if not typed[EDUCATION]:
        yield _required(row, EDUCATION)
    elif row.education is None:
        yield row.error(EDUCATION, "education_unknown", education_message(typed[EDUCATION]))

    row.work_unit = typed[WORK_UNIT]
    if not row.work_unit:
        yield _required(row, WORK_UNIT)


def _judge_gender(row: RosterRow, typed: str, identity: IdNumber | None) -> Iterator[CellError]:
    row.gender = normalize_gender(typed)
    if not typed:
        yield _required(row, GENDER)
    elif row.gender is None:
        yield row.error(GENDER, "gender_unknown", "性别请从列表选择“男”或“女”。")
    elif identity and identity.gender != row.gender:
        yield row.error(
            GENDER,
            "gender_mismatch",
            f"与身份证号不符，按身份证号应为“{identity.gender}”，请核对性别和身份证号。",
        )


def _required(row: RosterRow, column: str) -> CellError:
    return row.error(column, "required", f"{column}没有填写，请补上。")


def _ask_extra_checks(rows: Sequence[RosterRow], checks: Sequence[ExtraCheck]) -> None:
    by_number = {row.number: row for row in rows}
    identified = [row for row in rows if row.birth_date]
    for check in checks:
        for error in check(identified):
            by_number[error.row].errors.append(error)


_MONTH = re.compile(
    r"((?:19|20)[0-9]{2})(?:[-./年]?(0?[1-9]|1[0-2])(?:[-./月]|$).*|(0[1-9]|1[0-2])[0-9]{0,2}|年?)", re.ASCII
)
_YEARS = re.compile(r"([0-9]{1,2}(?:\.[0-9])?)(?:年|周年|个?年以?上?)?", re.ASCII)
_CHINESE_DIGITS: Final = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}


def normalize_month(value: str) -> str:
    """`2010年7月`, `2010.07`, `201007`, `2010-07-01` → `2010-07`; `2010年` → `2010`; else tidied."""
    text = tidy(value)
    match = _MONTH.fullmatch(text.replace(" ", ""))
    if not match:
        return text
    month = match[2] or match[3]
    return f"{match[1]}-{int(month):02}" if month else match[1]


def parse_years(value: str) -> Decimal | None:
    """`5`, `5年`, `5.5`, `十二年` → years; None for anything else."""
    text = tidy(value).replace(" ", "")
    match = _YEARS.fullmatch(text)
    if match:
        return Decimal(match[1])
    tens, ten, ones = text.removesuffix("年").partition("十")
    if not ten:
        return Decimal(_CHINESE_DIGITS[tens]) if tens in _CHINESE_DIGITS else None
    if (tens and tens not in _CHINESE_DIGITS) or (ones and ones not in _CHINESE_DIGITS):
        return None
    return Decimal(_CHINESE_DIGITS.get(tens, 1) * 10 + _CHINESE_DIGITS.get(ones, 0))

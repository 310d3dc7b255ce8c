"""The citizen's ID number of GB 11643: area (6), birth date (8), order (3, odd = male), check character.

The area is never a reason to refuse: people keep the code of a county that has been renamed or merged
since, and python-stdnum's look-up "as of the birth date" refuses real numbers. It is a note at most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from foundation.identifiers.problems import Problem
from foundation.identifiers.text import bare_number, hide

MALE = "男"
FEMALE = "女"
CHINA_TIME = timezone(timedelta(hours=8))

_SHAPE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_EARLIEST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid ID number and what can be read from it."""

    value: str
    birth_date: date
    gender: str

    def age_on(self, day: date) -> int:
        """Full years on `day`; see `age_on`."""
        return age_on(self.birth_date, day)

    def __str__(self) -> str:
        return self.value


def normalize(value: str) -> str:
    """Full-width → half-width, no spaces or apostrophe, `x` → `X`. Does not judge."""
    return bare_number(value).upper()


def is_scientific(value: str) -> bool:
    """Whether a spreadsheet has turned the number into `3.30106E+17`, so that its digits are lost."""
    return _SCIENTIFIC.fullmatch(value) is not None


def check_character(first_17: str) -> str:
    """The 18th character that GB 11643 (ISO 7064 MOD 11-2) demands for the first 17 digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def birth_date_of(number: str, latest: date | None = None) -> date | None:
    """The birth date in a normalized 18-character number; None if there is no such day or it is to come.

    To come means after today or after `latest`, whichever is later.
    """
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if born.year >= _EARLIEST_YEAR and born <= max(today(), latest or born.min) else None


def gender_of(number: str) -> str:
    """`男` or `女` by the 17th digit."""
    return MALE if int(number[16]) % 2 else FEMALE


def age_on(born: date, day: date) -> int:
    """Full years on `day`; a person born on 29 February has the birthday on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def today() -> date:
    """The date in China."""
    return datetime.now(CHINA_TIME).date()


def examine(number: str, latest_birth: date | None = None) -> IdNumber | Problem:
    """Judge an already normalized number: what it says, or what is wrong with it.

    Nobody is born after today or `latest_birth`, whichever is later.

    Problem codes: required, id_scientific_notation, id_length, id_birth_date, id_check_digit. One problem only, the
    one that tells most: a birth date that does not exist comes before the check digit.
    """
    if not number:
        return Problem("required", "请填写身份证号。")
    if _SHAPE.fullmatch(number) is None:
        return _misshapen(number)
    born = birth_date_of(number, latest_birth)
    if born is None:
        return Problem(
            "id_birth_date", f"身份证号里的出生日期 {number[6:14]} 不存在，请对照身份证重新填写 18 位号码。"
        )
    if check_character(number[:17]) != number[17]:
        if number.endswith("000"):
            return Problem(
                "id_check_digit",
                "身份证号校验不通过，末三位都是 0，多半是表格软件丢了数字，请把单元格设为文本后重填 18 位。",
            )
        return Problem("id_check_digit", "身份证号校验不通过，有数字填错了，请对照身份证逐位核对。")
    return IdNumber(number, born, gender_of(number))


def _misshapen(number: str) -> Problem:
    if is_scientific(number):
        return Problem(
            "id_scientific_notation",
            "身份证号变成了科学计数，后几位已经丢失、无法还原，请把单元格设为文本后重填 18 位。",
        )
    length = len(number)
    if length == 15 and number.isdigit():
        return Problem("id_length", "这是 15 位的旧身份证号，请填写现在的 18 位身份证号。")
    if length != 18:
        return Problem("id_length", f"身份证号应为 18 位，现在是 {length} 位，请对照身份证重新填写。")
    return Problem("id_check_digit", "身份证号只能是 17 位数字加最后一位数字或 X，请对照身份证重新填写。")


def is_valid(value: str) -> bool:
    """Whether it is a number, however typed."""
    return isinstance(examine(normalize(value)), IdNumber)


def mask(value: str) -> str:
    """`3301**********0011`: first and last four characters; anything shorter than 9 is hidden whole."""
    return hide(value, 4, 4)

"""Mobile phone numbers of the Chinese mainland: 11 digits, 1[3-9]…"""

from __future__ import annotations

import re

from foundation.errors import DomainError
from foundation.identifiers.id_number import is_scientific
from foundation.identifiers.problems import Problem
from foundation.identifiers.text import bare_number, hide

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_SEPARATORS = str.maketrans("", "", "-()‐‑‒–—―−")
_COUNTRY_CODE = re.compile(r"(?:\+|00)?86(?=[0-9]{11}$)", re.ASCII)


def normalize(value: str) -> str:
    """Digits without spaces, dashes, brackets and the country code (+86, 0086, 86). Does not judge."""
    value = bare_number(value)
    if _MOBILE.fullmatch(value):
        return value
    if is_scientific(value):
        return value
    return _COUNTRY_CODE.sub("", value.translate(_SEPARATORS) or value, count=1)


def examine(number: str) -> Problem | None:
    """Judge an already normalized number; None when it is right. Code: phone_invalid."""
    if _MOBILE.fullmatch(number):
        return None
    if is_scientific(number):
        return Problem("phone_invalid", "手机号变成了科学计数，请把单元格设为文本后重填 11 位。")
    if number.isdigit() and len(number) != 11:
        return Problem("phone_invalid", f"手机号应为 11 位，现在是 {len(number)} 位，请重新填写。")
    return Problem("phone_invalid", "手机号应为 1 开头的 11 位数字，请填写本人在用的手机号。")


def problem(value: str) -> Problem | None:
    """What is wrong with a phone number as typed, or None. Codes: required, phone_invalid."""
    number = normalize(value)
    return examine(number) if number else Problem("required", "请填写手机号。")


def parse(value: str) -> str:
    """The 11 digits; raises DomainError with the code and sentence of the problem."""
    if wrong := problem(value):
        raise DomainError(*wrong)
    return normalize(value)


def is_valid(value: str) -> bool:
    """Whether `parse` accepts the value."""
    return problem(value) is None


def mask(value: str) -> str:
    """`138****0000`: first three and last four; anything shorter than 8 is hidden whole."""
    return hide(value, 3, 4)

"""The unified social credit code of GB 32100 (18 characters, check character by python-stdnum)."""

from __future__ import annotations

from stdnum.cn import uscc as _uscc
from stdnum.exceptions import ValidationError

from foundation.identifiers.problems import Problem
from foundation.identifiers.text import bare_number

_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")


def normalize(value: str) -> str:
    """Full-width → half-width, no spaces, dashes or apostrophe, upper case. Does not judge."""
    return bare_number(value).replace("-", "").upper()


def problem(value: str) -> Problem | None:
    """What is wrong with a credit code, or None.

    Codes: required, uscc_length, uscc_characters, uscc_check_digit.
    """
    code = normalize(value)
    if not code:
        return Problem("required", "请填写统一社会信用代码。")
    if len(code) != 18:
        return Problem(
            "uscc_length", f"统一社会信用代码应为 18 位，现在是 {len(code)} 位，请对照营业执照重新填写。"
        )
    if not _ALPHABET.issuperset(code):
        return Problem(
            "uscc_characters",
            "统一社会信用代码只有数字和大写字母，没有 I、O、S、V、Z，请核对 0 与 O、1 与 I 等。",
        )
    if not code[2:8].isdigit() or not code[:2].isdigit():
        return Problem("uscc_characters", "统一社会信用代码的前 8 位应为数字，请对照营业执照核对。")
    try:
        _uscc.validate(code)
    except ValidationError:
        return Problem(
            "uscc_check_digit", "统一社会信用代码校验不通过，有字符填错了，请对照营业执照逐位核对。"
        )
    return None


def is_valid(value: str) -> bool:
    """Whether `problem` finds none."""
    return problem(value) is None


def check_character(first_17: str) -> str:
    """The 18th character that GB 32100 demands for the first 17."""
    return str(_uscc.calc_check_digit(first_17))

"""The columns of a roster (报名汇总表), one line each: template, judge, preview, form and storing all read this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from foundation.identifiers import id_number, names, phone
from foundation.identifiers.problems import Problem
from foundation.sheets.table import Column
from zhupei.enrollment.roster_values import (
    EDUCATION_LEVELS,
    GENDERS,
    MONTH,
    education_message,
    normalize_education,
    normalize_gender,
    normalize_month,
    parse_years,
    words_of,
)

GENDER: Final = "性别"
ID_NUMBER: Final = "身份证号"
PHONE: Final = "手机号"
WORK_UNIT: Final = "工作单位"

# What a cell means (empty or None where it means nothing) and what is wrong with it.
Meaning = tuple[Any, Problem | None]
Judge = Callable[[str, date], Meaning]


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterColumn(Column):
    """A column: what it is called, where its value goes, and who judges it.

    `field` names the value in RosterRow, EntryData and Enrollment; `judge` gets the tidied text and the day on which
    people must be of age; `longest` is what the database keeps of free text. `length` (exact), `width` and `hint` are
    the template's.
    """

    field: str
    judge: Judge
    longest: int | None = None
    choices: tuple[str, ...] = ()
    length: int | None = None
    width: int = 14
    hint: str = ""

    def understand(self, typed: str, day: date) -> Meaning:
        """The meaning of a tidied cell, and the problem of a wrong, missing or too long one."""
        value, problem = self.judge(typed, day)
        if problem is None:
            if self.required and not value:
                problem = Problem("required", f"{self.label}没有填写，请补上。")
            elif self.longest and len(value) > self.longest:
                problem = Problem(
                    "too_long", f"{self.label}最多 {self.longest} 个字，现在有 {len(value)} 个，请写短一些。"
                )
        return value, problem


def _name(typed: str, day: date) -> Meaning:
    name = names.normalize(typed)
    return name, names.examine(name) if name else None


def _gender(typed: str, day: date) -> Meaning:
    gender = normalize_gender(typed)
    unknown = typed and not gender
    return gender, Problem("gender_unknown", "性别请从列表选择“男”或“女”。") if unknown else None


def _id_number(typed: str, day: date) -> Meaning:
    number = id_number.normalize(typed)
    found = id_number.examine(number, day) if number else None
    return number, found if isinstance(found, Problem) else None


def _phone(typed: str, day: date) -> Meaning:
    number = phone.normalize(typed)
    return number, phone.examine(number) if number else None


def _education(typed: str, day: date) -> Meaning:
    level = normalize_education(typed)
    unknown = typed and not level
    return level, Problem("education_unknown", education_message(typed)) if unknown else None


def _text(typed: str, day: date) -> Meaning:
    return typed, None


# What people put where there is nothing to say and no text would do.
_NOTHING: Final = frozenset(("", "无", "没有", "/", "-", "--", "—", "——"))


def _month(typed: str, day: date) -> Meaning:
    if typed in _NOTHING:
        return "", None
    month = normalize_month(typed)
    wrong = MONTH.fullmatch(month) is None
    return month, Problem("month_invalid", "毕业时间请写成 2010-07。") if wrong else None


def _years(typed: str, day: date) -> Meaning:
    if typed in _NOTHING:
        return None, None
    years = parse_years(typed)
    wrong = years is None
    return years, Problem("years_invalid", "岗位工作年限请填年数，例如 5 或 5.5。") if wrong else None


def _email(typed: str, day: date) -> Meaning:
    if typed in _NOTHING:
        return "", None
    # Here because the command must answer at once: without an address it does not load Django.
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(typed)
    except ValidationError:
        return typed, Problem("email_invalid", "邮箱格式不对，例如 name@example.com。")
    return typed, None


_OWNERS = words_of("学员 人员 考生 职工 员工 本人 个人 报名人员 报考人员 参训人员 培训人员 申请人 报名人")


def _column(
    label: str, field: str, judge: Judge, synonyms: str, *, required: bool = True, **more: Any
) -> RosterColumn:
    """Each name of a required column may have a word in front that says whose it is (学员姓名)."""
    owners = ("", *_OWNERS) if required else ("",)
    names_of_it = (owner + name for name in (label, *words_of(synonyms)) for owner in owners)
    return RosterColumn(label, tuple(names_of_it)[1:], required, field=field, judge=judge, **more)


_optional = partial(_column, required=False)

COLUMNS: Final = (
    _column("姓名", "name", _name, "姓名全称 真实姓名 名字 学员", hint="与身份证一致，少数民族姓名中间用“·”。"),
    _column(GENDER, "gender", _gender, "男女 性别男女", choices=GENDERS, width=8),
    _column(
        ID_NUMBER, "id_number", _id_number,
        "身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号码 居民身份证号 居民身份证 二代身份证号码 二代身份证号 "
        "身份证件号码 身份证件号 身份号码 证件号码 证件号 有效证件号码",
        length=18, width=24, hint="18 位，按文本填写，不可以是 1.10101E+17 这种格式。",
    ),
    _column(
        PHONE, "phone", _phone,
        "手机号码 手机 移动电话 移动电话号码 联系手机 联系手机号 联系手机号码 手机电话 联系电话 联系电话号码 电话号码 "
        "电话 联系方式",
        length=11, width=16, hint="学员本人在用的 11 位手机号。",
    ),
    _column(
        "学历", "education", _education, "文化程度 学历层次 最高学历 文化水平 学历程度 受教育程度 学历学位",
        choices=EDUCATION_LEVELS, width=10,
    ),
    _column(
        WORK_UNIT, "work_unit", _text,
        "工作单位全称 工作单位名称 单位名称 单位全称 所在单位 现工作单位 用人单位 用人单位名称 企业名称 企业全称 公司名称 "
        "公司全称 所在企业 所在公司 学校名称 所属单位 所属企业 所属公司 单位 企业 公司",
        longest=120, width=34, hint="填写工作单位的全称。",
    ),
    _optional("所学专业", "major", _text, "专业 毕业专业 所学专业名称 专业名称", longest=60, width=18),
    _optional("毕业时间", "graduated_on", _month, "毕业日期 毕业年月 毕业年份", width=12, hint="例如 2010-07，可以不填。"),
    _optional(
        "岗位工作年限", "practice_years", _years,
        "工作年限 岗位年限 从业年限 从事岗位工作年限 专业工作年限 工作年数", hint="填年数，例如 5，可以不填。",
    ),
    _optional(
        "邮箱", "email", _email, "电子邮箱 邮箱地址 电子邮件 电子邮箱地址 邮件 email e-mail", longest=254, width=24
    ),
    _optional(
        "通讯地址", "address", _text, "通信地址 联系地址 邮寄地址 家庭住址 住址 地址 家庭地址", longest=200, width=34
    ),
)  # fmt: skip
ALL_COLUMNS: Final = tuple(column.label for column in COLUMNS)
REQUIRED_COLUMNS: Final = tuple(column.label for column in COLUMNS if column.required)

"""What a cell of a roster means: genders, levels of education, months, years, whatever people write."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from foundation.identifiers.id_number import FEMALE, MALE
from foundation.identifiers.text import comparable, tidy


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list that is written with spaces in between."""
    return tuple(text.split())


GENDERS: Final = (MALE, FEMALE)
_GENDER_WORDS: Final = {MALE: MALE, FEMALE: FEMALE, "男性": MALE, "女性": FEMALE}

EDUCATION_LEVELS: Final = ("研究生", "本科", "大专", "中专", "高中", "初中")
_EDUCATION_WORDS: Final = {
    "研究生": words_of(
        "硕士 博士 硕士研究生 博士研究生 研究生班 工程硕士 专业硕士 双硕士 mba "
        "博士后 研究生硕士 研究生博士 硕博"
    ),
    "本科": words_of(
        "大学本科 学士 本科学士 专升本 专科升本科 双学士 双本科 大本 第二学士 高起本 专接本 专转本 "
        "职业本科 一本 二本 三本"
    ),
    "大专": words_of(
        "专科 大学专科 大学大专 高职 高专 高职高专 高职大专 大专专科 高等职业教育 "
        "高等职业 高等专科 高起专 高等职业技术教育 高等职业学校 高等专科学校 "
        "高职专科 职业大专 高等职业技术学院 高等职业院校"
    ),
    "中专": words_of(
        "中职 职高 技校 中技 职中 技工 职业高中 职业中专 中等专科 中等专科学校 中专学校 中等专业 "
        "中等专业学校 中等职业 中等职业学校 中等职业教育 技工学校 职业中学 中专技校 "
        "中专中技 职专 中等技术学校 中师 中等师范"
    ),
    "高中": words_of("普高 普通高中 高级中学 高中学校 普通高级中学 综合高中"),
    "初中": words_of("普通初中 初级中学 普通初级中学 中学初中"),
}
_EDUCATION_BY_WORD: Final = {
    comparable(word): level for level, words in _EDUCATION_WORDS.items() for word in (level, *words)
}
_STUDY_FORM = "|".join(
    words_of(
        "非全日制 全日制 国民教育 普通高等教育 普通高校 成人高等教育 成人教育 成人高考 成人 成教 "
        "在职教育 在职 函授 高等教育自学考试 自学考试 自考 网络教育 远程教育 网络 远程 业余 夜大学 "
        "夜大 脱产 普通 统招 统分 国家开放大学 开放大学 开放教育 开放 电视大学 电大 党校 军校"
    )
)
_STUDY_PREFIX = re.compile(rf"^(?:{_STUDY_FORM})+[-·/]?")
_STUDY_REMARK = re.compile(rf"\((?:{_STUDY_FORM})+\)$")
_SUFFIX = re.compile(r"(?:学历|毕业生|毕业|学位|文凭|毕业证书|毕业证)$")
# 工学硕士, 工商管理硕士: the degree tells the level, whatever the subject.
_DEGREES: Final = {"博士": "研究生", "硕士": "研究生", "学士": "本科"}
_DEGREE = re.compile(r"(?!.*(?:在读|[非无未]))[\u4e00-\u9fff]{2,8}(博士|硕士|学士)")
_BOUNDS: Final = {"研究生": re.compile(r"(?:及|或)?以上$"), "初中": re.compile(r"(?:及|或)?以下$")}
# 专科(高职), 中专/中技: names of one level side by side.
_SIDE_BY_SIDE = re.compile(r"[()/、]|或")

_LONGEST_LEVEL = 30

_EDUCATION_CHOICES = "、".join(EDUCATION_LEVELS)
_EDUCATION_HINTS: Final = {
    "大学": "学历“大学”分不清层次，请选择“本科”或“大专”。",
    "大学生": "学历“大学生”分不清层次，请选择“本科”或“大专”。",
    "高校": "学历“高校”分不清层次，请选择“本科”或“大专”。",
    "中学": "学历“中学”分不清层次，请选择“高中”或“初中”。",
    "职校": "学历“职校”分不清层次，请选择“中专”或“大专”。",
}


def normalize_gender(value: str) -> str | None:
    """`男` or `女`, or None when the value is neither."""
    return _GENDER_WORDS.get(value) or _GENDER_WORDS.get(comparable(value))


def normalize_education(value: str) -> str | None:
    """One of EDUCATION_LEVELS for a level or its everyday synonym (硕士, 大学本科, 专科, 技校 …), or None."""
    level = _EDUCATION_BY_WORD.get(value)
    if level:
        return level
    word = comparable(value)
    level = _level_of(word)
    if level or len(word) > _LONGEST_LEVEL:
        return level
    levels = {_level_of(part) for part in _SIDE_BY_SIDE.split(word) if part}
    return levels.pop() if len(levels) == 1 else None


def _level_of(word: str) -> str | None:
    for _ in range(4):
        level = _EDUCATION_BY_WORD.get(word)
        if level:
            return level
        shorter = _SUFFIX.sub("", _STUDY_REMARK.sub("", _STUDY_PREFIX.sub("", word)))
        if shorter == word:
            break
        word = shorter
    degree = _DEGREE.fullmatch(word)
    if degree:
        return _DEGREES[degree[1]]
    for level, bound in _BOUNDS.items():
        if _EDUCATION_BY_WORD.get(bound.sub("", word)) == level:
            return level
    return None


def education_message(value: str) -> str:
    """The sentence for a level that is not understood, with what to choose."""
    return _EDUCATION_HINTS.get(comparable(value), f"学历请从列表选择：{_EDUCATION_CHOICES}。")


# As a graduation or a stretch of work is kept.
MONTH: Final = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)
_WRITTEN_MONTH = re.compile(
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
    match = _WRITTEN_MONTH.fullmatch(text.replace(" ", ""))
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

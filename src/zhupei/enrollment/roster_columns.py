"""What a roster (报名汇总表) consists of: columns and the headings people give them, genders, education."""

from __future__ import annotations

import re
from typing import Final

from foundation.identifiers.id_number import FEMALE, MALE
from foundation.identifiers.text import comparable
from foundation.sheets.table import Column

NAME: Final = "姓名"
GENDER: Final = "性别"
ID_NUMBER: Final = "身份证号"
PHONE: Final = "手机号"
EDUCATION: Final = "学历"
WORK_UNIT: Final = "工作单位"
MAJOR: Final = "所学专业"
GRADUATION: Final = "毕业时间"
YEARS_OF_PRACTICE: Final = "岗位工作年限"
EMAIL: Final = "邮箱"
ADDRESS: Final = "通讯地址"

REQUIRED_COLUMNS: Final = (NAME, GENDER, ID_NUMBER, PHONE, EDUCATION, WORK_UNIT)
OPTIONAL_COLUMNS: Final = (MAJOR, GRADUATION, YEARS_OF_PRACTICE, EMAIL, ADDRESS)
ALL_COLUMNS: Final = REQUIRED_COLUMNS + OPTIONAL_COLUMNS


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_OWNERS = _words("学员 人员 考生 职工 员工 本人 个人 报名人员 报考人员 参训人员 培训人员 申请人 报名人")


def _column(label: str, synonyms: str) -> Column:
    """A column of a person; each of its names may have a word in front that says whose it is (学员姓名)."""
    names = (label, *_words(synonyms))
    return Column(label, tuple(owner + name for name in names for owner in ("", *_OWNERS))[1:])


COLUMNS: Final = (
    _column(NAME, "姓名全称 真实姓名 名字 学员"),
    _column(GENDER, "男女 性别男女"),
    _column(
        ID_NUMBER,
        (
            "身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号码 居民身份证号 "
            "居民身份证 二代身份证号码 二代身份证号 身份证件号码 身份证件号 身份号码 "
            "证件号码 证件号 有效证件号码"
        ),
    ),
    _column(
        PHONE,
        (
            "手机号码 手机 移动电话 移动电话号码 联系手机 联系手机号 联系手机号码 手机电话 "
            "联系电话 联系电话号码 电话号码 电话 联系方式"
        ),
    ),
    _column(EDUCATION, "文化程度 学历层次 最高学历 文化水平 学历程度 受教育程度 学历学位"),
    _column(
        WORK_UNIT,
        (
            "工作单位全称 工作单位名称 单位名称 单位全称 所在单位 现工作单位 用人单位 用人单位名称 企业名称 "
            "企业全称 公司名称 公司全称 所在企业 所在公司 学校名称 所属单位 所属企业 所属公司 单位 企业 公司"
        ),
    ),
    Column(MAJOR, _words("专业 毕业专业 所学专业名称 专业名称"), required=False),
    Column(GRADUATION, _words("毕业日期 毕业年月 毕业年份"), required=False),
    Column(
        YEARS_OF_PRACTICE,
        _words("工作年限 岗位年限 从业年限 从事岗位工作年限 专业工作年限 工作年数"),
        required=False,
    ),
    Column(EMAIL, _words("电子邮箱 邮箱地址 电子邮件 电子邮箱地址 邮件 email e-mail"), required=False),
    Column(ADDRESS, _words("通信地址 联系地址 邮寄地址 家庭住址 住址 地址 家庭地址"), required=False),
)

GENDERS: Final = (MALE, FEMALE)
_GENDER_WORDS: Final = {MALE: MALE, FEMALE: FEMALE, "男性": MALE, "女性": FEMALE}

EDUCATION_LEVELS: Final = ("研究生", "本科", "大专", "中专", "高中", "初中")
_EDUCATION_WORDS: Final = {
    "研究生": _words(
        "硕士 博士 硕士研究生 博士研究生 研究生班 工程硕士 专业硕士 双硕士 mba "
        "博士后 研究生硕士 研究生博士 硕博"
    ),
    "本科": _words(
        "大学本科 学士 本科学士 专升本 专科升本科 双学士 双本科 大本 第二学士 高起本 专接本 专转本 "
        "职业本科 一本 二本 三本"
    ),
    "大专": _words(
        "专科 大学专科 大学大专 高职 高专 高职高专 高职大专 大专专科 高等职业教育 "
        "高等职业 高等专科 高起专 高等职业技术教育 高等职业学校 高等专科学校 "
        "高职专科 职业大专 高等职业技术学院 高等职业院校"
    ),
    "中专": _words(
        "中职 职高 技校 中技 职中 技工 职业高中 职业中专 中等专科 中等专科学校 中专学校 中等专业 "
        "中等专业学校 中等职业 中等职业学校 中等职业教育 技工学校 职业中学 中专技校 "
        "中专中技 职专 中等技术学校 中师 中等师范"
    ),
    "高中": _words("普高 普通高中 高级中学 高中学校 普通高级中学 综合高中"),
    "初中": _words("普通初中 初级中学 普通初级中学 中学初中"),
}
_EDUCATION_BY_WORD: Final = {
    comparable(word): level for level, words in _EDUCATION_WORDS.items() for word in (level, *words)
}
_STUDY_FORM = "|".join(
    _words(
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

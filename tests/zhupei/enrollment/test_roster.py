"""The judge of rosters: every code of the contract, corrections, checks from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.identifiers.id_number import check_character
from zhupei.enrollment import roster
from zhupei.enrollment.models import Enrollment
from zhupei.enrollment.roster import CellError, RosterRow, RosterVerdict, judge_rows
from zhupei.enrollment.roster_columns import ALL_COLUMNS, COLUMNS, REQUIRED_COLUMNS
from zhupei.enrollment.roster_reading import RawRow, corrected, rows_from_json, rows_to_json
from zhupei.enrollment.roster_values import (
    EDUCATION_LEVELS,
    normalize_education,
    normalize_gender,
    normalize_month,
    parse_years,
)
from zhupei.enrollment.services import EntryData

UNIT = "浙江晨光建设有限公司"
GOOD = dict(
    zip(REQUIRED_COLUMNS, ("沈若兰", "女", "330106197402050425", "13857101171", "大专", UNIT), strict=True)
)
DAY = date(2026, 11, 1)


def number_of(born: str, order: int = 41) -> str:
    """A valid ID number of a person born on a day (YYYYMMDD), with the order digits."""
    first = f"330106{born}{order:03}"
    return first + check_character(first)


def judge(*changes: dict[str, str], organization_name: str | None = UNIT) -> RosterVerdict:
    """Good rows from row 2 on, each with its changes."""
    rows = [RawRow(number, GOOD | change) for number, change in enumerate(changes, start=2)]
    return judge_rows(rows, organization_name=organization_name, on=DAY)


def codes(verdict: RosterVerdict) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in verdict.errors]


def test_good_row_is_understood() -> None:
    """ENR-03: what a good row means."""
    verdict = judge(
        {"所学专业": " 土木工程 ", "毕业时间": "2010年7月", "岗位工作年限": "5年", "邮箱": "ａ@b.cn"}
    )
    (row,) = verdict.rows
    assert verdict.good == 1 and verdict.errors == [] and row.good
    assert (row.name, row.gender, row.id_number) == ("沈若兰", "女", "330106197402050425")
    assert (row.phone, row.education, row.work_unit) == ("13857101171", "大专", UNIT)
    assert row.birth_date == date(1974, 2, 5)
    assert (row.major, row.graduated_on, row.practice_years) == ("土木工程", "2010-07", Decimal(5))
    assert (row.email, row.address) == ("a@b.cn", "")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        *((column, value, "required") for column in REQUIRED_COLUMNS for value in ("", " \u3000\u200b")),
        ("姓名", "张3", "name_invalid"),
        ("姓名", "张", "name_invalid"),
        ("性别", "未知", "gender_unknown"),
        ("性别", "1", "gender_unknown"),
        ("性别", "男女", "gender_unknown"),
        ("性别", "男", "gender_mismatch"),
        ("身份证号", "1.10101E+17", "id_scientific_notation"),
        ("身份证号", "3.3010619740205E+17", "id_scientific_notation"),
        ("身份证号", "33010619740205042", "id_length"),
        ("身份证号", "330106740205042", "id_length"),
        ("身份证号", "330106197402050426", "id_check_digit"),
        ("身份证号", number_of("19990230", 42), "id_birth_date"),
        ("身份证号", "330106197413050425", "id_birth_date"),
        ("身份证号", number_of("20081102", 42), "under_age"),
        ("手机号", "1385710", "phone_invalid"),
        ("手机号", "1.38571E+10", "phone_invalid"),
        ("学历", "大学", "education_unknown"),
        ("学历", "小学", "education_unknown"),
        ("工作单位", "晨光建设", "unit_mismatch"),
    ],
)
def test_one_spoiled_cell_is_one_error(column: str, value: str, code: str) -> None:
    """ENR-03: each wrong cell is named with row, column, value and what is wrong."""
    verdict = judge(
        {}, {column: value, **({} if column == "身份证号" else {"身份证号": number_of("19800101", 42)})}
    )
    (error,) = verdict.errors
    assert (error.row, error.column, error.value, error.code) == (3, column, value, code)
    assert error.message.endswith("。") and "！" not in error.message
    assert error.code in roster.CODES
    assert (len(verdict.rows), verdict.good) == (2, 1)
    assert verdict.bad_rows[0].errors == [error]


def test_a_row_may_bear_several_errors() -> None:
    """ENR-03: all wrong cells of a row are named at once, in the order of the columns."""
    verdict = judge(
        dict.fromkeys(ALL_COLUMNS, ""), {"性别": "男", "手机号": "1", "身份证号": number_of("20200101", 42)}
    )
    assert codes(verdict) == [
        *((2, column, "required") for column in REQUIRED_COLUMNS),
        (3, "性别", "gender_mismatch"),
        (3, "身份证号", "under_age"),
        (3, "手机号", "phone_invalid"),
    ]
    assert verdict.good == 0


def test_duplicates_are_named_on_second_and_later_rows() -> None:
    """ENR-03: duplicate inside the file, however the number is typed."""
    number = number_of("19720103", 41)
    assert number.endswith("X")
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number.lower())
    typed = [number, number.lower(), f"{number[:6]} {number[6:]}", f"'{wide}"]
    verdict = judge(*({"性别": "男", "身份证号": value} for value in typed))
    assert codes(verdict) == [(row, "身份证号", "duplicate_in_file") for row in (3, 4, 5)]
    assert all("第 2 行" in error.message for error in verdict.errors)
    scientific = judge({"身份证号": "1.10101E+17"}, {"身份证号": "1.10101E+17"})
    assert [code for _, _, code in codes(scientific)] == ["id_scientific_notation"] * 2


def test_of_age_on_the_very_day() -> None:
    """ENR-03: eighteen on the day counts; one day younger does not."""
    on_the_day, too_young = number_of("20081101", 42), number_of("20081102", 42)
    verdict = judge({"身份证号": on_the_day}, {"身份证号": too_young})
    assert codes(verdict) == [(3, "身份证号", "under_age")]
    assert judge_rows([RawRow(2, GOOD | {"身份证号": too_young})], on=date(2026, 11, 2)).good == 1
    assert codes(judge_rows([RawRow(2, GOOD)], on=date(1960, 1, 1))) == [(2, "身份证号", "under_age")]


def test_a_day_to_come_is_counted_from_the_day_asked_for() -> None:
    """ENR-03, interfaces 1: with --on in the future nobody born before it is "not yet born"; the verdict does not
    depend on the day on which it is asked for."""
    born = number_of("20600101", 42)
    row = RawRow(2, GOOD | {"身份证号": born})
    assert codes(judge_rows([row], on=date(2070, 1, 1))) == [(2, "身份证号", "under_age")]
    assert codes(judge_rows([row], on=date(2059, 12, 31))) == [(2, "身份证号", "id_birth_date")]


@pytest.mark.parametrize(
    "change",
    [
        {"姓名": "沈 若 兰"},
        {"性别": " 女　"},
        {"性别": "女性"},
        {"身份证号": "３３０１０６１９７４０２０５０４２５"},
        {"身份证号": "'330106 1974 0205 0425"},
        {"身份证号": '="330106197402050425"'},
        {"手机号": "13857101171.0"},
        {"手机号": "+86 138-5710-1171"},
        {"手机号": "１３８５７１０１１７１"},
        {"学历": "大学专科"},
        {"工作单位": "浙江 晨光建设有限公司　"},
    ],
)
def test_untidy_cells_are_dealt_with(change: dict[str, str]) -> None:
    """ENR-03: full-width characters, stray spaces, text and number cells are no errors."""
    verdict = judge(change)
    assert verdict.errors == []
    row = verdict.rows[0]
    assert (row.name, row.gender, row.id_number) == ("沈若兰", "女", "330106197402050425")
    assert (row.phone, row.education) == ("13857101171", "大专")


def test_work_unit_is_compared_only_when_asked_and_by_sense() -> None:
    """ENR-03: brackets of either width are equal; without an organization any unit will do."""
    assert judge({"工作单位": "别的公司"}, organization_name=None).good == 1
    assert judge({"工作单位": "浙江(杭州)公司"}, organization_name="浙江（杭州）公司").good == 1
    assert judge({"工作单位": "浙江杭州公司"}, organization_name="浙江（杭州）公司").good == 0


EVERYDAY_WORDS = {
    "研究生": "研究生 硕士 博士 博士研究生 硕士学位 MBA 在职研究生 工学硕士 工商管理硕士 法学博士学位 研究生及以上",
    "本科": "本科 大学本科 学士 全日制本科 本科（函授） 专升本 本科毕业 自考本科学历 国家开放大学本科 普通本科 "
    "二本 工学学士 本科（学士） 本科/学士",
    "大专": "大专 专科 大学专科 高职 成人大专 大专毕业生 大\u3000专 大专（高职） 高职/大专 大学专科（高职） 职业大专",
    "中专": "中专 中职 职高 技校 职业高中 中等专业学校 中专/中技 中专（职高、技校） 中等专科学校",
    "高中": "高中 普高 高中毕业 普通高中",
    "初中": "初中 普通初中 初中学历 初中及以下",
    None: "大学 小学 大专在读 本科肄业 无 大学毕业 学历 本科大专 大专或本科 高中/中专 本科及以上 本科（在读） 在读硕士",
}


@pytest.mark.parametrize(
    ("word", "level"), [(word, level) for level, words in EVERYDAY_WORDS.items() for word in words.split(" ")]
)
def test_everyday_words_for_education(word: str, level: str | None) -> None:
    """ENR-03: levels and their everyday synonyms are understood and normalized."""
    assert normalize_education(word) == level


def test_education_message_says_what_to_choose() -> None:
    """ENR-03: 大学 may be either; everything else gets the whole list."""
    assert "“本科”或“大专”" in judge({"学历": "大学"}).errors[0].message
    assert all(level in judge({"学历": "小学"}).errors[0].message for level in EDUCATION_LEVELS)


def test_genders() -> None:
    """ENR-02: 男 and 女 from the list."""
    assert [normalize_gender(word) for word in ("男", " 女", "男性", "M", "")] == [
        "男",
        "女",
        "男",
        None,
        None,
    ]


LONGEST = {column.label: column.longest for column in COLUMNS if column.longest}


@pytest.mark.parametrize("column", LONGEST)
def test_exactly_the_longest_is_taken_and_one_more_is_named(column: str) -> None:
    """ENR-03: nothing is cut off; the sentence says how long it may be and how long it is."""
    longest = LONGEST[column]
    text = "a" * (longest - 5) + "@b.cn" if column == "邮箱" else "甲" * longest
    good = judge({column: text}, organization_name=None).rows[0]
    (wrong,) = judge({column: text[0] + text}, organization_name=None).errors
    assert good.good
    field = next(each.field for each in COLUMNS if each.label == column)
    assert getattr(good, field) == text
    assert (wrong.column, wrong.code) == (column, "too_long")
    assert str(longest) in wrong.message and str(longest + 1) in wrong.message


def test_a_name_of_thirty_characters_is_taken_and_one_more_is_named() -> None:
    """ENR-03: names have a length of their own, with the contract's code."""
    verdict = judge({"姓名": "甲" * 30}, {"姓名": "甲" * 31, "身份证号": number_of("19800101", 42)})
    assert codes(verdict) == [(3, "姓名", "name_invalid")]
    assert "30" in verdict.errors[0].message


@pytest.mark.parametrize(
    ("column", "typed", "code"),
    [
        *(
            ("邮箱", typed, "email_invalid")
            for typed in ("x", "a@b", "a b@c.cn", "微信同号", "@", "a@b.cn,c@d.cn")
        ),
        *(("毕业时间", typed, "month_invalid") for typed in ("应届", "2010-13", "夏天")),
        *(("岗位工作年限", typed, "years_invalid") for typed in ("很久", "100", "5.25")),
    ],
)
def test_what_is_no_address_month_or_number_is_named(column: str, typed: str, code: str) -> None:
    """ENR-03: nothing is dropped in silence; the row waits for a correction."""
    verdict = judge({column: typed})
    assert codes(verdict) == [(2, column, code)]
    assert verdict.errors[0].value == typed and verdict.good == 0


@pytest.mark.parametrize("typed", ["", " ", "无", "没有", "/", "-", "——", "－"])
def test_a_stroke_for_nothing_is_nothing(typed: str) -> None:
    """ENR-03: what people write where there is nothing to say is no wrong address, month or number."""
    (row,) = judge(dict.fromkeys(("邮箱", "毕业时间", "岗位工作年限"), typed)).rows
    assert row.good and (row.email, row.graduated_on, row.practice_years) == ("", "", None)


def test_the_command_knows_the_codes_of_the_contract_only() -> None:
    """Interfaces 1: the list of codes is closed; what is named beyond it on the screen makes no row bad there."""
    verdict = judge({"邮箱": "x"}, {"邮箱": "x", "手机号": "1", "身份证号": number_of("19800101", 42)})
    assert verdict.good == 0
    document = verdict.as_json()
    assert (document["rows"], document["good"]) == (2, 1)
    assert [error["code"] for error in document["errors"]] == ["phone_invalid"]
    assert not set(roster.CODES) & set(roster.ENTRY_CODES)


def test_the_table_agrees_with_what_is_stored_and_typed() -> None:
    """ENR-02: each column has its field in the enrollment, in the form's data and in a judged row, equally long."""
    for column in COLUMNS:
        kept = Enrollment._meta.get_field(column.field)
        assert kept.verbose_name == column.label
        assert kept.blank is not column.required
        if column.longest:
            assert kept.max_length == column.longest
        assert column.field in EntryData.__dataclass_fields__
        assert column.field in RosterRow.__dataclass_fields__


def test_extra_checks_are_asked_once_for_the_batch() -> None:
    """ENR-03: already enrolled and blacklisted join the other errors."""
    asked: list[list[str]] = []

    def enrolled(rows: Sequence[RosterRow]) -> Iterable[CellError]:
        asked.append([row.id_number for row in rows])
        return [row.error("身份证号", "already_enrolled", "此人已报名。") for row in rows if row.number == 3]

    rows = [
        RawRow(2, GOOD),
        RawRow(3, GOOD | {"身份证号": number_of("19800101", 42)}),
        RawRow(4, GOOD | {"身份证号": "x"}),
    ]
    verdict = judge_rows(rows, on=DAY, extra_checks=[enrolled])
    assert asked == [["330106197402050425", number_of("19800101", 42)]]
    assert codes(verdict) == [(3, "身份证号", "already_enrolled"), (4, "身份证号", "id_length")]
    assert verdict.good == 1


def test_corrected_rows_are_judged_again() -> None:
    """ENR-04: wrong cells can be corrected in the preview; rows survive being stored as JSON."""
    rows = [RawRow(2, GOOD | {"手机号": "1"}), RawRow(3, GOOD | {"身份证号": "1.1E+17"})]
    assert rows_from_json(rows_to_json(rows)) == rows
    better = corrected(
        rows, {(2, "手机号"): "13800000000", (3, "身份证号"): number_of("19800101", 42), (2, "列"): "x"}
    )
    assert judge_rows(better, organization_name=UNIT, on=DAY).good == 2
    assert rows[0].cells["手机号"] == "1"
    assert "列" not in better[0].cells


CELLS = st.fixed_dictionaries({column: st.text(max_size=24) for column in ALL_COLUMNS})


@given(st.lists(CELLS, max_size=6))
@settings(deadline=None)
def test_any_cells_are_judged(cells: list[dict[str, str]]) -> None:
    """ENR-03: whatever the cells hold; good and bad rows add up, every error names its cell."""
    rows = [RawRow(number, row) for number, row in enumerate(cells, start=2)]
    verdict = judge_rows(rows, organization_name=UNIT)
    document = verdict.as_json()
    assert document["rows"] == len(rows)
    assert document["good"] == len(verdict.good_rows) == len(rows) - len(verdict.bad_rows)
    for error in document["errors"]:
        assert error["value"] == cells[error["row"] - 2][error["column"]]
        assert error["code"] in roster.CODES
    for row in verdict.rows:
        assert isinstance(row.graduated_on, str)
        assert row.practice_years is None or row.practice_years >= 0


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        *(
            (typed, "2010-07")
            for typed in ["2010年7月", "2010.7", "2010/07/01", "201007", "20100701", "2010-07-01", "2010-7"]
        ),
        ("2010年", "2010"),
        ("2010", "2010"),
        ("2010-13", "2010-13"),
        ("应届", "应届"),
        ("", ""),
    ],
)
def test_graduation_months(typed: str, month: str) -> None:
    """ENR-02: 毕业时间 as people write it."""
    assert normalize_month(typed) == month


@pytest.mark.parametrize(
    ("typed", "years"),
    [
        ("5", 5),
        ("5年", 5),
        ("5.5", 5.5),
        ("十年", 10),
        ("十二年", 12),
        ("二十", 20),
        ("三", 3),
        ("很多", None),
        ("", None),
    ],
)
def test_years_of_practice(typed: str, years: float | None) -> None:
    """ENR-02: 岗位工作年限 as people write it."""
    assert parse_years(typed) == (None if years is None else Decimal(str(years)))

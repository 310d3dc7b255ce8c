"""The rule engine: which row fits, how many years are needed, why, and what to do (CAT-02, CAT-03)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.catalog import data
from zhupei.catalog.queries import known_majors
from zhupei.catalog.rules import (
    RELATIONS,
    TIERS,
    Cell,
    EligibilityRules,
    judge_eligibility,
    major_forms,
    normalize_major,
    years_words,
)


def default_table(**changes) -> EligibilityRules:
    given = data.read("eligibility")
    cells = tuple(
        Cell(row["number"], row["tier"], row["relation"], group["key"], tuple(row[group["key"]]))
        for row in given["rows"]
        for group in given["groups"]
    )
    values = {
        "cells": cells,
        "practice": {(each["tier"], each["relation"]): Decimal(each["years"]) for each in given["practice"]},
        "groups": {group["key"]: group["label"] for group in given["groups"]},
        "accept_lower_tier": True,
        "source": given["source"],
        "knowledge": known_majors(),
    }
    return EligibilityRules(**(values | changes))


TABLE = default_table()
ENTRIES = [(cell, major) for cell in TABLE.cells for major in cell.majors]


def judge(education, major, years, group="construction", **more):
    occupation = "施工员" if group == "construction" else "资料员"
    return judge_eligibility(TABLE, group, education, major, years, occupation=occupation, **more)


@pytest.mark.parametrize(
    ("education", "major", "years", "group", "relation", "row", "needed"),
    [
        ("graduate", "土木工程", 1, "construction", "matching", 1, 1),
        ("graduate", "结构工程", 1, "construction", "matching", 1, 1),
        ("graduate", "管理科学与工程", 2, "construction", "related", 4, 2),
        ("graduate", "管理科学与工程", 1, "support", "matching", 1, 1),
        ("bachelor", "土木工程", 1, "construction", "matching", 2, 1),
        ("bachelor", "给排水科学与工程", 1, "construction", "matching", 2, 1),
        ("bachelor", "城乡规划", 2, "construction", "related", 5, 2),
        ("bachelor", "电气工程及其自动化", 2, "support", "related", 5, 2),
        ("college", "建筑工程技术", 1, "construction", "matching", 3, 1),
        ("college", "工程造价", 1, "construction", "matching", 3, 1),
        ("college", "物业管理", 1, "support", "matching", 3, 1),
        ("college", "物业管理", 2, "construction", "related", 6, 2),
        ("college", "道路桥梁工程技术", 2, "construction", "related", 6, 2),
        ("secondary", "建筑工程施工", 3, "construction", "matching", 7, 3),
        ("secondary", "工程造价", 3, "support", "matching", 7, 3),
        ("secondary", "市政工程施工", 4, "construction", "related", 8, 4),
        ("secondary", "物业管理", 4, "support", "related", 8, 4),
        ("大专", "建筑工程技术", 1, "construction", "matching", 3, 1),
        ("中专", "工民建", 3, "construction", "matching", 7, 3),
    ],
)
def test_rows_of_the_table(education, major, years, group, relation, row, needed) -> None:
    """CAT-02: every tier, both groups; majors by name, by class, by their newer names."""
    verdict = judge(education, major, years, group)
    assert verdict.eligible is True and verdict.code == "eligible"
    assert (verdict.relation, verdict.row_number, verdict.years_needed) == (relation, row, needed)
    short = judge(education, major, Decimal(needed) - Decimal("0.5"), group)
    assert short.eligible is False and short.code == "practice_short"
    assert "还差 0.5 年" in short.sentence and short.advice


def test_the_words_of_a_verdict() -> None:
    """CAT-03: which row matched, how many years are needed, how many were shown."""
    verdict = judge("bachelor", "工程造价", 3)
    assert verdict.title == "符合" and verdict.tone == "ok"
    assert verdict.sentence == (
        "本科“工程造价”属土建类相关专业（本层次未列，专科列在第 3 行“工程管理类”，按相关专业认定），"
        "施工员须从业满 2 年，证明 3 年。"
    )
    assert judge("bachelor", "土木工程", 1).sentence == (
        "本科“土木工程”属土建类本专业（第 2 行），施工员须从业满 1 年，证明 1 年。"
    )
    assert "JGJ/T 250-2011" in verdict.source


def test_a_stricter_table_does_not_look_at_lower_tiers() -> None:
    """CAT-02: whether a lower tier's majors count is a figure of the table, not of the code."""
    verdict = judge_eligibility(
        default_table(accept_lower_tier=False), "construction", "bachelor", "工程造价", 3
    )
    assert verdict.eligible is None and verdict.code == "major_unknown"


@pytest.mark.parametrize(
    "text",
    [
        "土木工程专业",
        " 土木 工程 ",
        "“土木工程”",
        "土木工程（专升本）",
        "土木工程(建筑工程方向)",
        "土木工程(自考",
        "土木工程　",
    ],
)
def test_majors_are_understood_as_people_write_them(text) -> None:
    """CAT-02: full-width, blanks, quotes, 专业 and what stands in brackets."""
    assert judge("bachelor", text, 1).row_number == 2


@pytest.mark.parametrize(
    ("education", "major", "years", "eligible", "code", "words"),
    [
        ("high_school", "", 9, False, "education_low", "高中"),
        ("初中", "建筑工程施工", 9, False, "education_low", "初中"),
        ("", "土木工程", 9, None, "education_unknown", "学历"),
        ("bachelor", "", 9, None, "major_missing", "没有填写所学专业"),
        ("bachelor", " 。 ", 9, None, "major_missing", "没有填写所学专业"),
        ("bachelor", "会计学", 9, False, "major_other", "不在土建类"),
        ("college", "护理", 9, False, "major_other", "不在土建类"),
        ("bachelor", "太空工程", 9, None, "major_unknown", "没有找到"),
        ("college", "建筑工程技木", 9, None, "major_unknown", "建筑工程技术"),
        ("secondary", "物业管理", 9, False, "major_other", "只列于材料员、劳务员、资料员"),
        ("secondary", "建筑环境与设备工程", 9, None, "major_unknown", "列于本科"),
        ("bachelor", "土木工程", None, None, "practice_missing", "没有填写岗位工作年限"),
        ("bachelor", "土木工程", 0, False, "practice_short", "还差 1 年"),
    ],
)
def test_refusals_and_questions_say_what_to_do(education, major, years, eligible, code, words) -> None:
    """CAT-03: what is missing or wrong, in words, with advice; what the table cannot tell is for a person to judge."""
    verdict = judge(education, major, years)
    assert (verdict.eligible, verdict.code) == (eligible, code)
    assert words in verdict.sentence
    assert verdict.advice.endswith("。") and verdict.text == verdict.sentence + verdict.advice


def test_students_enrolled_by_their_school_are_judged_by_a_person() -> None:
    """ORG-02, CAT-03: no years of practice yet is no refusal for a school's own students."""
    verdict = judge("college", "建筑工程技术", None, by_school=True)
    assert verdict.eligible is None and verdict.code == "school" and "学校" in verdict.sentence
    assert judge("college", "会计", None, by_school=True).eligible is False
    assert judge("college", "建筑工程技术", 2, by_school=True).eligible is True


def test_without_a_table_nothing_is_checked() -> None:
    """CAT-02: a programme without a table has no conditions, and says so."""
    verdict = judge_eligibility(None, "", "", "", None)
    assert verdict.eligible is True and "没有设置" in verdict.sentence


def test_an_occupation_outside_the_table_is_for_a_person_to_judge() -> None:
    """CAT-02."""
    verdict = judge_eligibility(TABLE, "", "bachelor", "土木工程", 3, occupation="监理员")
    assert verdict.eligible is None and verdict.code == "group_missing" and "监理员" in verdict.sentence


def test_a_class_in_both_rows_counts_as_matching_and_is_said() -> None:
    """CAT-02: the guide itself lists 房地产类 twice for one group."""
    assert TABLE.repeated() == ["材料员、劳务员、资料员：“房地产类”同时列在第 3 行和第 6 行，按本专业认定。"]
    assert judge("college", "房地产类", 1, "support").relation == "matching"


def test_every_class_that_contains_majors_is_in_the_table() -> None:
    """CAT-02: the list of common majors holds no entry that the table does not name."""
    named = {(cell.tier, major) for cell in TABLE.cells for major in cell.majors}
    members = known_majors().members
    assert {(tier, entry) for tier, entries in members.items() for entry in entries} <= named
    for cell, major in ENTRIES:
        if major.endswith("类"):
            assert members[cell.tier][major], major


@given(
    st.sampled_from(ENTRIES),
    st.decimals(0, 60, places=1),
    st.sampled_from(["{}", "{}专业", " {} ", "{}（函授）"]),
)
def test_every_major_of_the_table_is_found_in_its_row(entry, years, pattern) -> None:
    """CAT-02: whatever the table names is judged by the row that names it, and the years decide."""
    cell, major = entry
    verdict = judge_eligibility(TABLE, cell.group, cell.tier, pattern.format(major), years)
    # 一级学科 may stand in the matching and in the related row under one name; matching goes first.
    assert verdict.tier == cell.tier and verdict.relation in RELATIONS
    if verdict.relation == cell.relation:
        assert verdict.row_number == cell.number
    assert verdict.eligible is (years >= TABLE.practice[cell.tier, verdict.relation])


@given(st.sampled_from([*TIERS, "高中", ""]), st.text(max_size=30), st.none() | st.decimals(0, 60, places=1))
def test_any_text_gets_a_verdict_in_words(education, major, years) -> None:
    """CAT-03: never an error, always a sentence; a refusal or a question always with advice."""
    verdict = judge(education, major, years)
    assert verdict.sentence.endswith("。")
    assert verdict.eligible is True or verdict.advice


@given(st.sampled_from(ENTRIES), st.decimals(0, 40, places=1), st.decimals(0, 20, places=1))
def test_more_years_never_make_it_worse(entry, years, more) -> None:
    """CAT-02."""
    cell, major = entry
    before = judge_eligibility(TABLE, cell.group, cell.tier, major, years)
    after = judge_eligibility(TABLE, cell.group, cell.tier, major, years + more)
    assert not (before.eligible and not after.eligible)


@given(st.text(max_size=40))
def test_normalizing_twice_changes_nothing(text) -> None:
    """CAT-02."""
    assert normalize_major(normalize_major(text)) == normalize_major(text)
    assert len(major_forms(text)) <= 2


def test_years_in_words() -> None:
    """CAT-03: 2 and 1.5, not 2.0."""
    assert [years_words(Decimal(text)) for text in ("2.0", "1.5", "10", "0.0")] == ["2", "1.5", "10", "0"]

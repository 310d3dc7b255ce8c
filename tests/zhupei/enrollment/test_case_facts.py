"""What is told of a case without reading its images, and what was changed since the last return (ELI-01, ELI-03)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.demo.invented import Inventor
from zhupei.enrollment import case_facts
from zhupei.enrollment.case_facts import Picture
from zhupei.enrollment.cases import describe_changes

TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("size", "width", "height", "tone", "label"),
    [
        (72 * 1024, 295, 413, "ok", "合格"),
        (81 * 1024, 295, 413, "wait", "80 KB"),
        (40 * 1024, 413, 413, "wait", "比例"),
        (9 * 1024, 118, 165, "wait", "偏小"),
    ],
)
def test_the_portrait_is_judged_by_weight_and_proportion(
    size: int, width: int, height: int, tone: str, label: str
) -> None:
    """MAT-01: one inch, at most 80 KB."""
    fact = case_facts.judge_portrait(Picture("portrait", "头像", size, width, height, is_there=True))
    assert fact is not None
    assert (fact.tone, label in fact.label) == (tone, True)
    assert f"{width}×{height}" in fact.figure


def test_missing_images_are_named_and_block() -> None:
    """MAT-01."""
    fact = case_facts.judge_completeness(
        [Picture("portrait", "头像", is_there=True), Picture("id_back", "身份证反面")]
    )
    assert (fact.tone, fact.figure, fact.blocks) == ("bad", "1/2", True)
    assert "身份证反面" in fact.note


def test_small_pictures_are_named() -> None:
    """ELI-01: small print must be readable."""
    fine = Picture("education", "学历证书", 90_000, 1200, 900, is_there=True)
    small = Picture("work_years", "工作年限证明", 9_000, 300, 220, is_there=True)
    assert case_facts.judge_resolution([fine]) is None
    fact = case_facts.judge_resolution([fine, small])
    assert fact is not None
    assert fact.note == "工作年限证明 300×220"


def test_the_number_must_agree_with_gender_and_birth_date() -> None:
    """ELI-01."""
    person = Inventor(3).person()
    word = {"male": "男", "female": "女"}[person.gender]
    assert case_facts.judge_number(person.id_number, word, person.birth_date).tone == "ok"
    other = "女" if word == "男" else "男"
    assert case_facts.judge_number(person.id_number, other, person.birth_date).tone == "wait"
    assert case_facts.judge_number("330106", word, person.birth_date).tone == "bad"


@pytest.mark.parametrize(
    ("years", "periods", "tone"),
    [
        ("5", [], None),
        (None, [{"start": "2015-01", "end": ""}], None),
        ("5", [{"start": "2021-12", "end": "", "post": "施工员"}], "ok"),
        ("5", [{"start": "2024-01", "end": "2024-12", "post": "施工员"}], "wait"),
        ("2", [{"start": "2020-01", "end": "2020-12"}, {"start": "2022-01", "end": "2022-12"}], "ok"),
    ],
)
def test_the_work_history_must_add_up(
    years: str | None, periods: list[dict[str, str]], tone: str | None
) -> None:
    """ELI-01: periods against the years claimed."""
    fact = case_facts.judge_history(Decimal(years) if years else None, periods, TODAY)
    assert (fact.tone if fact else None) == tone


@given(st.lists(st.dictionaries(st.sampled_from(["start", "end", "post"]), st.text(max_size=8)), max_size=4))
def test_a_work_history_never_breaks_the_page(periods: list[dict[str, str]]) -> None:
    """Whatever an old record holds."""
    case_facts.judge_history(Decimal(3), periods, TODAY)


def test_successive_changes_are_told_as_one_in_words() -> None:
    """ELI-03: first before, last after; what came back to itself is left out."""
    changes = describe_changes(
        [
            {"education": ["college", "secondary"], "name": ["王一", "王二"]},
            {
                "education": ["secondary", "bachelor"],
                "name": ["王二", "王一"],
                "birth_date": ["1990-01-01", "1991-01-01"],
                "practice_periods": ["[]", "[…]"],
            },
        ]
    )
    assert [(each.label, each.before, each.after) for each in changes] == [
        ("学历", "大专", "本科"),
        ("工作经历", "", "已修改"),
    ]

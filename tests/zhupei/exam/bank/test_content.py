"""EXM-01: what a question may look like; every field that is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.zhupei.exam.banks import CASE_PARTS, case, multiple, single, true_false
from zhupei.exam.bank.content import (
    LETTERS,
    MOST_PARTS,
    TRUE_FALSE_OPTIONS,
    Part,
    QuestionContent,
    digest_of,
    duplicates,
    letters_of,
    problems,
    shown_answer,
)

TEXT = st.text(max_size=30)
PART = st.builds(
    Part,
    type=st.sampled_from(["single", "multiple", "true_false", "case", "essay", ""]),
    stem=TEXT,
    options=st.lists(TEXT, max_size=8).map(tuple),
    answer=st.lists(st.sampled_from([*LETTERS, "Z", "正", ""]), max_size=7).map(tuple),
    explanation=TEXT,
)


@pytest.mark.parametrize("content", [single(), multiple(), true_false(), case()])
def test_a_good_question_of_each_type_has_no_problem(content: QuestionContent) -> None:
    """EXM-01: single, multiple, true/false, case with sub-questions."""
    assert problems(content) == {}
    again = QuestionContent.from_json(content.type, content.as_json())
    assert again.as_json() == content.as_json()
    assert problems(again) == {}


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        (single(type="essay"), "type", "题型"),
        (single(stem="  "), "stem", "请填写题干"),
        (single("长" * 2001), "stem", "最多 2000 字，现有 2001 字"),
        (single(options=()), "options", "应有 2 至 6 个选项，现有 0 个"),
        (single(options=("甲",)), "options", "现有 1 个"),
        (single(options=tuple("甲乙丙丁戊己庚")), "options", "现有 7 个"),
        (single(options=("甲", "", "丙")), "options", "选项 B 是空的"),
        (single(options=("甲", "甲 ", "丙")), "options", "两个选项相同"),
        (single(options=("甲", "乙" * 501)), "options", "选项 B 超过 500 字"),
        (single(answer=()), "answer", "请填写答案"),
        (single(answer=("D",)), "answer", "D 没有对应的选项"),
        (single(answer=("A", "B")), "answer", "只能有一个"),
        (single(answer=("A", "A")), "answer", "重复"),
        (multiple(options=("甲", "乙"), answer=("A", "B")), "options", "应有 3 至 6 个"),
        (multiple(answer=("A",)), "answer", "至少两个"),
        (true_false(options=("是", "否")), "options", "判断题不用填选项"),
        (true_false(answer=("C",)), "answer", "没有对应的选项"),
        (true_false(answer=("A", "B")), "answer", "只能有一个"),
        (case(parts=()), "parts", "至少要有一道小题"),
        (case(parts=CASE_PARTS * 6), "parts", f"最多 {MOST_PARTS} 道小题"),
        (case(stem=""), "stem", "请填写题干"),
        (case(parts=(replace(CASE_PARTS[0], answer=("C",)),)), "parts.0.answer", "没有对应的选项"),
        (case(parts=(CASE_PARTS[1], replace(CASE_PARTS[0], stem=""))), "parts.1.stem", "请填写题干"),
        (case(parts=(replace(CASE_PARTS[0], type="case"),)), "parts.0.type", "只能是"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(content: QuestionContent, field: str, words: str) -> None:
    """EXM-01: each refusal by name."""
    found = problems(content)
    assert words in found[field]
    assert set(found) <= {field, "answer"}  # without options no answer fits


@given(PART, st.lists(PART, max_size=12).map(tuple))
def test_any_content_is_judged_and_good_content_keeps_its_answers(
    whole: Part, parts: tuple[Part, ...]
) -> None:
    """EXM-01: whatever is typed gets sentences, never a traceback; what passes survives being kept and read."""
    content = QuestionContent(whole.type, whole.stem, whole.options, whole.answer, whole.explanation, parts)
    found = problems(content)
    assert all(text.endswith("。") for text in found.values())
    if not found:
        kept = content.as_json()
        again = QuestionContent.from_json(content.type, kept)
        assert problems(again) == {} and again.as_json() == kept
        for part in again.parts or (again,):
            options = TRUE_FALSE_OPTIONS if part.type == "true_false" else part.options
            assert set(part.answer) <= set(LETTERS[: len(options)])
            assert len(part.answer) == 1 or part.type == "multiple"


@given(st.sets(st.sampled_from(LETTERS), min_size=1), st.sampled_from(["", "、", ",", "，", " ", "; "]))
def test_letters_are_read_however_they_are_set_apart(letters: set[str], mark: str) -> None:
    """EXM-01: ACD, a、c、d and A, C, D are the same answer."""
    typed = mark.join(sorted(letters))
    assert letters_of(typed, "multiple") == tuple(sorted(letters))
    assert letters_of(typed.lower(), "single") == tuple(sorted(letters))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("正确", "A"), ("对", "A"), ("√", "A"), ("T", "A"), ("错误", "B"), ("错", "B"), ("×", "B"), ("x", "B"), ("false", "B")],
)  # fmt: skip
def test_true_and_false_are_written_in_many_ways(typed: str, answer: str) -> None:
    """EXM-01: what tables from elsewhere say."""
    assert letters_of(typed, "true_false") == (answer,)


def test_what_is_not_an_answer_is_refused_and_not_guessed() -> None:
    """EXM-01: an answer that is not understood stays as typed, and has no option."""
    assert "没有对应的选项" in problems(single(answer=letters_of("第一个", "single")))["answer"]
    assert letters_of("", "single") == ()


def test_the_same_question_is_found_whatever_its_spaces_and_key() -> None:
    """EXM-01: duplicates are told by what is asked; another picture is another question."""

    def digest(content: QuestionContent, picture: str = "") -> str:
        return digest_of(content.type, content.as_json(), picture)

    assert digest(single()) == digest(single(single().stem + " ", answer=("B",), explanation=""))
    assert digest(single()) != digest(single(options=("1", "2")))
    assert digest(single()) != digest(single(), "f" * 64)
    other_key = tuple(replace(part, explanation="另一种解析") for part in CASE_PARTS)
    assert digest(case()) == digest(case(parts=other_key))
    assert digest(case()) != digest(case(parts=CASE_PARTS[:1]))


def test_duplicates_name_the_first_one() -> None:
    """EXM-01: rows that ask the same."""
    assert duplicates([(2, "a"), (3, "b"), (4, "a"), (9, "a")]) == {4: 2, 9: 2}


@pytest.mark.parametrize(
    ("content", "shown"), [(single(), "A"), (multiple(), "ABD"), (true_false(), "正确"), (true_false(answer=("B",)), "错误")]
)  # fmt: skip
def test_the_key_in_words(content: Any, shown: str) -> None:
    """EXM-01: as lists and sheets show it."""
    assert shown_answer(content) == shown

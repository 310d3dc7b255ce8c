"""EXM-01: questions written in Word are read as rows of a sheet and judged by the same rules."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError
from tests.world import World
from tests.zhupei.exam.banks import Bank
from zhupei.exam.bank.question_document import EXAMPLE, read_bank_document, write_document_template
from zhupei.exam.bank.question_sheet import ALL, SheetVerdict, judge
from zhupei.exam.bank.services import questions

CHAPTERS = {11: (1, "法律法规"), 12: (2, "施工质量")}


def written(lines: Sequence[str]) -> bytes:
    out = io.BytesIO()
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    document.save(out)
    return out.getvalue()


def judged(*lines: str) -> SheetVerdict:
    return judge(read_bank_document(written(lines)), CHAPTERS)


def test_the_template_shows_every_type_and_is_no_bank() -> None:
    """EXM-01: whoever uploads it as it is learns that the chapter is an example."""
    out = io.BytesIO()
    write_document_template(out)
    verdict = judge(read_bank_document(out.getvalue()), CHAPTERS)
    assert [row.row.number for row in verdict.rows] == [2, 3, 4, 5, 6, 7]
    assert {column for row in verdict.rows for column in row.errors} == {"章节"}
    named = judge(read_bank_document(written(["第二章", *EXAMPLE[1:]])), CHAPTERS)
    assert named.wrong == []
    single, multiple, true_false, case = named.questions
    assert (single.content.options, single.content.answer) == (("12 小时", "24 小时", "48 小时"), ("A",))
    assert (single.chapter, single.difficulty) == (12, 1)
    assert single.content.explanation == "混凝土终凝后应及时养护。"
    assert multiple.content.options == ("安全帽", "安全带", "钢卷尺", "安全网")
    assert multiple.content.answer == ("A", "B", "D")
    assert (true_false.content.type, true_false.content.answer) == ("true_false", ("A",))
    assert [(part.type, part.answer) for part in case.content.parts] == [
        ("single", ("B",)),
        ("true_false", ("A",)),
    ]


def test_other_habits_of_writing() -> None:
    """EXM-01: full-width marks, options in a line, brackets for fields, lines that go on, no types named."""
    verdict = judged(
        "章节：施工质量",
        "１．下列说法正确的是（　）。",
        "接上一行的题干",
        "Ａ．甲　Ｂ．乙　Ｃ．丙",
        "【答案】ａｃ",
        "【解析】第一行",
        "第二行",
        "2、应当养护。",
        "参考答案：√",
        "3、[单选题]规范规定坡度不大于 1.5 的是？",
        "A、一 B、二",
        "正确答案： B",
    )
    assert verdict.wrong == []
    first, second, third = (question.content for question in verdict.questions)
    assert (first.type, first.answer, first.options) == ("multiple", ("A", "C"), ("甲", "乙", "丙"))
    assert first.stem.endswith("接上一行的题干")
    assert first.explanation == "第一行\n第二行"
    assert (second.type, second.answer) == ("true_false", ("A",))
    assert (third.type, third.stem, third.answer) == ("single", "规范规定坡度不大于 1.5 的是？", ("B",))


def test_lists_that_word_numbers_by_itself() -> None:
    """EXM-01: automatic numbers and letters are not in the text, but in the list's format."""
    document = Document()
    document.add_paragraph("第1章 法律法规")
    document.add_paragraph("一、单选题（每题 1 分）")
    document.add_paragraph("养护何时开始？", style="List Number")
    document.add_paragraph("A. 当天")
    document.add_paragraph("B. 次日")
    document.add_paragraph("答案：B")
    out = io.BytesIO()
    document.save(out)
    (row,) = read_bank_document(out.getvalue())
    assert (row.cells["题干"], row.cells["选项B"], row.cells["答案"]) == ("养护何时开始？", "次日", "B")


@pytest.mark.parametrize(
    ("lines", "column", "words"),
    [
        (["第9章", "一、单选题", "1. 问？", "A. 甲", "B. 乙", "答案：A"], "章节", "没有“9”这一章"),
        (["第1章", "一、单选题", "1. 问？", "A. 甲", "B. 乙"], "答案", "请填写答案"),
        (["第1章", "一、多选题", "1. 问？", "A. 甲", "B. 乙", "C. 丙", "答案：A"], "答案", "至少两个"),
        (["第1章", "1. 问？"], "题型", "题型应为"),
        (["第1章", "四、案例题", "1. 某工程。"], "题型", "至少要有一道小题"),
    ],
)
def test_what_is_wrong_is_named(lines: list[str], column: str, words: str) -> None:
    """EXM-01: by the same sentences as in a sheet."""
    verdict = judged(*lines)
    assert words in verdict.rows[0].errors[column]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return out.getvalue()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0old", "old_document"),
        (b"PK\x03\x04broken", "damaged"),
        (packed(other=b"<x/>"), "not_document"),
        (packed(document=b"<x"), "damaged"),
        (packed(document=BOMB), "damaged"),
        (packed(document=b" " * (17 * 1024 * 1024)), "unpacks_too_large"),
        (written(["没有试题的一篇文档。"]), "no_rows"),
        (written([]), "no_rows"),
    ],
)
def test_documents_that_cannot_be_used(content: bytes, code: str) -> None:
    """EXM-01: one sentence each, whatever is sent."""
    with pytest.raises(DomainError) as refusal:
        read_bank_document(content)
    assert refusal.value.code == code
    assert refusal.value.message.endswith("。")


@given(
    st.lists(
        st.sampled_from([*EXAMPLE, "正文", "（3）", "Z. 丁", "1.", "答案：", "二十章", "F. 己"]), max_size=25
    )
)
def test_any_order_of_lines_is_read_without_a_traceback(lines: list[str]) -> None:
    """EXM-01: what was mixed up is judged, not crashed on."""
    from zhupei.exam.bank.question_document import _Reader

    reader = _Reader()
    for line in lines:
        reader.take(line)
    rows = reader.rows()
    assert all(set(row.cells) == set(ALL) for row in rows)
    judge(rows, CHAPTERS)


@pytest.mark.django_db
def test_a_document_is_imported_like_a_sheet(world: World) -> None:
    """EXM-01: told by its content, whatever its name."""
    bank = Bank(world)
    content = written(["第1章", *EXAMPLE[1:]])
    kept = questions.start_import(bank.writer, bank.occupation, None, "题库.docx", content)
    assert questions.confirm_import(bank.writer, kept) == 4

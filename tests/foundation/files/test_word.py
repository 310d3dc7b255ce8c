"""EXM-01: paragraphs of Word documents, with the numbers that Word makes by itself."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document

from foundation.files.word import WordRefusedError, read_paragraphs

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(body: str, numbering: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        if numbering:
            archive.writestr("word/numbering.xml", f"<w:numbering {W}>{numbering}</w:numbering>")
    return out.getvalue()


def item(text: str, number: int) -> str:
    link = f'<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr></w:pPr>'
    return f"<w:p>{link}<w:r><w:t>{text}</w:t></w:r></w:p>"


def listed(number: int, form: str) -> str:
    level = f'<w:lvl w:ilvl="0"><w:numFmt w:val="{form}"/></w:lvl>'
    return (
        f'<w:abstractNum w:abstractNumId="{number}">{level}</w:abstractNum>'
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    )


def test_text_tabs_breaks_and_tables() -> None:
    """Paragraphs in their order, empty ones left out."""
    document = Document()
    document.add_paragraph("第一段\t后面\n下一行")
    document.add_paragraph("  ")
    document.add_table(1, 1).cell(0, 0).text = "格子"
    out = io.BytesIO()
    document.save(out)
    assert read_paragraphs(out.getvalue()) == ["第一段\t后面\n下一行", "格子"]


def test_numbers_and_letters_of_lists_are_written_out() -> None:
    """Letters begin anew after anything else; bullets bear none."""
    body = item("甲题", 1) + item("一", 2) + item("二", 2) + item("乙题", 1) + item("三", 2) + item("点", 3)
    numbering = listed(1, "decimal") + listed(2, "upperLetter") + listed(3, "bullet")
    expected = ["1. 甲题", "A. 一", "B. 二", "2. 乙题", "A. 三", "点"]
    assert read_paragraphs(packed(body, numbering)) == expected


@pytest.mark.parametrize("content", [b"", b"PK", b"text", packed("<broken")])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    """One sentence, no traceback."""
    with pytest.raises(WordRefusedError) as refusal:
        read_paragraphs(content)
    assert refusal.value.message.endswith("。")

"""Reads back what a document says."""

from __future__ import annotations

import io
import re

from docx import Document
from pypdf import PdfReader


def squeeze(text: str) -> str:
    """`text` without white space, in which a PDF's lines and a form's blanks differ."""
    return re.sub(r"[\s\u200b]+", "", text)


def pdf_pages(data: bytes) -> list[str]:
    """The words of each page, without white space."""
    return [squeeze(page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]


def pdf_picture_count(data: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(io.BytesIO(data)).pages)


def docx_words(data: bytes) -> str:
    """All words of a Word document in document order, without white space."""
    document = Document(io.BytesIO(data))
    return squeeze(
        "".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))
    )

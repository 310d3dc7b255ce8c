"""The paragraphs of a Word document (.docx), read from what people send: no macros, no entities, bounded in size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from foundation.errors import DomainError

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_ENTRIES: Final = 2000
_TEXT = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


class WordRefusedError(DomainError):
    """The file cannot be used as a document; `message` is one Chinese sentence saying what to do."""


def read_paragraphs(content: bytes) -> list[str]:
    """The text of every paragraph, table cells among them; numbers and letters that Word makes by itself are written out.

    Lists of numbers become "1. …", lists of capital letters "A. …". Raises WordRefusedError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > _MOST_ENTRIES:
                raise WordRefusedError("unpacks_too_large", "文档内容过多，请分成几个文档再上传。")
            body = _part(archive, "word/document.xml")
            numbering = _part(archive, "word/numbering.xml")
            styles = _part(archive, "word/styles.xml")
    except WordRefusedError:
        raise
    except Exception:  # zipfile and the parser raise half a dozen kinds for hostile bytes
        raise WordRefusedError("damaged", "文档读不出来，请用文字软件打开后另存为 .docx 再上传。") from None
    if body is None:
        raise WordRefusedError("not_document", "这不是文字文档，请上传 .docx 格式的文档。")
    return list(_lines(body, _Lists(numbering, styles)))


def _part(archive: zipfile.ZipFile, name: str) -> Element | None:
    if name not in archive.namelist():
        return None
    with archive.open(name) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise WordRefusedError("unpacks_too_large", "文档内容过多，请分成几个文档再上传。")
    root: Element = ElementTree.fromstring(content, forbid_dtd=True)
    return root


class _Lists:
    """How the lists of a document are numbered: decimal, upperLetter, …"""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self._formats = _formats(numbering) if numbering is not None else {}
        self._styles: dict[str, tuple[str, str]] = {}
        for style in styles.iter(f"{_W}style") if styles is not None else ():
            if link := _link_of(style):
                self._styles[style.get(f"{_W}styleId", "")] = link

    def format_of(self, paragraph: Element) -> str:
        """The format of a paragraph's list, its own or that of its style; empty outside of lists."""
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val", "") if style is not None else ""
        return self._formats.get(_link_of(paragraph) or self._styles.get(name, ("", "")), "")


def _formats(numbering: Element) -> dict[tuple[str, str], str]:
    """(list, level) → format."""
    abstract: dict[str, dict[str, str]] = {}
    for row in numbering.iter(f"{_W}abstractNum"):
        levels = {}
        for level in row.iter(f"{_W}lvl"):
            found = level.find(f"{_W}numFmt")
            levels[level.get(f"{_W}ilvl", "0")] = found.get(f"{_W}val", "") if found is not None else ""
        abstract[row.get(f"{_W}abstractNumId", "")] = levels
    formats = {}
    for row in numbering.iter(f"{_W}num"):
        link = row.find(f"{_W}abstractNumId")
        for depth, form in abstract.get(link.get(f"{_W}val", "") if link is not None else "", {}).items():
            formats[row.get(f"{_W}numId", ""), depth] = form
    return formats


def _link_of(holder: Element) -> tuple[str, str] | None:
    """The list and level that a paragraph or a style names."""
    found = holder.find(f"{_W}pPr/{_W}numPr")
    link = found.find(f"{_W}numId") if found is not None else None
    if found is None or link is None:
        return None
    level = found.find(f"{_W}ilvl")
    return link.get(f"{_W}val", ""), level.get(f"{_W}val", "0") if level is not None else "0"


def _lines(body: Element, lists: _Lists) -> Iterator[str]:
    number = letter = 0
    for paragraph in body.iter(f"{_W}p"):
        text = "".join(_runs(paragraph)).strip()
        if not text:
            continue
        form = lists.format_of(paragraph)
        letter = letter + 1 if form == "upperLetter" else 0
        if form == "upperLetter" and letter <= 26:
            text = f"{chr(ord('A') + letter - 1)}. {text}"
        elif form == "decimal":
            number += 1
            text = f"{number}. {text}"
        yield text


def _runs(paragraph: Element) -> Iterator[str]:
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            yield node.text or ""
        elif node.tag in _TEXT:
            yield _TEXT[node.tag]

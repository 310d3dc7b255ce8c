"""Text tables: whatever encoding and separator a Chinese office machine writes them in."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from itertools import islice

from foundation.sheets.refusals import Limits, refusal

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SEPARATORS = ",\t;，；|"
_BINARY = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)
_WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype|html|head|meta|table|\?mso|workbook)\b",
    re.I | re.S,
)
# Web exports put a tab before each value so that long numbers stay text.
_TAB_BESIDE_COMMA = re.compile(r"(?:^|(?<=[,;，；]))\t|\t(?=[,;，；]|$)")
_WRAPPED = re.compile(r'="([^"]*)"')
_SAMPLE_LINES = 20
_LINES_IN_A_CELL = 10
# One broken character in a long list is no reason to refuse it: the cell it stands in is named instead.
_BROKEN_SHARE = 0.01


def read_delimited(content: bytes, limits: Limits) -> tuple[list[tuple[int, list[str]]], bool]:
    """Rows (own number, cells) of a delimited text, and whether there were more than the limit.

    Raises SheetRefusedError: not_spreadsheet for binary content, web_page for HTML named .xls.
    """
    text = decode(content)
    if text is None:
        raise refusal("not_spreadsheet")
    if _WEB_PAGE.match(text[:2000]):
        raise refusal("web_page")
    if _BINARY.search(text):
        raise refusal("not_spreadsheet")
    text = text.rstrip("\x1a")
    named = _SEPARATOR_LINE.match(text)
    if named:
        text = text[named.end() :]
    separator = named[1] if named and named[1] not in '"\r\n' else _guess_separator(text)
    return _parse(text, separator, limits)


def decode(content: bytes) -> str | None:
    """The text of the bytes, or None when they are no text: UTF-8, UTF-16/32, GB 18030, marked or not."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    if b"\0" in content:
        return _decode_unmarked_utf16(content)
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    candidates = [content.decode(encoding, "replace") for encoding in ("utf-8", "gb18030")]
    best = min(candidates, key=lambda text: text.count("\ufffd"))
    return best if best.count("\ufffd") <= max(1, len(best) * _BROKEN_SHARE) else None


def _decode_unmarked_utf16(content: bytes) -> str | None:
    little = content[1::2].count(0) >= content[0::2].count(0)
    try:
        text = content.decode("utf-16-le" if little else "utf-16-be")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _guess_separator(text: str) -> str:
    """The character that splits most of the first lines into the same number of cells."""
    lines = [_split_once(line) for line in islice(io.StringIO(text), _SAMPLE_LINES) if line.strip()]
    best, best_score = ",", (0, 0)
    for separator in _SEPARATORS:
        counts = Counter(line.count(separator) for line in lines)
        counts.pop(0, None)
        if counts:
            count, lines_alike = max(counts.items(), key=lambda item: (item[1], item[0]))
            if (lines_alike, count) > best_score:
                best, best_score = separator, (lines_alike, count)
    return best


def _split_once(line: str) -> str:
    """A line without tabs that only stand beside another separator."""
    line = line.rstrip("\r\n")
    return _TAB_BESIDE_COMMA.sub("", line) if any(mark in line for mark in ",;，；") else line


def _bare(cell: str) -> str:
    """`="330106…"`, by which exports keep a spreadsheet program from counting, is `330106…`."""
    wrapped = _WRAPPED.fullmatch(cell) if cell.startswith("=") else None
    return wrapped[1] if wrapped else cell


def _parse(text: str, separator: str, limits: Limits) -> tuple[list[tuple[int, list[str]]], bool]:
    """By the rules of CSV; a quote that never closes, and would swallow the rows after it, is text."""
    try:
        return _read_rows(text, separator, limits, strict=True)
    except csv.Error as error:
        never_closed = "unexpected end" in str(error) or "field larger" in str(error)
    if not never_closed:
        with contextlib.suppress(csv.Error):
            rows, truncated = _read_rows(text, separator, limits, strict=False)
            if not any(cell.count("\n") > _LINES_IN_A_CELL for _, cells in rows for cell in cells):
                return rows, truncated
    try:
        rows, truncated = _read_rows(text, separator, limits, quoting=csv.QUOTE_NONE)
    except csv.Error:
        raise refusal("not_spreadsheet") from None
    return [(number, [cell.strip('"') for cell in cells]) for number, cells in rows], truncated


def _read_rows(
    text: str, separator: str, limits: Limits, *, strict: bool = False, quoting: int = csv.QUOTE_MINIMAL
) -> tuple[list[tuple[int, list[str]]], bool]:
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=quoting,  # type: ignore[arg-type]
        skipinitialspace=separator != "\t",
        strict=strict,
    )
    for number, cells in enumerate(reader, start=1):
        row = "".join(cells)
        if not row.strip():
            continue
        if len(rows) == limits.rows_read:
            return rows, True
        if len(cells) > limits.columns:
            del cells[limits.columns :]
        if "=" in row or len(row) > limits.cell_characters:
            cells = [_bare(cell)[: limits.cell_characters] for cell in cells]
        rows.append((number, cells))
    return rows, False

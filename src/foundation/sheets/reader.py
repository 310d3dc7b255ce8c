"""Read anything tabular (.xlsx, .xls, .ods, .csv in every usual encoding) into rows of text.

The kind of a file is told by its content, never by its name. Whatever the bytes are, the only
exception that leaves `read_sheets` is SheetRefusedError.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from foundation.sheets.delimited import read_delimited
from foundation.sheets.refusals import Limits, SheetRefusedError, refusal

__all__ = ["Limits", "Readable", "Sheet", "SheetRefusedError", "read_sheets"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_WORD_STREAM = "WordDocument".encode("utf-16-le")
_WORKBOOK_STREAMS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_OTHER_KINDS = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_PROCESS = Path(__file__).with_name("workbook_process.py")
# `Limits.seconds` are of the processor; on a busy machine more pass by the clock.
_PATIENCE = 3
# Negative: ended by a signal, for want of memory (SIGABRT, SIGKILL) or out of processor time (SIGXCPU).
_PROCESS_REFUSALS = {
    4: "encrypted",
    5: "unpacks_too_large",
    -6: "unpacks_too_large",
    -9: "unpacks_too_large",
    -24: "unpacks_too_large",
}


class Readable(Protocol):
    """A binary file object."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(slots=True)
class Sheet:
    """One work sheet: rows that hold something as (own row number from 1, cells from column A as text).

    Whole numbers come without a point, numbers too long for a spreadsheet as `3.30106E+17`, dates as
    ISO 8601; values merged over several rows stand in each of them. `truncated`: there were more rows
    than the limit.
    """

    name: str
    rows: list[tuple[int, list[str]]]
    hidden: bool = False
    truncated: bool = False


def read_sheets(
    source: str | os.PathLike[str] | bytes | Readable, limits: Limits | None = None
) -> list[Sheet]:
    """All sheets of a file given by path, bytes or binary file object (read from where it stands).

    A delimited text is one sheet without a name. Raises SheetRefusedError (codes in refusals.py) for
    what is no spreadsheet, empty, encrypted, damaged or larger than the limits.
    """
    limits = limits or Limits()
    content = _content_of(source, limits)
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf"):
        raise refusal("empty")
    if content.startswith(_ARCHIVE):
        _look_into_archive(content, limits)
        sheets = _read_workbook(content, limits)
    elif content.startswith(_OLE):
        if _ENCRYPTED_STREAM in content:
            raise refusal("encrypted")
        if _WORD_STREAM in content and not any(stream in content for stream in _WORKBOOK_STREAMS):
            raise refusal("word_document")
        sheets = _read_workbook(content, limits)
    elif content.startswith(_OTHER_KINDS):
        raise refusal("not_spreadsheet")
    else:
        rows, truncated = read_delimited(content, limits)
        sheets = [Sheet("", rows, truncated=truncated)]
    if not any(sheet.rows for sheet in sheets):
        raise refusal("empty")
    return sheets


def _content_of(source: str | os.PathLike[str] | bytes | Readable, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, str | os.PathLike):
        try:
            with Path(source).open("rb") as file:
                content = file.read(limits.file_bytes + 1)
        except (OSError, ValueError):
            raise refusal("unreadable") from None
    else:
        content = source.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        raise refusal("too_large", limits)
    return content


def _look_into_archive(content: bytes, limits: Limits) -> None:
    """Refuse by the directory of the ZIP, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except Exception:  # zipfile raises half a dozen kinds for hostile bytes
        raise refusal("damaged") from None
    names = {entry.filename.replace("\\", "/").lower() for entry in entries}
    if len(entries) > limits.archive_entries or sum(e.file_size for e in entries) > limits.unpacked_bytes:
        raise refusal("unpacks_too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusal("encrypted")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise refusal("word_document")
    if not any(name.startswith("xl/") for name in names) and "content.xml" not in names:
        raise refusal("not_spreadsheet")


def _read_workbook(content: bytes, limits: Limits) -> list[Sheet]:
    """Let a process with bounded memory and time read the workbook (see workbook_process.py)."""
    try:
        process = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(_PROCESS), json.dumps(asdict(limits) | {"rows": limits.rows_read})],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds * _PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refusal("unpacks_too_large") from None
    if process.returncode:
        raise refusal(_PROCESS_REFUSALS.get(process.returncode, "damaged"))
    return [
        Sheet(
            name=sheet["name"],
            rows=[(number, cells) for number, cells in sheet["rows"]],
            hidden=sheet["hidden"],
            truncated=sheet["truncated"],
        )
        for sheet in json.loads(process.stdout)
    ]

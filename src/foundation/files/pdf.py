"""Judging one uploaded PDF by its content; it is kept byte for byte, as seals and signatures would break otherwise."""

from __future__ import annotations

import re
import zlib

from foundation.errors import DomainError
from foundation.files import sniff

_TAIL_BYTES = 4096
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_DICTIONARY_BYTES = 400
_OBJECT_STREAM = re.compile(rb"/ObjStm\b")
_MOST_UNPACKED = 4 * 1024 * 1024
# Names may be written with #xx for any letter; those of interest are looked for as they are and with that undone.
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch)(?![A-Za-z0-9])")


class PdfRefusedError(DomainError):
    """The file cannot be used. Codes: not_a_pdf, damaged_pdf, active_pdf."""


def check(data: bytes) -> None:
    """Refuse what is no whole PDF, and one that brings scripts or starts programs. Raises PdfRefusedError."""
    kind = sniff.sniff(data)
    if kind is not sniff.PDF:
        raise PdfRefusedError("not_a_pdf", f"这个文件是{kind.label}，不是 PDF 文件，请重新选择。")
    tail = data[-_TAIL_BYTES:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise PdfRefusedError("damaged_pdf", "PDF 文件不完整或已损坏，请重新下载或扫描后再上传。")
    if _is_active(data):
        raise PdfRefusedError("active_pdf", "这个 PDF 里含有脚本或程序，请截图保存为 JPG 或 PNG 后再上传。")


def _is_active(data: bytes) -> bool:
    """Whether an object outside the data streams, or in a packed object stream, starts something."""
    return any(_ACTIVE.search(_plain(part)) for part in (_STREAM.sub(b"", data), *_packed_objects(data)))


def _packed_objects(data: bytes) -> list[bytes]:
    """Object streams, unpacked within bounds; what cannot be unpacked holds nothing that a viewer could run."""
    found, left = [], _MOST_UNPACKED
    for match in _STREAM.finditer(data):
        head = data[max(0, match.start() - _DICTIONARY_BYTES) : match.start()]
        if left <= 0 or not _OBJECT_STREAM.search(head.rpartition(b"obj")[2]):
            continue
        try:
            unpacked = zlib.decompressobj().decompress(match[1], left)
        except zlib.error:
            continue
        left -= len(unpacked)
        found.append(unpacked)
    return found


def _plain(part: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), part)

"""The central directory of a ZIP, read without believing a word of it.

A reader of our own, because `zipfile` decodes names by its own guess, raises on a single bad one,
and knows nothing of overlaps. Only what is needed to judge uploads: no writing, no multi-disk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import BinaryIO

from foundation.files.zip_names import extra_fields

_EOCD = struct.Struct("<4s4H2LH")
_EOCD_SIGNATURE = b"PK\x05\x06"
_EOCD64 = struct.Struct("<4sQ2H2L4Q")
_EOCD64_SIGNATURE = b"PK\x06\x06"
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCATOR64_SIGNATURE = b"PK\x06\x07"
_RECORD = struct.Struct("<4s4B4H3L5H2L")
_RECORD_SIGNATURE = b"PK\x01\x02"
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
LOCAL_SIGNATURE = b"PK\x03\x04"
_ZIP64_FIELD = 0x0001
_TAIL_BYTES = 65535 + _EOCD.size
_MAX16 = 0xFFFF
_MAX32 = 0xFFFFFFFF


class Broken(StrEnum):
    """Why a directory could not be read."""

    NO_DIRECTORY = "no_directory"
    SPLIT = "split"
    DAMAGED = "damaged"
    OVERSIZED = "oversized"


class DirectoryError(Exception):
    """The directory cannot be used at all."""

    def __init__(self, reason: Broken) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """What the directory claims about one entry. Sizes in bytes; `offset` is absolute in the file."""

    raw_name: bytes
    extra: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    mode: int
    attributes: int
    usable: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """All records in their order, and where the directory starts in the file."""

    records: tuple[Record, ...]
    start: int


def read_directory(file: BinaryIO, file_size: int, *, max_bytes: int, max_records: int) -> Directory:
    """Read the central directory; reads at most `max_bytes` of it and `max_records + 1` records.

    Raises DirectoryError only.
    """
    tail_start = max(0, file_size - _TAIL_BYTES)
    tail = _read_at(file, tail_start, file_size - tail_start)
    failure: DirectoryError | None = None
    for position in _candidates(tail):
        try:
            start, size, shift = _locate(file, tail, tail_start, position)
            if size > max_bytes:
                raise DirectoryError(Broken.OVERSIZED)
            return Directory(_parse(_read_at(file, start, size), shift, max_records), start)
        except DirectoryError as error:
            failure = failure or error
    raise failure or DirectoryError(Broken.NO_DIRECTORY)


def overlapping(records: Sequence[Record]) -> frozenset[int]:
    """Indexes of records whose claimed data reach over the start of another's: the mark of an overlap bomb.

    What is left after taking these away shares no byte, so one liar does not spoil its neighbors.
    """
    order = sorted(range(len(records)), key=lambda index: records[index].offset)
    found: set[int] = set()
    for index, following in pairwise(order):
        record, following_start = records[index], records[following].offset
        if record.offset == following_start:
            found.update((index, following))
        elif record.offset + LOCAL_HEADER.size + record.compressed > following_start:
            found.add(index)
    return frozenset(found)


def _candidates(tail: bytes) -> Iterator[int]:
    """Places where an end record may stand, last first; a few are tried, a comment may hold decoys."""
    position = len(tail)
    for _ in range(8):
        position = tail.rfind(_EOCD_SIGNATURE, 0, position)
        if position < 0:
            return
        if position + _EOCD.size <= len(tail):
            yield position


def _locate(file: BinaryIO, tail: bytes, tail_start: int, position: int) -> tuple[int, int, int]:
    """Absolute start and size of the directory, and how far all offsets are shifted by a prefix."""
    _, disk, first_disk, _, count, size, offset, _ = _EOCD.unpack_from(tail, position)
    end = tail_start + position
    if _MAX16 in (disk, first_disk, count) or _MAX32 in (size, offset):
        found = _locate64(file, end)
        if found is not None:
            disk, first_disk, size, offset, end = found
    if disk not in (0, _MAX16) or first_disk not in (0, _MAX16):
        raise DirectoryError(Broken.SPLIT)
    start = end - size
    shift = start - offset
    if start < 0 or shift < 0:
        raise DirectoryError(Broken.DAMAGED)
    return start, size, shift


def _locate64(file: BinaryIO, end: int) -> tuple[int, int, int, int, int] | None:
    """(disk, first disk, size, offset, end of directory) by the ZIP64 records, if they are there."""
    locator_at = end - _LOCATOR64.size
    locator = _read_at(file, locator_at, _LOCATOR64.size)
    if len(locator) < _LOCATOR64.size or not locator.startswith(_LOCATOR64_SIGNATURE):
        return None
    _, _, claimed, disks = _LOCATOR64.unpack(locator)
    if disks > 1:
        raise DirectoryError(Broken.SPLIT)
    for at in (locator_at - _EOCD64.size, claimed):
        raw = _read_at(file, at, _EOCD64.size)
        if len(raw) == _EOCD64.size and raw.startswith(_EOCD64_SIGNATURE):
            _, _, _, _, disk, first_disk, _, _, size, offset = _EOCD64.unpack(raw)
            return disk, first_disk, size, offset, at
    return None


def _parse(raw: bytes, shift: int, max_records: int) -> tuple[Record, ...]:
    records: list[Record] = []
    position = 0
    while position + _RECORD.size <= len(raw) and len(records) <= max_records:
        if raw[position : position + 4] != _RECORD_SIGNATURE:
            break
        fields = _RECORD.unpack_from(raw, position)
        name_length, extra_length, comment_length = fields[12:15]
        name_at = position + _RECORD.size
        extra_at = name_at + name_length
        position = extra_at + extra_length + comment_length
        if position > len(raw):
            raise DirectoryError(Broken.DAMAGED)
        records.append(_record(fields, raw[name_at:extra_at], raw[extra_at : extra_at + extra_length], shift))
    if len(records) <= max_records and position < len(raw) and not _is_signature(raw[position:]):
        raise DirectoryError(Broken.DAMAGED)
    return tuple(records)


def _is_signature(rest: bytes) -> bool:
    """Whether what follows the last record is a digital signature, the only thing that may."""
    return rest.startswith(b"PK\x05\x05")


def _record(fields: tuple[int, ...], name: bytes, extra: bytes, shift: int) -> Record:
    flags, method = fields[5], fields[6]
    crc, compressed, size = fields[9], fields[10], fields[11]
    disk, _, attributes, offset = fields[15:19]
    usable = True
    if _MAX32 in (size, compressed, offset):
        size, compressed, offset, usable = _widen(extra, size, compressed, offset)
    return Record(
        raw_name=name,
        extra=extra,
        flags=flags,
        method=method,
        crc=crc,
        compressed=compressed,
        size=size,
        offset=offset + shift,
        mode=attributes >> 16,
        attributes=attributes & _MAX16,
        usable=usable and disk in (0, _MAX16),
    )


def _widen(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int, bool]:
    """Replace saturated 32-bit values by those of the ZIP64 field; False when they are not there."""
    body = next((body for field, body in extra_fields(extra) if field == _ZIP64_FIELD), b"")
    values = [size, compressed, offset]
    position = 0
    for index, value in enumerate(values):
        if value != _MAX32:
            continue
        if position + 8 > len(body):
            return size, compressed, offset, False
        (values[index],) = struct.unpack_from("<Q", body, position)
        position += 8
    return values[0], values[1], values[2], True


def _read_at(file: BinaryIO, position: int, count: int) -> bytes:
    """Read up to `count` bytes at `position`; nothing for a place that cannot be."""
    if position < 0 or count <= 0:
        return b""
    try:
        file.seek(position)
        return file.read(count)
    except (OSError, OverflowError, ValueError):
        return b""

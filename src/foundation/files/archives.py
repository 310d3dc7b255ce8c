"""Reading ZIP archives that strangers upload: bounded memory, no disk, nothing believed.

`open_archive` refuses what is no usable ZIP in one Chinese sentence; each entry carries its own problem
or can be read with counted, capped unpacking. Rules: MAT-02, MAT-03.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from foundation.errors import DomainError
from foundation.files import sniff, zip_directory, zip_names
from foundation.files.zip_directory import Broken, DirectoryError, Record

MIB = 1024 * 1024
_STORED, _DEFLATED = 0, 8
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_READ_CHUNK = 64 * 1024
_GROW_CHUNK = 256 * 1024
_DOS_DIRECTORY = 0x10

_AS_ZIP = "请把文件压缩成 ZIP 格式后再上传（在资料文件夹上点右键，选“压缩为 ZIP 文件”）。"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may cost. Bytes, except `entries` (files, without folders and litter) and `ratio`.

    `ratio` is unpacked : packed and is asked of entries that unpack to more than `ratio_from` bytes.
    """

    archive_bytes: int = 2048 * MIB
    entries: int = 20_000
    entry_bytes: int = 20 * MIB
    total_bytes: int = 4096 * MIB
    ratio: int = 200
    ratio_from: int = 1 * MIB
    directory_bytes: int = 32 * MIB

    @property
    def records(self) -> int:
        """Directory records that are looked at: folders and litter come on top of the files."""
        return self.entries * 5


class ArchiveRefusedError(DomainError):
    """The archive cannot be used at all.

    Codes: not_an_archive, archive_damaged, archive_empty, archive_split, archive_too_large, too_many_entries.
    """


class EntryRefusedError(DomainError):
    """One entry cannot be used.

    Codes: unsafe_path, encrypted, compression_ratio, entry_too_large, archive_too_large,
    too_many_entries, unreadable.
    """


@dataclass(slots=True)
class ArchiveEntry:
    """One file in an archive: `name` as written there (printable), `problem` if any.

    An entry with a problem is never unpacked: `read` raises the problem.
    """

    name: str
    problem: EntryRefusedError | None
    _path: str
    _record: Record
    _archive: Archive

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file name; not kept, as a hostile path has thousands."""
        return zip_names.path_parts(self._path)

    def head(self) -> bytes:
        """The first bytes (at most 64 KB) to tell what the entry is, though it may bear a problem; else nothing."""
        return self._archive.unpack_head(self._record)

    def read(self) -> bytes:
        """Unpack the entry, at most `limits.entry_bytes`; raises EntryRefusedError only."""
        if self.problem is not None:
            raise self.problem
        return self._archive.unpack(self._record)


class Archive:
    """An opened archive. `entries` are its files in their order; litter and folders are left out.

    When there are more files than allowed, the last entry bears `too_many_entries` and the rest is not there.
    """

    def __init__(self, file: BinaryIO, limits: ArchiveLimits) -> None:
        self.limits = limits
        self._file = file
        self._unpacked = 0
        self._size = _size_of(file)
        if self._size > limits.archive_bytes:
            raise ArchiveRefusedError(
                "archive_too_large",
                f"压缩包有 {_shown(self._size)}，超过 {_shown(limits.archive_bytes)} 的上限，"
                "请分成几个压缩包上传。",
            )
        self._start, records = self._read_directory()
        self.entries: list[ArchiveEntry] = self._list(records)
        if not self.entries:
            raise ArchiveRefusedError("archive_empty", "压缩包是空的，里面没有文件，请检查后重新压缩上传。")

    def _read_directory(self) -> tuple[int, tuple[Record, ...]]:
        limits = self.limits
        try:
            directory = zip_directory.read_directory(
                self._file, self._size, max_bytes=limits.directory_bytes, max_records=limits.records
            )
        except DirectoryError as error:
            raise _refusal(self._file, self._size, error.reason) from error
        return directory.start, directory.records

    def _list(self, records: tuple[Record, ...]) -> list[ArchiveEntry]:
        overlaps = zip_directory.overlapping(records)
        entries: list[ArchiveEntry] = []
        for index, record in enumerate(records):
            raw = record.raw_name[: zip_names.MAX_NAME_BYTES]
            name = zip_names.decode_name(raw, record.flags, record.extra)
            parts = zip_names.path_parts(name)
            beyond = index >= self.limits.records
            if not beyond and (_is_folder(name, record) or zip_names.is_litter(parts)):
                continue
            if parts == ("[Content_Types].xml",):
                raise ArchiveRefusedError(
                    "not_an_archive", f"这是 Word 或 Excel 文件，不是资料压缩包。{_AS_ZIP}"
                )
            if beyond or len(entries) >= self.limits.entries:
                problem: EntryRefusedError | None = _too_many(self.limits)
            else:
                problem = self._judge(name, record, overlaps=index in overlaps)
            entries.append(ArchiveEntry(zip_names.printable_name(name), problem, name, record, self))
            if problem is not None and problem.code == "too_many_entries":
                break
        return entries

    def _judge(self, name: str, record: Record, *, overlaps: bool) -> EntryRefusedError | None:
        """What can be said of an entry without unpacking it."""
        if len(record.raw_name) > zip_names.MAX_NAME_BYTES or zip_names.is_unsafe_path(name):
            return EntryRefusedError(
                "unsafe_path", "文件路径不安全，没有打开。请把资料放进普通文件夹，重新压缩后再上传。"
            )
        if stat.S_IFMT(record.mode) not in (0, stat.S_IFREG):
            return EntryRefusedError(
                "unsafe_path", "这是快捷方式（链接），不是文件本身，没有打开。请放入原文件后重新压缩。"
            )
        if record.flags & _ENCRYPTED_FLAGS:
            return EntryRefusedError("encrypted", "文件加了密码，打不开。请去掉压缩密码，重新压缩后再上传。")
        if overlaps:
            return EntryRefusedError(
                "compression_ratio", "文件数据与压缩包里别的文件重叠，没有打开。请用常用压缩软件重新压缩。"
            )
        if self._ratio_exceeded(record.size, record.compressed):
            return _ratio_problem(self.limits)
        if record.size > self.limits.entry_bytes:
            return _too_large(self.limits)
        if record.method not in (_STORED, _DEFLATED):
            return EntryRefusedError(
                "unreadable", "压缩方式不支持。请用常用压缩软件按 ZIP 格式、标准压缩方式重新压缩。"
            )
        return None if record.usable else _damaged()

    def _ratio_exceeded(self, unpacked: int, packed: int) -> bool:
        return unpacked > self.limits.ratio_from and unpacked > packed * self.limits.ratio

    def unpack(self, record: Record) -> bytes:
        """Unpack one record, counting what really comes out; raises EntryRefusedError only."""
        if self._unpacked >= self.limits.total_bytes:
            raise _total_exceeded(self.limits)
        data = bytearray()
        try:
            for piece in self._pieces(record):
                data += piece
                self._unpacked += len(piece)
                if len(data) > self.limits.entry_bytes:
                    raise _too_large(self.limits)
                if self._unpacked > self.limits.total_bytes:
                    raise _total_exceeded(self.limits)
        except (OSError, ValueError, OverflowError, zlib.error) as error:
            raise _damaged() from error
        if zlib.crc32(data) != record.crc:
            raise _damaged()
        return bytes(data)

    def unpack_head(self, record: Record) -> bytes:
        """The first bytes of one record that can be unpacked, at most `_READ_CHUNK`; nothing when there are none."""
        if not record.usable or record.flags & _ENCRYPTED_FLAGS or record.method not in (_STORED, _DEFLATED):
            return b""
        try:
            return next(self._pieces(record), b"")[:_READ_CHUNK]
        except (EntryRefusedError, OSError, ValueError, OverflowError, zlib.error):
            return b""

    def _pieces(self, record: Record) -> Iterator[bytes]:
        """The unpacked bytes in pieces of at most `_GROW_CHUNK`; stops a bomb as it begins to swell."""
        start = self._data_start(record)
        if record.method == _STORED:
            yield from self._packed(start, record.compressed)
            return
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        fed = given = 0
        for packed in self._packed(start, record.compressed):
            fed += len(packed)
            while packed and not inflater.eof:
                piece = inflater.decompress(packed, _GROW_CHUNK)
                packed = inflater.unconsumed_tail
                given += len(piece)
                if self._ratio_exceeded(given, fed - len(packed)):
                    raise _ratio_problem(self.limits)
                yield piece
            if inflater.eof:
                return
        # what the inflater still holds is at most one window long
        yield inflater.flush(_GROW_CHUNK)
        if not inflater.eof:
            raise _damaged()

    def _data_start(self, record: Record) -> int:
        """Where the packed bytes begin; only the lengths in the local header are used of it."""
        self._file.seek(record.offset)
        raw = self._file.read(zip_directory.LOCAL_HEADER.size)
        if len(raw) < zip_directory.LOCAL_HEADER.size or not raw.startswith(zip_directory.LOCAL_SIGNATURE):
            raise _damaged()
        name_length, extra_length = struct.unpack_from("<2H", raw, 26)
        start = record.offset + len(raw) + name_length + extra_length
        if start + record.compressed > self._start:
            raise _damaged()
        return start

    def _packed(self, start: int, count: int) -> Iterator[bytes]:
        self._file.seek(start)
        while count > 0:
            chunk = self._file.read(min(count, _READ_CHUNK))
            if not chunk:
                raise _damaged()
            count -= len(chunk)
            yield chunk


@contextmanager
def open_archive(
    source: str | PathLike[str] | BinaryIO, limits: ArchiveLimits | None = None
) -> Iterator[Archive]:
    """Open a ZIP for reading: a path, or a seekable binary file (which stays open).

    Raises ArchiveRefusedError for anything that is no usable ZIP, OSError when the path cannot be opened.
    """
    limits = limits or ArchiveLimits()
    if isinstance(source, str | PathLike):
        with Path(source).open("rb") as file:
            yield Archive(file, limits)
    else:
        yield Archive(source, limits)


def _size_of(file: BinaryIO) -> int:
    file.seek(0, 2)
    return file.tell()


def _is_folder(name: str, record: Record) -> bool:
    if name.endswith(("/", "\\")) or stat.S_ISDIR(record.mode):
        return True
    return bool(record.attributes & _DOS_DIRECTORY) and record.size == 0


def _refusal(file: BinaryIO, size: int, reason: Broken) -> ArchiveRefusedError:
    """The sentence for a file whose directory cannot be read, by what the file really is."""
    file.seek(0)
    kind = sniff.sniff(file.read(sniff.HEAD_BYTES))
    if size == 0:
        return ArchiveRefusedError("archive_empty", "上传的文件是空的，请检查后重新压缩上传。")
    if reason is Broken.SPLIT or kind is sniff.SPLIT_ZIP:
        return ArchiveRefusedError(
            "archive_split", f"这是分卷压缩包中的一卷，不能单独打开。{_AS_ZIP}压缩时不要分卷。"
        )
    if reason is Broken.OVERSIZED:
        return ArchiveRefusedError("too_many_entries", "压缩包里的文件太多，请分成几个压缩包上传。")
    if reason is Broken.DAMAGED or kind is sniff.ZIP:
        return ArchiveRefusedError(
            "archive_damaged", "压缩包不完整或已损坏（可能没有压缩完或传输中断），请重新压缩后再上传。"
        )
    return ArchiveRefusedError("not_an_archive", f"这个文件是{kind.after_han}，不是 ZIP 压缩包。{_AS_ZIP}")


def _too_many(limits: ArchiveLimits) -> EntryRefusedError:
    return EntryRefusedError(
        "too_many_entries",
        f"压缩包里的文件超过 {limits.entries} 个，从这个文件起都没有处理。请分成几个压缩包上传。",
    )


def _too_large(limits: ArchiveLimits) -> EntryRefusedError:
    return EntryRefusedError(
        "entry_too_large", f"文件超过 {_shown(limits.entry_bytes)}，请压缩图片或降低扫描分辨率后再上传。"
    )


def _ratio_problem(limits: ArchiveLimits) -> EntryRefusedError:
    return EntryRefusedError(
        "compression_ratio",
        f"文件解压后是压缩前的 {limits.ratio} 倍以上，不像正常图片，没有打开。请换成原始图片后重新压缩。",
    )


def _total_exceeded(limits: ArchiveLimits) -> EntryRefusedError:
    return EntryRefusedError(
        "archive_too_large",
        f"压缩包解压后超过 {_shown(limits.total_bytes)}，从这个文件起都没有处理。请分成几个压缩包上传。",
    )


def _damaged() -> EntryRefusedError:
    return EntryRefusedError("unreadable", "文件在压缩包里已损坏，请检查原文件，重新压缩后再上传。")


def _shown(size: int) -> str:
    """A size as people write it: 80 KB, 20 MB, 2 GB."""
    for unit, name in ((1024 * MIB, "GB"), (MIB, "MB"), (1024, "KB")):
        if size >= unit:
            return f"{size / unit:.1f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{size} 字节"

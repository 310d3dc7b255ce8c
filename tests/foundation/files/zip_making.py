"""A ZIP writer that can lie: every field of every header can be set, so hostile archives are made exactly."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

UTF8 = 0x800
ENCRYPTED = 0x1


@dataclass
class Member:
    """One entry to write. None means: what is true."""

    name: bytes
    data: bytes = b""
    deflate: bool = True
    flags: int = 0
    extra: bytes = b""
    local_extra: bytes = b""
    mode: int = 0
    attributes: int = 0
    method: int | None = None
    crc: int | None = None
    size: int | None = None
    compressed_size: int | None = None
    offset: int | None = None
    packed: bytes | None = None
    local_name: bytes | None = None
    written_at: int = field(default=0, init=False)

    def pack(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if not self.deflate:
            return self.data
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflater.compress(self.data) + deflater.flush()


def gbk(name: str, data: bytes = b"", **fields: object) -> Member:
    """An entry as Chinese Windows writes it: GBK bytes and no flag."""
    return Member(name.encode("gb18030"), data, **fields)  # type: ignore[arg-type]


def make_zip(
    *members: Member, prefix: bytes = b"", comment: bytes = b"", tail: bytes = b"", count: int | None = None
) -> bytes:
    """The bytes of an archive with these members, after `prefix` (offsets are relative to its end)."""
    body = bytearray()
    directory = bytearray()
    for member in members:
        packed = member.pack()
        method = member.method if member.method is not None else (8 if member.deflate else 0)
        crc = member.crc if member.crc is not None else zlib.crc32(member.data)
        size = member.size if member.size is not None else len(member.data)
        compressed = member.compressed_size if member.compressed_size is not None else len(packed)
        local_name = member.local_name if member.local_name is not None else member.name
        common = (member.flags, method, 0, 0x5921, crc, compressed & 0xFFFFFFFF, size & 0xFFFFFFFF)
        member.written_at = len(body)
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, *common, len(local_name), len(member.local_extra))
        body += local_name + member.local_extra + packed
        offset = member.offset if member.offset is not None else member.written_at
        directory += struct.pack("<4s2H", b"PK\1\2", 20, 20)
        directory += struct.pack("<4H3L", *common)
        directory += struct.pack(
            "<5H2L",
            len(member.name),
            len(member.extra),
            0,
            0,
            0,
            member.mode << 16 | member.attributes,
            offset & 0xFFFFFFFF,
        )
        directory += member.name + member.extra
    total = len(members) if count is None else count
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, total & 0xFFFF, total & 0xFFFF, len(directory), len(body), len(comment)
    )
    return prefix + bytes(body + directory) + end + comment + tail


def overlap_bomb(copies: int, unpacked: int) -> bytes:
    """Fifield's bomb in its simple form: `copies` records that all point at one packed block of zeros."""
    first = Member(b"0.jpg", bytes(unpacked))
    others = [Member(f"{index}.jpg".encode(), packed=b"", offset=0) for index in range(1, copies)]
    packed, crc = len(first.pack()), zlib.crc32(first.data)
    for other in others:
        other.compressed_size, other.size, other.crc = packed, unpacked, crc
    return make_zip(first, *others)


def quoting_bomb(copies: int, unpacked: int) -> bytes:
    """Fifield's quoting bomb: each entry's data quotes the local headers after it and ends in the kernel."""
    plain = bytes(unpacked)
    packed = Member(b"", plain).pack()
    body = b""
    entries: list[tuple[bytes, int, int, int, int]] = []  # name, check sum, packed, unpacked, header
    for index in reversed(range(copies)):
        name = f"{index}.jpg".encode()
        crc = zlib.crc32(plain)
        sizes = (crc, len(packed), len(plain))
        header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0x5921, *sizes, len(name), 0) + name
        entries.append((name, *sizes, len(header)))
        body = header + packed
        packed = struct.pack("<BHH", 0, len(header), len(header) ^ 0xFFFF) + body
        plain = header + plain
    directory = b""
    offset = 0
    for name, crc, compressed, size, header_length in reversed(entries):
        directory += struct.pack("<4s2H4H3L", b"PK\1\2", 20, 20, 0, 8, 0, 0x5921, crc, compressed, size)
        directory += struct.pack("<5H2L", len(name), 0, 0, 0, 0, 0, offset) + name
        offset += header_length + 5  # five bytes begin the block that quotes the next header
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, len(directory), len(body), 0)
    return body + directory + end

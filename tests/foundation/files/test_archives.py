"""Archives that strangers upload: names in every encoding, every refusal, bounded memory (MAT-02, MAT-03)."""

from __future__ import annotations

import io
import os
import random
import stat
import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.files import zip_names
from foundation.files.archives import (
    MIB,
    ArchiveEntry,
    ArchiveLimits,
    ArchiveRefusedError,
    EntryRefusedError,
    open_archive,
)
from tests.foundation.files.zip_making import (
    ENCRYPTED,
    UTF8,
    Member,
    gbk,
    make_zip,
    overlap_bomb,
    quoting_bomb,
)

NOISE = random.Random(7).randbytes(30_000)


def entries_of(data: bytes, **limits: Any) -> list[ArchiveEntry]:
    with open_archive(io.BytesIO(data), ArchiveLimits(**limits)) as archive:
        return archive.entries


def read_all(data: bytes, **limits: Any) -> dict[str, bytes | str]:
    """Name → content, or the code of the refusal."""
    found: dict[str, bytes | str] = {}
    for entry in entries_of(data, **limits):
        try:
            found[entry.name] = entry.read()
        except EntryRefusedError as error:
            found[entry.name] = error.code
    return found


def refusal_of(data: bytes, **limits: Any) -> ArchiveRefusedError:
    with pytest.raises(ArchiveRefusedError) as caught:
        entries_of(data, **limits)
    return caught.value


class TestNames:
    """MAT-02: GBK or UTF-8 names, any folder depth."""

    def test_windows_names_are_gbk_without_a_flag(self) -> None:
        data = make_zip(
            gbk("报名资料/一班/110101198001010010$头像.jpg", NOISE), gbk("龑/身份证正面.jpg", b"b")
        )
        assert [entry.name for entry in entries_of(data)] == [
            "报名资料/一班/110101198001010010$头像.jpg",
            "龑/身份证正面.jpg",
        ]

    def test_mac_names_are_utf8_without_a_flag(self) -> None:
        names = ["资料/110101198001010010$头像.jpg", "阿迪力·艾合买提/身份证反面.png", "报名表.jpg"]
        data = make_zip(*(Member(name.encode(), b"x") for name in names))
        assert [entry.name for entry in entries_of(data)] == names

    def test_encoding_is_decided_per_entry(self) -> None:
        data = make_zip(
            gbk("学历证书.jpg"), Member("学历证书.jpg".encode()), Member("头像.jpg".encode(), flags=UTF8)
        )
        assert [entry.name for entry in entries_of(data)] == ["学历证书.jpg", "学历证书.jpg", "头像.jpg"]

    def test_python_writes_the_flag(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("资料/头像.jpg", b"abc")
        assert read_all(buffer.getvalue()) == {"资料/头像.jpg": b"abc"}

    def test_flag_that_lies_is_seen_through(self) -> None:
        assert entries_of(make_zip(gbk("身份证正面.jpg", flags=UTF8)))[0].name == "身份证正面.jpg"

    def test_unicode_path_field_is_honored_when_it_belongs_to_the_name(self) -> None:
        raw = b"???.jpg\xff"
        body = struct.pack("<BL", 1, zlib.crc32(raw)) + "头像.jpg".encode()
        wrong = struct.pack("<BL", 1, 5) + "别人.jpg".encode()
        field = struct.pack("<HH", 0x7075, len(body)) + body
        stale = struct.pack("<HH", 0x7075, len(wrong)) + wrong
        data = make_zip(Member(raw, extra=b"\x01\x00\x00\x00" + field), gbk("报名表.jpg", extra=stale))
        assert [entry.name for entry in entries_of(data)] == ["头像.jpg", "报名表.jpg"]

    def test_backslashes_separate_folders_but_not_inside_gbk_characters(self) -> None:
        # the second byte of 乗 is a backslash in GBK
        data = make_zip(gbk("资料\\一班\\乗.jpg"))
        assert "乗".encode("gbk")[1:] == b"\\"
        assert entries_of(data)[0].parts == ("资料", "一班", "乗.jpg")

    def test_names_are_fit_to_be_stored(self) -> None:
        entry = entries_of(make_zip(Member(b"a\nb\x07" + b"c" * 900 + b".jpg", b"x")))[0]
        assert entry.name.startswith("a\ufffdb\ufffdc")
        assert len(entry.name) == 255
        assert entry.problem is None

    @given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=8))
    def test_any_han_name_with_a_paper_survives_both_encodings(self, name: str) -> None:
        for paper in ("$头像.jpg", "$身份证正面.jpg", "$学历证书.jpg", "$报名表.jpg", "$工作年限证明.jpg"):
            full = name + paper
            for encoding in ("gb18030", "utf-8"):
                assert zip_names.decode_name(full.encode(encoding), 0, b"") == full

    @given(st.binary(max_size=60), st.integers(0, 0xFFFF), st.binary(max_size=40))
    def test_decoding_never_raises(self, raw: bytes, flags: int, extra: bytes) -> None:
        name = zip_names.decode_name(raw, flags, extra)
        zip_names.printable_name(name).encode("utf-8")
        zip_names.is_unsafe_path(name)
        zip_names.is_litter(zip_names.path_parts(name))


class TestLitter:
    """Interfaces: system litter is passed over in silence."""

    def test_litter_and_folders_are_not_there(self) -> None:
        data = make_zip(
            Member(b"photos/"),
            Member(b"photos/Thumbs.db", b"x"),
            Member(b".DS_Store", b"x"),
            Member(b"a/desktop.ini", b"x"),
            Member(b"__MACOSX/photos/._a.jpg", b"x"),
            Member(b"photos/._a.jpg", b"x"),
            Member(b"@eaDir/a.jpg/SYNOPHOTO_THUMB.jpg", b"x"),
            Member(b"empty", mode=stat.S_IFDIR | 0o755),
            Member(b"old", attributes=0x10),
            Member(b"back\\slash\\"),
            Member(b"photos/a.jpg", b"x"),
        )
        assert [entry.name for entry in entries_of(data)] == ["photos/a.jpg"]

    def test_nothing_but_litter_is_an_empty_archive(self) -> None:
        error = refusal_of(make_zip(Member(b"photos/"), Member(b"photos/Thumbs.db", b"x")))
        assert error.code == "archive_empty"


class TestEntryProblems:
    """MAT-03: every code, and the neighbors are still read."""

    @pytest.mark.parametrize(
        "name",
        [
            b"/etc/passwd",
            b"../../evil.jpg",
            b"a/../../evil.jpg",
            b"..\\..\\evil.jpg",
            b"C:\\Windows\\evil.jpg",
            b"c:evil.jpg",
            b"\\\\server\\share\\evil.jpg",
            b"a\0.jpg",
            b"a/.. /evil.jpg",
            b"x" * 5000 + b".jpg",
        ],
    )
    def test_unsafe_path(self, name: bytes) -> None:
        found = list(read_all(make_zip(Member(name, b"evil"), Member(b"good.jpg", b"good"))).values())
        assert found == ["unsafe_path", b"good"]

    def test_dots_inside_names_are_harmless(self) -> None:
        data = make_zip(Member(b"./a/./..b..jpg", b"x"), Member(b"a...jpg", b"y"))
        assert set(read_all(data).values()) == {b"x", b"y"}

    def test_symbolic_links_and_devices_are_unsafe(self) -> None:
        data = make_zip(
            Member(b"link.jpg", b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
            Member(b"device.jpg", b"", mode=stat.S_IFCHR | 0o666),
            Member(b"good.jpg", b"good", mode=stat.S_IFREG | 0o644),
        )
        assert read_all(data) == {"link.jpg": "unsafe_path", "device.jpg": "unsafe_path", "good.jpg": b"good"}

    def test_encrypted(self) -> None:
        data = make_zip(Member(b"a.jpg", NOISE, flags=ENCRYPTED), Member(b"b.jpg", NOISE))
        assert read_all(data) == {"a.jpg": "encrypted", "b.jpg": NOISE}

    def test_bomb_is_refused_by_what_it_claims(self) -> None:
        data = make_zip(Member(b"bomb.jpg", bytes(30 * MIB)), Member(b"b.jpg", NOISE))
        with open_archive(io.BytesIO(data)) as archive:
            assert archive.entries[0].problem is not None
            assert archive.entries[0].problem.code == "compression_ratio"
            assert archive.entries[1].read() == NOISE

    def test_bomb_that_claims_to_be_small_is_caught_while_it_swells(self) -> None:
        bomb = Member(b"bomb.jpg", bytes(200 * MIB), size=40_000)
        data = make_zip(bomb, Member(b"b.jpg", NOISE))
        del bomb
        tracemalloc.start()
        assert read_all(data) == {"bomb.jpg": "compression_ratio", "b.jpg": NOISE}
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 * MIB

    def test_small_entries_may_compress_as_well_as_they_like(self) -> None:
        data = make_zip(Member(b"white.jpg", bytes(MIB)))
        assert read_all(data) == {"white.jpg": bytes(MIB)}

    def test_entry_too_large_by_claim_and_by_count(self) -> None:
        big = os.urandom(300_000)
        data = make_zip(
            Member(b"big.jpg", big), Member(b"liar.jpg", big, size=10), Member(b"ok.jpg", big[:9])
        )
        found = read_all(data, entry_bytes=200_000)
        assert found == {"big.jpg": "entry_too_large", "liar.jpg": "entry_too_large", "ok.jpg": big[:9]}

    def test_overlapping_records_are_refused_without_unpacking(self) -> None:
        data = overlap_bomb(2000, 900_000)
        started = time.perf_counter()
        found = read_all(data)
        assert set(found.values()) == {"compression_ratio"}
        assert len(found) == 2000
        assert time.perf_counter() - started < 2

    def test_quoting_bomb_gives_at_most_its_kernel(self) -> None:
        data = quoting_bomb(200, 900_000)
        with zipfile.ZipFile(io.BytesIO(data)) as honest:  # the bomb is a real one
            assert sum(info.file_size for info in honest.infolist()) > 200 * 900_000
        found = read_all(data)
        assert sum(len(value) for value in found.values() if isinstance(value, bytes)) <= 900_000
        assert list(found.values()).count("compression_ratio") == 199

    def test_one_liar_does_not_spoil_its_neighbors(self) -> None:
        data = make_zip(
            Member(b"liar.jpg", b"abc", compressed_size=2000),
            Member(b"a.jpg", NOISE),
            Member(b"b.jpg", NOISE),
        )
        assert read_all(data) == {"liar.jpg": "compression_ratio", "a.jpg": NOISE, "b.jpg": NOISE}

    def test_total_is_counted_by_what_comes_out(self) -> None:
        members = [Member(f"{n}.jpg".encode(), NOISE, size=1) for n in range(5)]
        found = list(read_all(make_zip(*members), total_bytes=len(NOISE) * 3).values())
        assert found == [NOISE, NOISE, NOISE, "archive_too_large", "archive_too_large"]

    def test_too_many_entries_ends_the_list(self) -> None:
        members = [Member(f"{n}.jpg".encode(), b"x") for n in range(12)]
        found = read_all(make_zip(Member(b"folder/"), Member(b".DS_Store"), *members), entries=10)
        assert list(found.values()) == [b"x"] * 10 + ["too_many_entries"]

    def test_a_directory_of_folders_only_ends_too(self) -> None:
        members = [Member(f"{n}/".encode()) for n in range(60)]
        found = read_all(make_zip(Member(b"a.jpg", b"x"), *members, Member(b"b.jpg", b"x")), entries=10)
        assert found == {"a.jpg": b"x", "49/": "too_many_entries"}

    def test_litter_without_end_is_told_not_taken_for_an_empty_archive(self) -> None:
        """MAT-03: a file behind more records than are looked at is not lost in silence."""
        litter = [Member(f"__MACOSX/{n}".encode()) for n in range(60)]
        found = read_all(make_zip(*litter, Member(b"a.jpg", b"x")), entries=10)
        assert list(found.values()) == ["too_many_entries"]

    def test_count_in_the_end_record_is_not_believed(self) -> None:
        members = [Member(f"{n}.jpg".encode(), b"x") for n in range(5)]
        assert len(entries_of(make_zip(*members, count=1))) == 5

    def test_wrong_check_sum_and_damaged_data(self) -> None:
        packed = bytearray(Member(b"", NOISE).pack())
        packed[2000:2010] = bytes(10)
        data = make_zip(
            Member(b"crc.jpg", NOISE, crc=1),
            Member(b"flip.jpg", NOISE, packed=bytes(packed)),
            Member(b"junk.jpg", NOISE, packed=b"\xff" * 500),
            Member(b"cut.jpg", NOISE, packed=bytes(Member(b"", NOISE).pack()[:-5])),
            Member(b"beyond.jpg", NOISE, offset=0x7FFFFFF0),
            Member(b"strange.jpg", NOISE, method=14),
            Member(b"good.jpg", NOISE),
        )
        found = read_all(data)
        assert found.pop("good.jpg") == NOISE
        assert set(found.values()) == {"unreadable"}

    def test_local_header_may_differ(self) -> None:
        data = make_zip(Member(b"a.jpg", NOISE, local_name=b"other name.jpg", local_extra=b"\1\0\2\0xx"))
        assert read_all(data) == {"a.jpg": NOISE}

    def test_declared_size_may_be_wrong_when_the_check_sum_is_right(self) -> None:
        assert read_all(make_zip(Member(b"a.jpg", NOISE, size=3))) == {"a.jpg": NOISE}

    def test_entries_of_no_bytes(self) -> None:
        data = make_zip(Member(b"stored.jpg", deflate=False), Member(b"deflated.jpg"))
        assert read_all(data) == {"stored.jpg": b"", "deflated.jpg": b""}

    def test_an_entry_can_be_read_again_and_out_of_order(self) -> None:
        data = make_zip(Member(b"a.jpg", b"first"), Member(b"b.jpg", b"second", deflate=False))
        with open_archive(io.BytesIO(data)) as archive:
            first, second = archive.entries
            assert [second.read(), first.read(), second.read()] == [b"second", b"first", b"second"]


class TestContainers:
    """MAT-02: what is no usable ZIP gets one clear sentence."""

    @pytest.mark.parametrize(
        ("data", "code", "words"),
        [
            (b"", "archive_empty", "空的"),
            (make_zip(), "archive_empty", "空的"),
            (b"Rar!\x1a\x07\x01\x00" + bytes(200), "not_an_archive", "RAR 压缩包，不是 ZIP"),
            (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(200), "not_an_archive", "7Z 压缩包"),
            (b"\x1f\x8b\x08" + bytes(50), "not_an_archive", "GZ 压缩包"),
            (b"\xff\xd8\xff\xe0" + bytes(50), "not_an_archive", "JPG 图片"),
            (b"%PDF-1.7\n" + bytes(50), "not_an_archive", "PDF 文件"),
            ("报名资料".encode("gbk"), "not_an_archive", "文本文件"),
            (os.urandom(3) + b"\0\1\2\3" * 30, "not_an_archive", "ZIP"),
            (b"PK\x07\x08" + make_zip(Member(b"a.jpg", NOISE))[:200], "archive_split", "分卷"),
            (make_zip(Member(b"a.jpg", NOISE))[:-30], "archive_damaged", "不完整"),
            (make_zip(Member(b"a.jpg", NOISE))[:500], "archive_damaged", "不完整"),
        ],
    )
    def test_refusals(self, data: bytes, code: str, words: str) -> None:
        error = refusal_of(data)
        assert error.code == code
        assert words in error.message
        assert error.message.endswith("。")

    def test_every_truncation_of_a_real_archive_is_refused(self) -> None:
        data = make_zip(gbk("头像.jpg", NOISE[:3000]), gbk("报名表.jpg", NOISE[:900]))
        for cut in range(0, len(data), 37):
            assert refusal_of(data[:cut]).code in ("archive_damaged", "archive_empty", "not_an_archive")

    def test_last_part_of_a_split_archive(self) -> None:
        data = bytearray(make_zip(Member(b"a.jpg", NOISE)))
        data[-18:-14] = struct.pack("<HH", 3, 3)
        assert refusal_of(bytes(data)).code == "archive_split"

    def test_office_files_are_no_archives(self) -> None:
        data = make_zip(Member(b"[Content_Types].xml", b"<x/>"), Member(b"xl/workbook.xml", b"<x/>"))
        assert "Excel" in refusal_of(data).message

    def test_archive_too_large_is_refused_before_it_is_looked_at(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.zip"
        with path.open("wb") as file:
            file.truncate(3 * 1024 * MIB)  # sparse: costs no disk
        with pytest.raises(ArchiveRefusedError) as caught, open_archive(path):
            pass
        assert caught.value.code == "archive_too_large"
        assert "2 GB" in caught.value.message

    def test_oversized_directory_is_refused_without_reading_it(self) -> None:
        members = [Member(b"n" * 3000 + str(n).encode(), b"") for n in range(100)]
        assert refusal_of(make_zip(*members), directory_bytes=100_000).code == "too_many_entries"

    def test_self_extracting_prefix_comment_and_trailing_bytes(self) -> None:
        data = make_zip(
            gbk("头像.jpg", NOISE), prefix=b"MZ" + bytes(5000), comment=b"PK\5\6 decoy", tail=b"\0\0"
        )
        assert read_all(data) == {"头像.jpg": NOISE}

    def test_zip64_archives_are_read(self) -> None:
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("big/头像.jpg", "w", force_zip64=True) as file,
        ):
            file.write(NOISE)
        assert read_all(buffer.getvalue()) == {"big/头像.jpg": NOISE}

    def test_more_than_65535_records_make_a_zip64_directory(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(66_000):
                archive.writestr(zipfile.ZipInfo(f"{number}.jpg"), b"")
        entries = entries_of(buffer.getvalue(), entries=70_000)
        assert len(entries) == 66_000
        limited = entries_of(buffer.getvalue())
        assert len(limited) == 20_001
        assert limited[-1].problem is not None
        assert limited[-1].problem.code == "too_many_entries"

    def test_streamed_archives_with_data_descriptors(self) -> None:
        class Pipe(io.RawIOBase):
            def __init__(self) -> None:
                self.written = bytearray()

            def writable(self) -> bool:
                return True

            def write(self, data: Any) -> int:
                self.written += bytes(data)
                return len(data)

        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
            archive.writestr("a.jpg", NOISE)
            archive.writestr("b.jpg", NOISE[::-1])
        assert read_all(bytes(pipe.written)) == {"a.jpg": NOISE, "b.jpg": NOISE[::-1]}

    def test_paths_and_files_are_taken_alike(self, tmp_path: Path) -> None:
        path = tmp_path / "资料.zip"
        path.write_bytes(make_zip(gbk("头像.jpg", NOISE)))
        with open_archive(str(path)) as by_path, path.open("rb") as file, open_archive(file) as by_file:
            assert by_path.entries[0].read() == by_file.entries[0].read() == NOISE
            assert not file.closed


class TestNeverRaises:
    """MAT-03: any bytes lead to entries or to a refusal, at bounded memory."""

    LIMITS = ArchiveLimits(entries=50, entry_bytes=MIB, total_bytes=4 * MIB)

    def survive(self, data: bytes) -> None:
        try:
            with open_archive(io.BytesIO(data), self.LIMITS) as archive:
                for entry in archive.entries:
                    entry.name.encode("utf-8")
                    try:
                        assert len(entry.read()) <= self.LIMITS.entry_bytes
                    except EntryRefusedError as error:
                        assert error.message.endswith("。")
        except ArchiveRefusedError as error:
            assert error.message.endswith("。")

    @given(st.binary(max_size=400))
    def test_any_bytes(self, data: bytes) -> None:
        self.survive(data)

    @given(st.binary(max_size=200))
    def test_any_bytes_before_an_end_record(self, data: bytes) -> None:
        self.survive(data + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, len(data), 0, 0))

    @settings(max_examples=400, deadline=None)  # the machine may be busy
    @given(st.data())
    def test_mutated_archives(self, data: st.DataObject) -> None:
        archive = bytearray(MUTATED)
        for _ in range(data.draw(st.integers(1, 6))):
            # most of the meaning is in the directory at the end
            place = data.draw(
                st.integers(0, len(archive) - 1) | st.integers(len(archive) - 330, len(archive) - 1)
            )
            value = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
            archive[place] = value
        if data.draw(st.booleans()):
            del archive[data.draw(st.integers(0, len(archive) - 1)) :]
        self.survive(bytes(archive))

    def test_every_byte_of_the_directory_set_to_its_extremes(self) -> None:
        for place in range(len(MUTATED) - 330, len(MUTATED)):
            for value in (0, 0xFF, MUTATED[place] ^ 1):
                archive = bytearray(MUTATED)
                archive[place] = value
                self.survive(bytes(archive))

    def test_huge_archives_are_walked_in_little_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "big.zip"
        block = os.urandom(2 * MIB)
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(60):
                archive.writestr(f"{number}.jpg", block)
        tracemalloc.start()
        with open_archive(path) as opened:
            assert sum(len(entry.read()) for entry in opened.entries) == 120 * MIB
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10 * MIB


MUTATED = make_zip(
    gbk("资料/头像.jpg", NOISE[:500]),
    Member("身份证正面.jpg".encode(), NOISE[:300], flags=UTF8),
    Member(b"stored.jpg", NOISE[:200], deflate=False),
    Member(b"zeros.jpg", bytes(20_000)),
)


def test_names_scrambled_by_an_older_tool_are_read() -> None:
    """MAT-02: GBK or UTF-8 names taken for code page 437 and packed again as UTF-8; others stay as they are."""
    for encoding in ("gbk", "utf-8"):
        scrambled = "身份证正面.jpg".encode(encoding).decode("cp437").encode()
        assert zip_names.decode_name(scrambled, zip_names.UTF8_FLAG, b"") == "身份证正面.jpg"
    for name in ("naïve café.jpg", "ΣΩ.jpg", "头像é.jpg", "░▒▓.jpg"):
        assert zip_names.decode_name(name.encode(), zip_names.UTF8_FLAG, b"") == name

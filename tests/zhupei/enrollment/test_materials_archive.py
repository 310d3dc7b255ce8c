"""The judge of an archive of materials, as screen and command use it (MAT-01, MAT-02, MAT-03)."""

from __future__ import annotations

import io
import os
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.files.archives import MIB, ArchiveLimits, ArchiveRefusedError
from foundation.files.images import PORTRAIT_MAX_BYTES, CleanImage, ImageLimits
from tests.foundation.files.image_making import encode, jpeg, jpeg_claiming, noise, picture, png
from tests.foundation.files.zip_making import ENCRYPTED, Member, gbk, make_zip, overlap_bomb
from zhupei.enrollment.materials_archive import MaterialsLimits, MaterialsVerdict, judge_archive
from zhupei.enrollment.materials_naming import KIND_LABELS, KINDS

ANN = "33042119720103041X"
BEN = "330106197402050425"
KNOWN = (ANN, BEN)
IMAGE = jpeg(100, 140)


def judge(*members: Member, **options: Any) -> MaterialsVerdict:
    return judge_archive(io.BytesIO(make_zip(*members)), KNOWN, **options)


def codes(verdict: MaterialsVerdict) -> dict[str, str]:
    return {problem.entry: problem.code for problem in verdict.problems}


def message(*members: Member, **options: Any) -> str:
    (problem,) = judge(*members, **options).problems
    return problem.message


def whole_set(number: str) -> list[Member]:
    return [gbk(f"报名资料/{number}${label}.jpg", IMAGE) for label in KIND_LABELS.values()]


class TestMatching:
    """MAT-02: good files are kept, bad ones named, what lacks is listed."""

    def test_a_complete_set(self) -> None:
        verdict = judge(*whole_set(ANN), *whole_set(BEN))
        assert [(item.id_number, item.kind) for item in verdict.matched] == [
            (number, kind) for number in KNOWN for kind in KINDS
        ]
        assert verdict.matched[0].entry == f"报名资料/{ANN}$头像.jpg"
        assert verdict.problems == verdict.missing == verdict.notes == []

    def test_missing_follows_roster_and_kinds(self) -> None:
        verdict = judge(gbk(f"{BEN}$报名表.jpg", IMAGE), gbk(f"{BEN}$头像.jpg", IMAGE))
        assert verdict.as_json()["missing"] == [
            {"id_number": ANN, "kinds": list(KINDS)},
            {"id_number": BEN, "kinds": ["id_front", "id_back", "education", "work_years"]},
        ]

    def test_good_ones_are_handed_over_one_by_one(self) -> None:
        given: list[tuple[str, str, str]] = []

        def keep(entry: str, number: str, kind: str, image: CleanImage) -> None:
            assert image.data.startswith(b"\xff\xd8")
            given.append((entry, number, kind))

        verdict = judge(gbk(f"{ANN}$头像.jpg", IMAGE), gbk(f"{BEN}$学历证.png", png()), on_good=keep)
        assert given == [(item.entry, item.id_number, item.kind) for item in verdict.matched]
        assert len(given) == 2

    def test_lower_case_x_on_either_side(self) -> None:
        data = make_zip(gbk(f"{ANN.lower()}$头像.jpg", IMAGE))
        for known in (ANN, ANN.lower()):
            assert judge_archive(io.BytesIO(data), [known]).matched[0].id_number == ANN

    def test_litter_is_passed_over_in_silence(self) -> None:
        verdict = judge(
            Member(b"__MACOSX/._x.jpg", b"x"),
            Member(b"Thumbs.db", b"x"),
            Member(b".DS_Store"),
            *whole_set(ANN),
        )
        assert verdict.problems == []

    def test_progress_is_told_and_ends_at_the_total(self) -> None:
        told: list[tuple[int, int]] = []
        members = [gbk(f"{n}.txt", b"x") for n in range(1000)]
        judge(*members, on_progress=lambda done, total: told.append((done, total)))
        assert told[-1] == (1000, 1000)
        assert told == sorted(set(told))
        assert 100 <= len(told) <= 250

    def test_what_keeping_raises_is_not_swallowed(self) -> None:
        def fail(*_: object) -> None:
            raise KeyError("disk full")

        with pytest.raises(KeyError):
            judge(gbk(f"{ANN}$头像.jpg", IMAGE), on_good=fail)


class TestProblems:
    """Every code of interfaces.md, with cause and mend."""

    def test_unknown_person(self) -> None:
        stranger = gbk("110101198001010010$头像.jpg", IMAGE)
        assert codes(judge(stranger, *whole_set(ANN))) == {"110101198001010010$头像.jpg": "unknown_person"}
        assert "名单里没有身份证号 110101198001010010" in message(stranger)
        assert "没有身份证号" in message(gbk("张三头像.jpg", IMAGE))
        assert "17 位" in message(gbk(f"{ANN[:17]}$头像.jpg", IMAGE))

    def test_a_picture_of_one_color_is_too_large_not_a_bomb(self) -> None:
        """MAT-03: it packs like a bomb, but what has to be mended is its size; a bomb with a good header stays one."""
        swelling = bytes(3 * MIB)
        limits = MaterialsLimits(ArchiveLimits(entry_bytes=2 * MIB))
        members = (
            gbk(f"{ANN}$头像.jpg", jpeg_claiming(20000, 20000) + swelling),
            gbk(f"{ANN}$身份证正面.jpg", jpeg_claiming(20000, 20000) + swelling, deflate=False),
            gbk(f"{ANN}$身份证反面.jpg", jpeg_claiming(200, 200) + swelling),
            gbk(f"{ANN}$学历证书.jpg", jpeg_claiming(200, 200) + swelling, deflate=False),
            gbk(f"{ANN}$报名表.jpg", swelling),
        )
        assert list(codes(judge(*members, limits=limits)).values()) == [
            "image_too_large", "image_too_large", "compression_ratio", "entry_too_large", "compression_ratio",
        ]  # fmt: skip

    def test_a_slip_in_the_number_is_pointed_out(self) -> None:
        assert f"接近的 {BEN}" in message(gbk(f"{BEN[:16]}95$头像.jpg", IMAGE))
        swapped = BEN[:9] + BEN[10] + BEN[9] + BEN[11:]
        assert f"接近的 {BEN}" in message(gbk(f"{swapped}$头像.jpg", IMAGE))

    def test_unknown_kind(self) -> None:
        verdict = judge(
            gbk(f"{ANN}$简历.jpg", IMAGE), gbk(f"{ANN}$身份证.jpg", IMAGE), gbk(f"{ANN}.jpg", IMAGE)
        )
        assert set(codes(verdict).values()) == {"unknown_kind"}
        assert "“简历”" in verdict.problems[0].message
        assert "国徽面" in verdict.problems[1].message

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "空文件"),
            ("我不是图片".encode("gbk"), "文本文件"),
            (IMAGE[: len(IMAGE) // 2], "不完整"),
            (encode(picture(20, 20), "GIF"), "GIF"),
            (b"%PDF-1.5", "PDF"),
        ],
    )
    def test_unreadable_image(self, data: bytes, words: str) -> None:
        verdict = judge(gbk(f"{ANN}$头像.jpg", data), gbk(f"{ANN}$报名表.jpg", IMAGE))
        assert codes(verdict) == {f"{ANN}$头像.jpg": "unreadable_image"}
        assert words in verdict.problems[0].message
        assert [item.kind for item in verdict.matched] == ["application_form"]

    def test_damaged_in_the_archive_is_unreadable(self) -> None:
        name = f"{ANN}$头像.jpg"
        assert codes(judge(gbk(name, IMAGE, crc=7))) == {name: "unreadable_image"}

    def test_image_too_large(self) -> None:
        name = f"{ANN}$头像.jpg"
        assert codes(judge(gbk(name, jpeg_claiming(30_000, 30_000)))) == {name: "image_too_large"}

    def test_entry_too_large(self) -> None:
        name = f"{ANN}$学历证书.jpg"
        member = gbk(name, os.urandom(21 * MIB), deflate=False)
        assert codes(judge(member)) == {name: "entry_too_large"}
        limits = MaterialsLimits(image=ImageLimits(max_bytes=100))
        assert codes(judge(gbk(name, IMAGE), limits=limits)) == {name: "entry_too_large"}

    def test_archive_too_large_by_file(self, tmp_path: Path) -> None:
        path = tmp_path / "全部资料.zip"
        path.write_bytes(make_zip(*whole_set(ANN)))
        limits = MaterialsLimits(ArchiveLimits(archive_bytes=100))
        verdict = judge_archive(path, KNOWN, limits=limits)
        assert codes(verdict) == {"全部资料.zip": "archive_too_large"}
        assert len(verdict.missing) == 2

    def test_archive_too_large_by_what_it_unpacks_to(self) -> None:
        limits = MaterialsLimits(ArchiveLimits(total_bytes=int(len(IMAGE) * 2.5)))
        verdict = judge(*whole_set(ANN), limits=limits)
        assert [item.kind for item in verdict.matched] == ["portrait", "id_front"]
        assert codes(verdict) == {f"报名资料/{ANN}$身份证反面.jpg": "archive_too_large"}

    def test_too_many_entries_keeps_the_first(self) -> None:
        limits = MaterialsLimits(ArchiveLimits(entries=3))
        verdict = judge(*whole_set(ANN), limits=limits)
        assert len(verdict.matched) == 3
        assert codes(verdict) == {f"报名资料/{ANN}$学历证书.jpg": "too_many_entries"}

    def test_compression_ratio(self) -> None:
        bomb = gbk(f"{ANN}$头像.jpg", bytes(150 * MIB), size=1000)
        data = make_zip(bomb, *whole_set(BEN))
        del bomb
        tracemalloc.start()
        verdict = judge_archive(io.BytesIO(data), KNOWN)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert codes(verdict) == {f"{ANN}$头像.jpg": "compression_ratio"}
        assert len(verdict.matched) == 6
        assert peak < 8 * MIB

    def test_overlap_bomb(self) -> None:
        verdict = judge_archive(io.BytesIO(overlap_bomb(50, 900_000)), KNOWN)
        assert set(codes(verdict).values()) == {"compression_ratio"}

    def test_duplicate_is_the_second_and_later(self) -> None:
        verdict = judge(
            gbk(f"a/{ANN}$头像.jpg", IMAGE), gbk(f"b/{ANN}$照片.jpg", IMAGE), gbk(f"c/{ANN}_头像.jpg", IMAGE)
        )
        assert [item.entry for item in verdict.matched] == [f"a/{ANN}$头像.jpg"]
        assert list(codes(verdict).values()) == ["duplicate", "duplicate"]

    def test_after_a_bad_one_the_next_is_taken(self) -> None:
        verdict = judge(gbk(f"a/{ANN}$头像.jpg", b"text"), gbk(f"b/{ANN}$头像.jpg", IMAGE))
        assert [item.entry for item in verdict.matched] == [f"b/{ANN}$头像.jpg"]
        assert codes(verdict) == {f"a/{ANN}$头像.jpg": "unreadable_image"}

    def test_unsafe_path_and_links(self) -> None:
        verdict = judge(
            gbk(f"../../{ANN}$头像.jpg", IMAGE),
            gbk(f"C:\\{ANN}$报名表.jpg", IMAGE),
            gbk(f"{ANN}$学历证书.jpg", b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
            *whole_set(BEN),
        )
        assert list(codes(verdict).values()) == ["unsafe_path"] * 3
        assert len(verdict.matched) == 6

    def test_encrypted(self) -> None:
        name = f"{ANN}$头像.jpg"
        verdict = judge(gbk(name, IMAGE, flags=ENCRYPTED), *whole_set(BEN))
        assert codes(verdict) == {name: "encrypted"}
        assert "密码" in verdict.problems[0].message
        assert len(verdict.matched) == 6

    def test_archives_inside_are_not_opened(self) -> None:
        inner = make_zip(*whole_set(ANN))
        verdict = judge(gbk("张三.zip", inner), gbk(f"{ANN}$头像.jpg", inner), gbk("b.rar", b"Rar!"))
        assert set(codes(verdict).values()) == {"unreadable_image"}
        assert all("不能再套压缩包" in problem.message for problem in verdict.problems)

    def test_every_message_is_a_sentence(self) -> None:
        verdict = judge(
            gbk("说明.txt", b"x"),
            gbk(f"{ANN}$.jpg", IMAGE),
            gbk(f"{ANN}$头像.jpg", b"x"),
            gbk("/a.jpg", b"x"),
            gbk("b.7z", b"x"),
        )
        assert len(verdict.problems) == 5
        assert all(problem.message.endswith("。") for problem in verdict.problems)


class TestPortraits:
    """MAT-01: at most 80 KB; ui.md: compressed for people, and told."""

    def test_heavy_portraits_are_compressed_with_a_note(self) -> None:
        heavy = encode(noise(1200, 1680), quality=95)
        kept: list[CleanImage] = []
        name = f"{ANN}$头像.jpg"
        verdict = judge(gbk(name, heavy), on_good=lambda *given: kept.append(given[3]))
        assert len(verdict.matched) == 1
        assert kept[0].size <= PORTRAIT_MAX_BYTES
        assert [note.entry for note in verdict.notes] == [name]
        assert "80 KB" in verdict.notes[0].message
        assert "notes" not in verdict.as_json()

    def test_other_kinds_may_be_heavier(self) -> None:
        kept: list[CleanImage] = []
        heavy = encode(noise(900, 1200), quality=90)
        judge(gbk(f"{ANN}$报名表.jpg", heavy), on_good=lambda *given: kept.append(given[3]))
        assert kept[0].size > PORTRAIT_MAX_BYTES


class TestWholeArchive:
    """MAT-02: no usable ZIP, one sentence."""

    @pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", b"hello", make_zip()])
    def test_refusals_are_raised(self, data: bytes) -> None:
        with pytest.raises(ArchiveRefusedError) as caught:
            judge_archive(io.BytesIO(data), KNOWN)
        assert caught.value.message.endswith("。")

    def test_real_archives_from_usual_programs(self) -> None:
        """Python, macOS (no flag, UTF-8, litter) and Windows (GBK) give the same verdict."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for label in KIND_LABELS.values():
                archive.writestr(f"资料/{ANN}${label}.jpg", IMAGE)
        mac = [Member(f"资料/{ANN}${label}.jpg".encode(), IMAGE) for label in KIND_LABELS.values()]
        mac.append(Member(f"__MACOSX/资料/._{ANN}$头像.jpg".encode(), b"x"))
        windows = [gbk(f"资料\\{ANN}${label}.jpg", IMAGE, deflate=False) for label in KIND_LABELS.values()]
        for data in (buffer.getvalue(), make_zip(*mac), make_zip(*windows)):
            verdict = judge_archive(io.BytesIO(data), [ANN])
            assert len(verdict.matched) == 6
            assert verdict.problems == verdict.missing == []

    def test_memory_does_not_grow_with_the_archive(self, tmp_path: Path) -> None:
        """MAT-03: one image at a time."""
        image = encode(noise(700, 700), quality=95)
        path = tmp_path / "many.zip"
        ids = [f"33010619740205{n:04d}" for n in range(60)]
        with zipfile.ZipFile(path, "w") as archive:
            for number in ids:
                archive.writestr(f"{number}$报名表.jpg", image)
        assert path.stat().st_size > 15 * MIB
        tracemalloc.start()
        verdict = judge_archive(path, ids)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(verdict.matched) == 60
        assert peak < 6 * MIB

    @settings(max_examples=200)
    @given(st.data())
    def test_mutated_archives_end_in_a_verdict_or_a_refusal(self, data: st.DataObject) -> None:
        archive = bytearray(MUTATED)
        for _ in range(data.draw(st.integers(1, 5))):
            place = data.draw(
                st.integers(0, len(archive) - 1) | st.integers(len(archive) - 250, len(archive) - 1)
            )
            archive[place] = data.draw(st.integers(0, 255))
        try:
            verdict = judge_archive(io.BytesIO(bytes(archive)), KNOWN)
        except ArchiveRefusedError:
            return
        contract = {
            "unknown_person", "unknown_kind", "unreadable_image", "image_too_large", "entry_too_large",
            "archive_too_large", "too_many_entries", "compression_ratio", "duplicate", "unsafe_path",
            "encrypted",
        }  # fmt: skip
        assert {problem.code for problem in verdict.problems} <= contract

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        for tail in (b"", struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(data), 0, 0)):
            try:
                judge_archive(io.BytesIO(data + tail), KNOWN)
            except ArchiveRefusedError as error:
                assert error.message.endswith("。")


MUTATED = make_zip(gbk(f"{ANN}$头像.jpg", jpeg(30, 40)), gbk(f"{BEN}$报名表.png", png(30, 40)))

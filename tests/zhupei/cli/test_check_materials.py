"""`zhupei check-materials ARCHIVE --roster FILE`: the contract of interfaces.md (MAT-02, MAT-03)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from foundation.identifiers.id_number import check_character
from tests.foundation.files.image_making import jpeg
from tests.foundation.files.zip_making import gbk, make_zip
from zhupei.cli.check_materials import roster_ids, run
from zhupei.enrollment.materials_naming import KIND_LABELS, KINDS

HEADINGS = ("姓名", "性别", "身份证号", "手机号", "学历", "工作单位")


def id_number(order: int) -> str:
    first = f"33010619800101{order:03d}"
    return first + check_character(first)


def write_roster(path: Path, numbers: list[str]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for number in numbers:
        sheet.append(("张三", "男", number, "13800000000", "本科", "浙江晨光建设有限公司"))
    book.save(path)
    return path


def judged(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, Any]]:
    code = run(list(argv))
    printed = capsys.readouterr()
    assert printed.err == ""
    return code, json.loads(printed.out)


def test_a_complete_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [id_number(n) for n in (1, 3, 5)]
    roster = write_roster(tmp_path / "汇总表.xlsx", numbers)
    archive = tmp_path / "资料.zip"
    image = jpeg(50, 70)
    archive.write_bytes(
        make_zip(*(gbk(f"资料/{n}${label}.jpg", image) for n in numbers for label in KIND_LABELS.values()))
    )
    code, document = judged(capsys, str(archive), "--roster", str(roster))
    assert code == 0
    assert list(document) == ["matched", "problems", "missing"]
    assert len(document["matched"]) == 18
    assert document["matched"][0] == {
        "entry": f"资料/{numbers[0]}$头像.jpg",
        "id_number": numbers[0],
        "kind": "portrait",
    }
    assert document["problems"] == document["missing"] == []


def test_problems_and_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [id_number(1), id_number(3)]
    roster = write_roster(tmp_path / "r.xlsx", numbers)
    archive = tmp_path / "m.zip"
    archive.write_bytes(
        make_zip(gbk(f"{numbers[0]}$头像.jpg", jpeg(50, 70)), gbk(f"{id_number(7)}$头像.jpg", jpeg(50, 70)))
    )
    code, document = judged(capsys, str(archive), "--roster", str(roster))
    assert code == 0
    (problem,) = document["problems"]
    assert list(problem) == ["entry", "code", "message"]
    assert problem["code"] == "unknown_person"
    assert document["missing"] == [
        {"id_number": numbers[0], "kinds": list(KINDS[1:])},
        {"id_number": numbers[1], "kinds": list(KINDS)},
    ]


def test_refusals_exit_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    roster = write_roster(tmp_path / "r.xlsx", [id_number(1)])
    rar = tmp_path / "a.rar"
    rar.write_bytes(b"Rar!\x1a\x07\x00" + bytes(100))
    good = tmp_path / "a.zip"
    good.write_bytes(make_zip(gbk("a.jpg", b"x")))
    for argv in (
        (str(rar), "--roster", str(roster)),
        (str(tmp_path / "nowhere.zip"), "--roster", str(roster)),
        (str(tmp_path), "--roster", str(roster)),
        (str(good), "--roster", str(tmp_path / "nowhere.xlsx")),
        (str(good), "--roster", str(rar)),
        (str(good),),
        (),
    ):
        code, document = judged(capsys, *argv)
        assert code == 2
        assert list(document) == ["refused"]
        assert document["refused"].endswith("。")


def test_rows_without_a_readable_number_are_left_out(tmp_path: Path) -> None:
    numbers = [id_number(1), "3.30106E+17", "", id_number(1), f" {id_number(3).lower()} "]
    assert roster_ids(write_roster(tmp_path / "r.xlsx", numbers)) == [id_number(1), id_number(3)]


def test_needs_no_django(tmp_path: Path) -> None:
    """Interfaces: files alone, no server, no database."""
    script = (
        "import sys, zhupei.cli.check_materials, foundation.files.images;"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)"
    )
    source = Path(__file__).parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(source)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()

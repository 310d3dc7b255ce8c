"""`zhupei check-roster` as other people's programs call it (interfaces 1, ENR-03)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.foundation.sheets import making
from zhupei.cli import answer, check_roster
from zhupei.enrollment.roster_columns import REQUIRED_COLUMNS

SOURCE = Path(__file__).parents[3] / "src"
UNIT = "浙江晨光建设有限公司"
ROW = ("沈若兰", "女", "330106197402050425", "13857101171", "大专", UNIT)


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(making.xlsx([REQUIRED_COLUMNS, ROW]))
    return path


def call(
    *arguments: str | bytes | Path, redirect: str = "", **environment: str
) -> tuple[int, dict[str, Any]]:
    """Exit code and the one document; nothing else may be printed."""
    words = [sys.executable, "-m", "zhupei.config.cli", "check-roster", *arguments]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *words],
        capture_output=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **environment},
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
    return done.returncode, json.loads(done.stdout.decode("utf-8"))


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "gbk"},
        {"PYTHONWARNINGS": "always", "PYTHONDEVMODE": "1"},
    ],
)
def test_whatever_the_locale(roster: Path, environment: dict[str, str]) -> None:
    """Interfaces 1: UTF-8, also of an organization given on the command line."""
    code, document = call(roster, "--organization", "杭州远山建筑有限公司", **environment)
    assert code == 0
    (error,) = document["errors"]
    assert error["code"] == "unit_mismatch"
    assert error["value"] == UNIT
    assert "杭州远山建筑有限公司" in error["message"]
    assert call(roster, "--organization", UNIT, **environment) == (0, {"rows": 1, "good": 1, "errors": []})


def test_an_organization_in_gb18030(roster: Path) -> None:
    """A script saved on Windows passes its bytes on as they are."""
    assert call(roster, "--organization", UNIT.encode("gb18030"), LC_ALL="C.UTF-8")[1]["good"] == 1


def test_a_file_name_that_is_no_utf8(roster: Path) -> None:
    renamed = roster.rename(roster.parent / os.fsdecode("名单".encode("gb18030") + b".xlsx"))
    assert call(renamed)[0] == 0


@pytest.mark.parametrize("redirect", ["2>&-", "<&-", "<&- 2>&-"])
def test_closed_streams(roster: Path, redirect: str) -> None:
    assert call(roster, redirect=redirect)[0] == 0
    assert call("nowhere.xlsx", redirect=redirect)[0] == 2


@pytest.mark.parametrize("day", ["", "昨天", "2026-13-01", "2026/11/01"])
def test_a_day_that_is_none_is_refused(roster: Path, capsys: pytest.CaptureFixture[str], day: str) -> None:
    """Interfaces 1: exit code 2 and one sentence; never judged by another day in silence."""
    assert check_roster.run([str(roster), "--on", day]) == 2
    assert "2026-11-01" in json.loads(capsys.readouterr().out)["refused"]


@pytest.mark.parametrize(
    "words", [[], ["--nope"], ["a", "b"], ["a", "--org", "b"], ["--on"], ["a", "--on=--"]]
)
def test_wrong_arguments_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert check_roster.run(words) == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out)["refused"].endswith("。")
    assert printed.err == ""


def test_want_of_memory_is_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    """Interfaces 1: a caller gets JSON and 2, never a traceback."""

    def judge() -> dict[str, Any]:
        raise MemoryError

    assert answer.answer(judge, unreadable="") == 2
    assert "内存不够" in json.loads(capsys.readouterr().out)["refused"]

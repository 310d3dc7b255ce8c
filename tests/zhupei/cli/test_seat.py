"""`zhupei seat` as other people's programs call it (interfaces 1, ASM-02)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError
from tests.foundation.sheets import making
from zhupei.cli.seat import read_examinees, room_sizes, run

SOURCE = Path(__file__).parents[3] / "src"
HEADER = "id_number,occupation,organization"
ROW = "330106197402050425,砌筑工,浙江晨光建设有限公司"


def rows_of(occupation: str, people: int, organizations: int = 3) -> list[str]:
    first = sum(map(ord, occupation))
    return [f"33010619{first * 1000 + n:010},{occupation},单位{n % organizations}" for n in range(people)]


def write(folder: Path, *lines: str, encoding: str = "utf-8", header: str = HEADER) -> str:
    path = folder / "考生.csv"
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode(encoding))
    return str(path)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def judged(*words: str) -> tuple[int, Any]:
        code = run(words)
        printed = capsys.readouterr()
        assert printed.err == ""
        assert printed.out.count("\n") == 1
        return code, json.loads(printed.out)

    return judged


@pytest.fixture
def refusal(call: Any) -> Any:
    def sentence(*words: str) -> str:
        code, document = call(*words)
        assert code == 2
        assert list(document) == ["refused"]
        assert document["refused"].endswith("。")
        return str(document["refused"])

    return sentence


@pytest.fixture
def hundred(tmp_path: Path) -> str:
    """50 of A, 30 of B, 20 of C."""
    return write(tmp_path, *rows_of("C", 20), *rows_of("A", 50), *rows_of("B", 30))


def test_the_contract(hundred: str, call: Any) -> None:
    """ASM-02, interfaces 1: rooms A30, A20, B30, C20; everybody once; seats from 1."""
    code, document = call(hundred, "--rooms", "30")
    assert code == 0
    assert list(document) == ["rooms"]
    rooms = document["rooms"]
    assert [(room["room"], room["occupation"], len(room["seats"])) for room in rooms] == [
        (1, "A", 30),
        (2, "A", 20),
        (3, "B", 30),
        (4, "C", 20),
    ]
    for room in rooms:
        assert [seat["seat"] for seat in room["seats"]] == list(range(1, len(room["seats"]) + 1))
        assert all(list(seat) == ["seat", "id_number"] for seat in room["seats"])
    people = read_examinees(hundred)
    seated = [seat["id_number"] for room in rooms for seat in room["seats"]]
    assert sorted(seated) == sorted(person.key for person in people)
    names = {person.key: person.organization for person in people}
    for room in rooms:
        line = [names[seat["id_number"]] for seat in room["seats"]]
        assert all(left != right for left, right in pairwise(line))


def test_one_size_means_as_many_as_needed(hundred: str, call: Any) -> None:
    """Interfaces 1: `--rooms 40` alone; never more than 30 in a room unless the limit is raised."""
    _, document = call(hundred, "--rooms", "40")
    assert [len(room["seats"]) for room in document["rooms"]] == [30, 20, 30, 20]
    assert {room["session"] for room in document["rooms"]} == {1}
    _, document = call(hundred, "--rooms", "40", "--limit", "40")
    assert [len(room["seats"]) for room in document["rooms"]] == [40, 10, 30, 20]


def test_several_sizes_are_rooms(hundred: str, call: Any) -> None:
    """ASM-02: the rooms in the order given, then a new session from the first."""
    _, document = call(hundred, "--rooms", " 40，２５、20 ")
    told = [
        (room["room"], room["session"], room["place"], room["occupation"], len(room["seats"]))
        for room in document["rooms"]
    ]
    assert told == [
        (1, 1, 1, "A", 30),
        (2, 1, 2, "A", 20),
        (3, 1, 3, "B", 20),
        (4, 2, 1, "B", 10),
        (5, 2, 2, "C", 20),
    ]


def test_reproducible(hundred: str, call: Any) -> None:
    """ASM-02: the same list in another order gives the same seats; another seed gives others."""
    _, first = call(hundred, "--rooms", "30")
    lines = Path(hundred).read_text().splitlines()
    body = lines[1:]
    random.Random(7).shuffle(body)
    Path(hundred).write_text("\n".join([lines[0], *body]))
    assert call(hundred, "--rooms", "30")[1] == first
    assert call(hundred, "--rooms", "30", "--seed", "0")[1] == first
    assert call(hundred, "--rooms", "30", "--seed", "5")[1] != first
    assert call(hundred, "--rooms", "30", "--seed", "-5")[0] == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, call: Any, encoding: str) -> None:
    """Interfaces 1: UTF-8 with or without BOM, GB 18030."""
    code, document = call(write(tmp_path, ROW, encoding=encoding), "--rooms", "30")
    assert code == 0
    assert document["rooms"][0]["occupation"] == "砌筑工"


def test_a_header_as_people_write_it(tmp_path: Path, call: Any) -> None:
    """Columns in any order, case and number; blank lines; line ends of every kind."""
    path = tmp_path / "名单.csv"
    path.write_bytes(
        b"\r\n no , Organization ,ID_Number, OCCUPATION ,note\r\n"
        + "1,甲公司,330106197402050425,砌筑工,\r\n\r\n,,,,\r\n".encode()
        + '2,"乙,公司",330106197402050441 , 砌筑工\r\n'.encode()
    )
    code, document = call(str(path), "--rooms", "30")
    assert code == 0
    assert {seat["id_number"] for seat in document["rooms"][0]["seats"]} == {
        "330106197402050425",
        "330106197402050441",
    }


def test_id_numbers_are_tidied_not_judged(tmp_path: Path, call: Any) -> None:
    path = write(
        tmp_path,
        " ３３０１０６197402050425 ,A,甲",
        "'33010619740205044x,A,甲",
        '"330106 19740205 0468",A,甲',
        "P-17,A,甲",
    )
    _, document = call(path, "--rooms", "30")
    seated = {seat["id_number"] for room in document["rooms"] for seat in room["seats"]}
    assert seated == {"330106197402050425", "33010619740205044X", "330106197402050468", "P-17"}


def test_one_occupation_in_two_spellings(tmp_path: Path, call: Any) -> None:
    """Width and spaces make no other occupation, nor another organization."""
    path = write(
        tmp_path,
        "1,电工（建筑）,甲（浙江）",
        "2, 电工(建筑) ,甲(浙江)",
        "3,电工（建筑）,乙",
        "4,电工（建筑）,乙",
    )
    _, document = call(path, "--rooms", "30")
    (room,) = document["rooms"]
    assert room["occupation"] == "电工(建筑)"
    line = [seat["id_number"] in {"1", "2"} for seat in room["seats"]]
    assert line in ([True, False, True, False], [False, True, False, True])


def test_lists_put_together(tmp_path: Path, call: Any) -> None:
    """A header in the middle is nobody."""
    code, document = call(write(tmp_path, ROW, HEADER, *rows_of("A", 2)), "--rooms", "30")
    assert code == 0
    assert sum(len(room["seats"]) for room in document["rooms"]) == 3


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([ROW, ",砌筑工,甲公司"], "第 3 行缺少身份证号（id_number）"),
        ([ROW, "330106197402050441,,甲公司"], "第 3 行缺少工种（occupation）"),
        ([ROW, "330106197402050441,砌筑工, \u3000"], "第 3 行缺少所在单位（organization）"),
        ([ROW, "", "330106197402050441"], "第 4 行缺少工种（occupation）、所在单位（organization）"),
        ([ROW, "330106197402050441,砌筑工,\u200b"], "第 3 行缺少所在单位"),
        ([ROW, *rows_of("A", 2), ROW], "第 2 行和第 5 行"),
        ([ROW, " ３３０106197402050425,B,乙"], "第 2 行和第 3 行"),
        (["3.30106E+17,砌筑工,甲公司"], "科学计数"),
        ([], "还没有考生"),
    ],
)
def test_wrong_lists(tmp_path: Path, refusal: Any, lines: list[str], said: str) -> None:
    """Interfaces 1: refused with the line that is to be mended."""
    assert said in refusal(write(tmp_path, *lines), "--rooms", "30")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("id_number,occupation", "organization"),
        ("身份证号,工种,单位", "id_number、occupation、organization"),
        ("id_number,occupation,organization,ID_NUMBER", "不止一个"),
    ],
)
def test_wrong_headers(tmp_path: Path, refusal: Any, header: str, said: str) -> None:
    assert said in refusal(write(tmp_path, ROW + ",1", header=header), "--rooms", "30")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf\r\n \r\n",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\0" * 100,
        b"\xff\xfe\xff",
        bytes(range(256)) * 8,
        b"<html><body>id_number</body></html>",
        b"PK\x03\x04broken",
        b'"' + b"x" * 300_000,
    ],
)
def test_what_is_no_list(tmp_path: Path, refusal: Any, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    refusal(str(path), "--rooms", "30")


def test_a_workbook_is_read_too(tmp_path: Path, call: Any) -> None:
    """Somebody renames what the office sends; its content tells."""
    path = tmp_path / "x.csv"
    path.write_bytes(making.xlsx([HEADER.split(","), ROW.split(",")]))
    assert call(str(path), "--rooms", "30")[0] == 0


@given(st.binary(max_size=400))
def test_whatever_the_bytes(content: bytes) -> None:
    """Nothing but a refusal leaves the reading."""
    try:
        people = read_examinees(HEADER.encode() + b"\n" + content)
    except DomainError as refused:
        assert refused.message.endswith("。")
    else:
        assert len({person.key for person in people}) == len(people) > 0


def test_unreadable_files(tmp_path: Path, refusal: Any) -> None:
    assert "打不开" in refusal(str(tmp_path), "--rooms", "30")
    assert "打不开" in refusal(str(tmp_path / "没有.csv"), "--rooms", "30")
    assert "打不开" in refusal("a\0b", "--rooms", "30")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ",",
        "30,",
        ",30",
        "30,,20",
        "0",
        "30,0",
        "-5",
        "+5",
        "3.5",
        "三十",
        "30;20",
        "1e3",
        "٣٠",
        "9" * 6000,
    ],
)
def test_wrong_rooms(text: str, hundred: str, refusal: Any) -> None:
    """Interfaces 1: never seated by a guess."""
    assert "--rooms" in refusal(hundred, f"--rooms={text}")
    with pytest.raises(DomainError):
        room_sizes(text)


@pytest.mark.parametrize("text", ["", "0", "-1", "2.5", "x", "9" * 6000])
def test_wrong_limits(text: str, hundred: str, refusal: Any) -> None:
    assert "--limit" in refusal(hundred, "--rooms", "30", f"--limit={text}")


@pytest.mark.parametrize("text", ["", "x", "1.5", "9" * 6000])
def test_wrong_seeds(text: str, hundred: str, refusal: Any) -> None:
    assert "--seed" in refusal(hundred, "--rooms", "30", f"--seed={text}")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.csv"],
        ["--rooms", "30"],
        ["a.csv", "--rooms"],
        ["a", "b", "--rooms", "3"],
        ["a", "--room", "3"],
    ],
)
def test_wrong_arguments(words: list[str], refusal: Any) -> None:
    assert "zhupei seat 文件 --rooms" in refusal(*words)


def test_negative_limit_as_a_word(hundred: str, refusal: Any) -> None:
    refusal(hundred, "--rooms", "30", "--limit", "-3")
    refusal(hundred, "--rooms", "-5,3")


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}])
def test_the_installed_command(tmp_path: Path, environment: dict[str, str]) -> None:
    """Interfaces 1: one document in UTF-8 whatever the locale; neither Django nor a database is needed."""
    words = [sys.executable, "-X", "importtime", "-m", "zhupei.config.cli", "seat", write(tmp_path, ROW)]
    done = subprocess.run(
        [*words, "--rooms", "30"],
        capture_output=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), **environment},
        check=False,
    )
    assert done.returncode == 0
    assert b"django" not in done.stderr
    assert json.loads(done.stdout.decode("utf-8"))["rooms"][0]["occupation"] == "砌筑工"


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    """`zhupei seat … | head -c 1` ends without a traceback."""
    path = write(tmp_path, *rows_of("A", 5_000))
    words = [sys.executable, "-m", "zhupei.config.cli", "seat", path, "--rooms", "30"]
    done = subprocess.run(
        ["sh", "-c", '"$@" | head -c 1', "sh", *words],
        capture_output=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)},
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"{", b"")

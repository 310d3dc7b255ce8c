"""Reading anything tabular: what is understood, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import msoffcrypto.format.ooxml
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.sheets.reader import Limits, SheetRefusedError, read_sheets
from foundation.sheets.workbook_process import as_text
from tests.foundation.sheets import making

GRID = [
    ["姓名", "身份证号", "单位"],
    ["张三", "330106197402050425", "甲公司"],
    ["欧阳㐂", "33042119720103041X", "乙公司"],
]
ROWS = [(number, cells) for number, cells in enumerate(GRID, start=1)]


def refused(source: bytes | str | Path, limits: Limits | None = None) -> str:
    with pytest.raises(SheetRefusedError) as caught:
        read_sheets(source, limits)
    message = caught.value.message
    assert message.endswith("。") and message.count("。") == 1, "one sentence"
    assert "！" not in message
    return caught.value.code


@pytest.mark.parametrize(
    "content",
    [
        making.xlsx(GRID),
        making.xls(GRID),
        making.ods(GRID),
        making.csv_text(GRID).encode(),
        making.csv_text(GRID).encode("utf-8-sig"),
        making.csv_text(GRID).encode("gb18030"),
        making.csv_text(GRID, "\t").encode("utf-16"),
        making.csv_text(GRID, "\t").encode("utf-16-le"),
        making.csv_text(GRID).encode("utf-16-be"),
        making.csv_text(GRID, ";").encode("gb18030"),
        making.csv_text(GRID, "\t").encode(),
        making.csv_text(GRID, "，").encode(),
        making.csv_text(GRID).replace("\r\n", "\r").encode(),
        ("sep=;\r\n" + making.csv_text(GRID, ";")).encode(),
    ],
    ids=[
        "xlsx",
        "xls",
        "ods",
        "utf8",
        "bom",
        "gb18030",
        "utf16",
        "utf16le",
        "utf16be",
        "semicolon",
        "tab",
        "fullwidth",
        "mac",
        "sep",
    ],
)
def test_every_kind_of_file_gives_the_same_rows(content: bytes, tmp_path: Path) -> None:
    """ENR-03: .xlsx, .xls, .ods and .csv in every usual encoding; the name of the file does not matter."""
    path = tmp_path / "名单.dat"
    path.write_bytes(content)
    for source in (content, path, str(path), io.BytesIO(content)):
        assert read_sheets(source)[0].rows == ROWS


def test_rows_keep_the_numbers_of_the_spreadsheet() -> None:
    """ENR-03: row numbers are those the person sees, with blank rows and columns before and between."""
    grid = [[], [None, "甲"], [], [], [None, None, "乙"]]
    for content in (
        making.xlsx(grid, first_row=3),
        making.csv_text([["", "", ""]] * 3 + [["", "甲", ""]]).encode(),
    ):
        rows = read_sheets(content)[0].rows
        assert rows[0] == (4, ["", "甲", ""])
    assert read_sheets(making.xlsx(grid, first_row=3))[0].rows[1] == (7, ["", "", "乙"])
    assert read_sheets(making.xls(grid))[0].rows == [(2, ["", "甲", ""]), (5, ["", "", "乙"])]


def test_cells_become_text_without_losing_digits() -> None:
    """ENR-03: number cells, lost digits, dates, booleans, formulas without a value."""
    grid = [[13800000000, 13800000000.0, 110101198001010000.0, 330106197402050425, 110101800101001, 1.5]]
    (_, cells), *_ = read_sheets(making.xlsx(grid))[0].rows
    assert cells == ["13800000000", "13800000000", "1.10101E+17", "3.30106E+17", "110101800101001", "1.5"]
    (_, cells), *_ = read_sheets(making.xls(grid))[0].rows
    assert cells[:3] == ["13800000000", "13800000000", "1.10101E+17"]
    grid = [["x", True, date(1980, 1, 2), datetime(1980, 1, 2, 3, 4), "=A1", "#N/A", "1.10101E+17"]]
    (_, cells), *_ = read_sheets(making.xlsx(grid))[0].rows
    assert cells == ["x", "TRUE", "1980-01-02", "1980-01-02 03:04:00", "", "", "1.10101E+17"]


@given(st.one_of(st.floats(), st.integers()))
def test_any_number_becomes_text(number: float) -> None:
    """ENR-03: whatever number a cell holds."""
    text = as_text(number)
    assert text and not text.endswith("E")
    if abs(number) < 1e15 and number == int(number):
        assert int(text) == number


def test_merged_cells_hold_for_each_of_their_rows() -> None:
    """ENR-03: one work unit merged over several people, headers merged over two lines."""
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (["标题"], ["姓名", "单位"], [], ["张三", "甲公司"], ["李四"], ["王五"]):
        sheet.append(cells or [None, "下"])
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B4:B6")
    rows = dict(read_sheets(making.saved(book))[0].rows)
    assert rows[1] == ["标题", ""]
    assert rows[3] == ["姓名", "下"]
    assert rows[5] == ["李四", "甲公司"]
    assert rows[6] == ["王五", "甲公司"]


def test_hidden_rows_and_sheets_are_read() -> None:
    """ENR-03: hidden rows are dealt with; hidden sheets are marked."""
    book = openpyxl.Workbook()
    book.active.append(["甲"])
    book.active.append(["乙"])
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("藏").append(["丙"])
    book["藏"].sheet_state = "hidden"
    first, second = read_sheets(making.saved(book))
    assert [cells for _, cells in first.rows] == [["甲"], ["乙"]]
    assert (first.hidden, second.hidden) == (False, True)


def test_quotes_and_line_breaks_in_csv() -> None:
    """ENR-03: a quoted cell may hold separators and line breaks; the row number counts rows, not lines."""
    rows = read_sheets('姓名,地址\r\n张三,"杭州市,\n西湖区""1""号"\r\n李四,x\r\n'.encode())[0].rows
    assert rows == [(1, ["姓名", "地址"]), (2, ["张三", '杭州市,\n西湖区"1"号']), (3, ["李四", "x"])]


def test_a_quote_that_never_closes_is_no_reason_to_refuse() -> None:
    """ENR-03: CSV written by hand."""
    head = '姓名,备注\n张三,"开头没有结尾\n'
    for more in (3, 20_000):
        rows = read_sheets((head + "李四,x\n" * more).encode())[0].rows
        assert len(rows) == more + 2
        assert rows[1] == (2, ["张三", "开头没有结尾"])
    assert read_sheets('a,b\n"张"三,"x\ny"\n'.encode())[0].rows[-1] == (2, ["张三", "x\ny"])


def test_one_broken_character_is_no_reason_to_refuse() -> None:
    """ENR-03: a long list with one damaged byte is read; the cell shows it."""
    content = making.csv_text(GRID * 30).encode("gb18030") + b"\xff,x\r\n"
    assert read_sheets(content)[0].rows[-1][1] == ["\ufffd", "x"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b",,,\r\n,,\r\n", "empty"),
        (b"\0" * 5000, "empty"),
        (making.xlsx([]), "empty"),
        (making.xls([]), "empty"),
        (b"%PDF-1.7\n...", "not_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_spreadsheet"),
        (b"\xff\xd8\xff\xe0JFIF", "not_spreadsheet"),
        (bytes(range(256)) * 4, "not_spreadsheet"),
        (random.Random(1).randbytes(5000), "not_spreadsheet"),
        (making.archive({"a.txt": b"x"}), "not_spreadsheet"),
        (making.archive({"[Content_Types].xml": b"x", "word/document.xml": b"x"}), "word_document"),
        (making.archive({"xl/workbook.xml": b"x"}), "damaged"),
        (b"PK\x03\x04" + b"x" * 50, "damaged"),
        (making.xlsx(GRID)[:2000], "damaged"),
        (making.xls(GRID)[:1000], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
        ("<html><table><tr><td>姓名".encode(), "web_page"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook>', "web_page"),
    ],
)
def test_what_is_no_spreadsheet_gets_one_clear_sentence(content: bytes, code: str) -> None:
    """ENR-03: a file that isn't a spreadsheet, is empty or damaged."""
    assert refused(content) == code


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    """ENR-03: a path that cannot be opened."""
    assert refused(tmp_path / "nothing.xlsx") == "unreadable"
    assert refused(str(tmp_path)) == "unreadable"
    assert refused("a\0b") == "unreadable"


def test_encrypted_files_are_refused() -> None:
    """ENR-03: a workbook with a password, a ZIP with one."""
    buffer = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(making.xlsx(GRID))).encrypt("secret", buffer)
    assert refused(buffer.getvalue()) == "encrypted"
    content = bytearray(making.archive({"xl/workbook.xml": b"x"}, zipfile.ZIP_STORED))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)) == "encrypted"


def test_large_files_are_refused_before_they_are_read() -> None:
    """ENR-03: too large by file size, by rows."""
    assert refused(b"a,b\n" * 1000, Limits(file_bytes=3999)) == "too_large"
    assert "20 MB" in refusal_message(b"x" * (20 * 1024 * 1024 + 1))
    many = [["x", "y"]] * 300
    for content in (making.xlsx(many), making.csv_text(many).encode()):
        (sheet,) = read_sheets(content, Limits(rows=100))
        assert sheet.truncated and len(sheet.rows) == 200


def refusal_message(content: bytes) -> str:
    with pytest.raises(SheetRefusedError) as caught:
        read_sheets(content)
    return caught.value.message


def test_bombs_are_refused_by_their_directory() -> None:
    """SEC-05: unpacked size and number of entries are looked at before anything is unpacked."""
    bomb = making.archive({"xl/workbook.xml": b"x", "xl/worksheets/sheet1.xml": b"\0" * (210 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    assert refused(bomb) == "unpacks_too_large"
    assert refused(making.archive({f"xl/{n}": b"" for n in range(2001)})) == "unpacks_too_large"


def forged_bomb() -> bytes:
    """A bomb whose directory claims a small size."""
    size = 400 * 1024 * 1024
    strings = b"<sst><si><t>" + b"A" * size
    content = bytearray(making.archive({"xl/sharedStrings.xml": strings}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(signature) + offset
        content[start : start + 4] = (1000).to_bytes(4, "little")
    return bytes(content)


def far_cells() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"] = "甲"
    book.active["XFD1048576"] = "乙"
    return making.saved(book)


@pytest.mark.parametrize("make", [forged_bomb, far_cells])
def test_what_would_take_all_memory_is_refused(make: Callable[[], bytes]) -> None:
    """SEC-05: a forged size, and two cells at opposite corners that abort the process which reads them."""
    start = time.monotonic()
    assert refused(make()) in {"unpacks_too_large", "damaged"}
    assert time.monotonic() - start < 30


@given(st.binary(max_size=4000))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """ENR-03: the reader never raises anything but the refusal."""
    read_or_refuse(content)


@given(
    st.text(st.characters(codec="utf-8"), max_size=400),
    st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-32"]),
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused(text: str, encoding: str) -> None:
    """ENR-03: … nor for any text in any encoding."""
    read_or_refuse(text.encode(encoding, "replace"))


SOURCES = {"xlsx": making.xlsx(GRID), "xls": making.xls(GRID), "ods": making.ods(GRID)}


@given(
    st.sampled_from(sorted(SOURCES)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20),
    st.integers(0, 3),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_workbooks_are_read_or_refused(kind: str, changes: list[tuple[int, int]], cut: int) -> None:
    """ENR-03: bytes changed and cut off anywhere in real workbooks."""
    content = bytearray(SOURCES[kind])
    for place, value in changes:
        content[place % len(content)] = value
    read_or_refuse(bytes(content[: len(content) - cut * 100]))


@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=8))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_workbooks_with_mutated_parts_are_read_or_refused(place: int, junk: bytes) -> None:
    """ENR-03: the ZIP is right, the XML inside is not."""
    with zipfile.ZipFile(io.BytesIO(SOURCES["xlsx"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(parts)[place % len(parts)]
    at = place % max(1, len(parts[name]))
    parts[name] = parts[name][:at] + junk + parts[name][at + len(junk) :]
    read_or_refuse(making.archive(parts))


def read_or_refuse(content: bytes) -> None:
    try:
        sheets = read_sheets(content)
    except SheetRefusedError as refusal:
        assert refusal.message
    else:
        assert any(sheet.rows for sheet in sheets)
        assert all(isinstance(cell, str) for sheet in sheets for _, cells in sheet.rows for cell in cells)

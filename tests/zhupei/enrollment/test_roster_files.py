"""Roster files as people really make them, the template, the file given back, the command."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.identifiers.id_number import check_character
from foundation.sheets.reader import Limits, SheetRefusedError
from tests.foundation.sheets import making
from zhupei.cli.check_roster import run
from zhupei.enrollment.roster import RosterVerdict, check_roster
from zhupei.enrollment.roster_columns import ALL_COLUMNS, REQUIRED_COLUMNS
from zhupei.enrollment.roster_files import INSTRUCTIONS, write_marked_roster, write_template
from zhupei.enrollment.roster_values import EDUCATION_LEVELS

UNIT = "浙江晨光建设有限公司"
HEADER = list(REQUIRED_COLUMNS)
NOTE = (
    "模板内容皆为必填，身份证号不可以是这种‘1.10101E+17’格式，性别、学历信息请从列表中选择，"
    "‘工作单位’填写工作单位的全称，请按要求填写"
)
DAY = date(2026, 11, 1)


def person(index: int) -> list[Any]:
    """A good row."""
    first = f"330106{1970 + index % 30}0{index % 9 + 1}15{index:03}"
    return [
        "张王李赵"[index % 4] + "建国",
        "男" if index % 2 else "女",
        first + check_character(first),
        f"138571{index:05}",
        EDUCATION_LEVELS[index % 6],
        UNIT,
    ]


PEOPLE = [person(index) for index in range(1, 6)]


def check(content: bytes, organization_name: str | None = UNIT) -> RosterVerdict:
    return check_roster(content, organization_name=organization_name, on=DAY)


def refused(content: bytes | Path, **options: Any) -> SheetRefusedError:
    with pytest.raises(SheetRefusedError) as caught:
        check_roster(content, **options)
    assert caught.value.message.endswith("。") and caught.value.message.count("。") == 1
    return caught.value


def csv_quoted(grid: Sequence[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(grid)
    return buffer.getvalue().encode("gb18030")


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.ods, csv_quoted])
def test_each_kind_of_file_is_judged_alike(make: Callable[[Any], bytes]) -> None:
    """ENR-03: .xlsx, .xls, .ods and .csv give the same verdict, with the spreadsheet's own row numbers."""
    wrong = [*PEOPLE[1]]
    wrong[3] = "1385710"
    verdict = check(make([HEADER, PEOPLE[0], wrong, *PEOPLE[2:]]))
    assert (len(verdict.rows), verdict.good) == (5, 4)
    assert [(error.row, error.column, error.code) for error in verdict.errors] == [
        (3, "手机号", "phone_invalid")
    ]


def test_titles_blank_lines_and_notes_are_no_rows() -> None:
    """ENR-03: a title above the header, blank rows between, the note of the guide's template below."""
    grid = [
        ["报名人员信息汇总表"],
        ["填报单位：浙江晨光建设有限公司"],
        HEADER,
        PEOPLE[0],
        [],
        [None, " ", None, "　"],
        PEOPLE[1],
        [],
        [NOTE],
        ["合计", "2人"],
        ["单位（盖章）：", None, None, None, "2026年11月1日"],
        ["填表人：李四", None, "审核人：王五", None, "日期：2026-11-01"],
        [],
    ]
    for content in (making.xlsx(grid), making.xls(grid)):
        verdict = check(content)
        assert [row.number for row in verdict.rows] == [4, 7]
        assert verdict.good == 2
        assert verdict.file is not None and verdict.file.header_row == 3


def test_a_person_without_an_id_is_a_row_all_the_same() -> None:
    """ENR-03: empty cells are errors, not a reason to pass a person over."""
    grid = [
        HEADER,
        ["张三"],
        [None, "男"],
        [None, None, None, "13800000000"],
        ["李四", "男", None, "13800000001", "本科", UNIT],
    ]
    verdict = check(making.xlsx(grid))
    assert [row.number for row in verdict.rows] == [2, 3, 4, 5]
    assert verdict.good == 0
    assert {error.code for error in verdict.errors} == {"required"}


def test_columns_in_any_order_with_others_between() -> None:
    """ENR-03: reordered and additional columns, headings as other systems write them."""
    header = [
        "序号",
        "工 作\n单位",
        "* 文化程度",
        "联系电话（必填）",
        "备注",
        "公民身份号码",
        "性别：",
        "学员姓名",
        "年龄",
    ]
    rows = [
        [number, unit, education, phone, "无", id_number, gender, name, 40]
        for number, (name, gender, id_number, phone, education, unit) in enumerate(PEOPLE, start=1)
    ]
    spare = [[number] for number in range(6, 20)]  # numbered in advance, nobody in them
    verdict = check(making.xlsx([header, *rows, *spare]))
    assert (len(verdict.rows), verdict.good) == (5, 5)
    assert verdict.rows[0].name == PEOPLE[0][0]


def test_the_plain_heading_wins_over_its_synonyms() -> None:
    """ENR-03: 手机号 beside 联系电话, 工作单位 beside 单位."""
    header = ["联系电话", "单位", *HEADER]
    verdict = check(making.xlsx([header, *(["0571-1", "某处", *row] for row in PEOPLE)]))
    assert verdict.good == 5


def test_headers_of_two_lines() -> None:
    """ENR-03: merged headers, and headers of two lines without merging."""
    upper = ["姓名", "性别", "身份证号", "联系方式", None, "学历", "工作单位"]
    lower = [None, None, None, "手机号", "邮箱", None, None]
    rows = [[*row[:4], "a@b.cn", *row[4:]] for row in PEOPLE]
    book = openpyxl.Workbook()
    for cells in (["汇总表"], upper, lower, *rows):
        book.active.append(cells)
    plain = making.saved(book)
    for letter in "ABCFG":
        book.active.merge_cells(f"{letter}2:{letter}3")
    book.active.merge_cells("D2:E2")
    book.active.merge_cells("A1:G1")
    for content in (plain, making.saved(book)):
        verdict = check(content)
        assert [row.number for row in verdict.rows] == [4, 5, 6, 7, 8]
        assert verdict.good == 5
        assert verdict.rows[0].email == "a@b.cn"


def test_work_unit_merged_over_all_people() -> None:
    """ENR-03: one merged cell for everybody's work unit."""
    book = openpyxl.Workbook()
    for cells in (HEADER, PEOPLE[0], *(row[:5] for row in PEOPLE[1:])):
        book.active.append(cells)
    book.active.merge_cells("F2:F6")
    assert check(making.saved(book)).good == 5


def test_header_repeated_on_every_page() -> None:
    """ENR-03: a header in the middle is no person."""
    verdict = check(making.xlsx([HEADER, *PEOPLE[:2], HEADER, *PEOPLE[2:]]))
    assert [row.number for row in verdict.rows] == [2, 3, 5, 6, 7]
    assert verdict.good == 5


def test_the_sheet_with_the_roster_is_found() -> None:
    """ENR-03: several sheets; an empty roster and a hidden one come after the filled and visible one."""
    book = openpyxl.Workbook()
    book.active.append(["说明", "请填写第二页"])
    for title, rows in (("空", []), ("藏", PEOPLE[:1]), ("名单", PEOPLE), ("又一", PEOPLE[:2])):
        sheet = book.create_sheet(title)
        for cells in (HEADER, *rows):
            sheet.append(cells)
    book["藏"].sheet_state = "hidden"
    verdict = check(making.saved(book))
    assert len(verdict.rows) == 5
    assert verdict.file is not None
    assert verdict.file.sheet_name == "名单"
    assert verdict.file.passed_over == ["藏", "又一"]


def test_number_cells() -> None:
    """ENR-03: phones as numbers are fine; an ID as a number has lost its digits."""
    book = openpyxl.Workbook()
    name, gender, id_number, phone, education, unit = PEOPLE[0]
    for cells in (
        HEADER,
        [name, gender, id_number, int(phone), education, unit],
        [name, gender, int(id_number), float(phone), education, unit],
        [name, gender, 330106740205042, phone, education, unit],
        [name, gender, "=1/0", phone, education, unit],
        [name, gender, True, phone, education, date(2026, 1, 1)],
    ):
        book.active.append(cells)
    verdict = check(making.saved(book))
    assert [(error.row, error.value, error.code) for error in verdict.errors] == [
        (3, "3.30106E+17", "id_scientific_notation"),
        (4, "330106740205042", "id_length"),
        (5, "", "required"),
        (6, "TRUE", "id_length"),
        (6, "2026-01-01", "unit_mismatch"),
    ]


def test_rows_with_nothing_but_the_unit_are_no_rows() -> None:
    """ENR-02: the template may carry the work unit in advance."""
    verdict = check(making.xlsx([HEADER, *PEOPLE, *([None] * 5 + [UNIT] for _ in range(50))]))
    assert len(verdict.rows) == 5


@pytest.mark.parametrize("missing", HEADER)
def test_a_missing_column_is_named(missing: str) -> None:
    """ENR-03: the sentence names the column that is missing."""
    place = HEADER.index(missing)
    grid = [[cell for at, cell in enumerate(row) if at != place] for row in (HEADER, *PEOPLE)]
    refusal = refused(making.xlsx(grid))
    assert refusal.code == "columns_missing"
    assert f"“{missing}”" in refusal.message
    assert list(refusal.items) == [missing]


def test_what_holds_no_roster_is_refused() -> None:
    """ENR-03: no header, nobody below it, too many rows."""
    assert refused(making.xlsx(PEOPLE)).code == "header_missing"
    assert refused("今天天气很好\n明天也是\n".encode()).code == "header_missing"
    assert refused(making.xlsx([HEADER])).code == "no_rows"
    assert refused(making.xlsx([HEADER, [], [NOTE]])).code == "no_rows"
    many = making.csv_text([HEADER, *([person(index % 900) for index in range(300)])]).encode()
    assert "100" in refused(many, limits=Limits(rows=100)).message
    assert refused(many, limits=Limits(rows=299)).code == "too_many_rows"
    assert len(check_roster(many, limits=Limits(rows=300)).rows) == 300


def test_rare_characters_survive_gb18030() -> None:
    """ENR-03: rare characters in names, four-byte GB 18030."""
    rows = [["㐂𠮷", *PEOPLE[0][1:]], ["阿迪力·艾合买提", *PEOPLE[1][1:]]]
    verdict = check(making.csv_text([HEADER, *rows]).encode("gb18030"))
    assert verdict.good == 2
    assert [row.name for row in verdict.rows] == ["㐂𠮷", "阿迪力·艾合买提"]


def test_template_comes_back_and_is_understood() -> None:
    """ENR-02: the template's columns, lists and words; filled in it is judged without errors."""
    buffer = io.BytesIO()
    write_template(buffer, organization_name=UNIT)
    book = openpyxl.load_workbook(buffer)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == list(ALL_COLUMNS)
    lists = [rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert lists == ['"男,女"', '"研究生,本科,大专,中专,高中,初中"']
    assert NOTE in INSTRUCTIONS[0]
    assert book["填写说明"]["A1"].value == INSTRUCTIONS[0]
    assert refused(buffer.getvalue()).code == "no_rows"
    for number, row in enumerate(PEOPLE, start=2):
        for place, value in enumerate(row[:5], start=1):
            sheet.cell(number, place, value)
    verdict = check(making.saved(book))
    assert (len(verdict.rows), verdict.good) == (5, 5)


def test_roster_is_given_back_marked_and_can_be_submitted_again() -> None:
    """ENR-04: wrong cells red with a note, a last column 问题; corrected it is good."""
    wrong = ["=张三", "女", "1.10101E+17", "", "大学", UNIT]
    verdict = check(making.xlsx([["标题"], HEADER, PEOPLE[0], [], wrong, PEOPLE[1]]))
    buffer = io.BytesIO()
    write_marked_roster(buffer, verdict)
    again = check(buffer.getvalue())
    assert again.as_json() == verdict.as_json()
    book = openpyxl.load_workbook(buffer)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]] == [*HEADER, "问题"]
    red = [
        cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"
    ]
    assert red == ["A5", "C5", "D5", "E5"]
    [id_error] = [error for error in verdict.errors if error.column == "身份证号"]
    assert sheet["C5"].comment.text == id_error.message
    assert all(error.message in sheet["G5"].value for error in verdict.errors)
    for place, value in enumerate(PEOPLE[2], start=1):
        sheet.cell(5, place, value)
    assert check(making.saved(book)).good == 3


def test_only_the_wrong_rows_are_given_back_when_the_good_ones_are_stored() -> None:
    """ENR-04: after the good rows were confirmed, the rest is a roster of its own."""
    wrong = [*PEOPLE[1][:3], "1", *PEOPLE[1][4:]]
    buffer = io.BytesIO()
    write_marked_roster(buffer, check(making.xlsx([HEADER, PEOPLE[0], wrong])), only_wrong=True)
    verdict = check(buffer.getvalue())
    assert [(row.number, row.good) for row in verdict.rows] == [(2, False)]


SAMPLE = making.csv_text([HEADER, *PEOPLE])


@given(st.text(max_size=30), st.integers(0, len(SAMPLE)), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@settings(deadline=None, max_examples=200)
def test_any_disturbance_is_judged_or_refused(junk: str, place: int, encoding: str) -> None:
    """ENR-03: text thrown into a roster anywhere."""
    content = (SAMPLE[:place] + junk + SAMPLE[place:]).encode(encoding, "replace")
    try:
        document = check(content).as_json()
    except SheetRefusedError as refusal:
        assert refusal.message
    else:
        assert document["rows"] >= document["good"] >= 0


@pytest.mark.parametrize(
    "header",
    [
        "姓名*|性别（男/女）|身份证号（18位）|手机号\n（必填）|学历▼|工作单位（全称）",
        "姓名 Name|性别 Gender|身份证号 ID No.|手机号 Mobile|学历 Education|工作单位 Company",
        "姓名 ★|性别 ★|身份证号 ★|手机号 ★|学历 ★|工作单位 ★",
        "人员姓名|人员性别|人员身份证号|人员手机号|人员学历|人员工作单位",
        "学员姓名|学员性别|学员身份证号码|学员手机号码|学员最高学历|学员工作单位",
        "姓名|性别|身份证号码/证件号码|手机号/联系电话|文化程度/学历|用人单位",
        "1.姓名|2.性别|3.身份证号|4.手机号码|5.学历|6.工作单位或学校",
        "【姓名】|【性别】|【身份证号】|【手机】|【文化程度】|企业全称",
    ],
)
def test_headings_with_remarks_marks_and_second_names(header: str) -> None:
    """ENR-03: headings as other people's templates write them."""
    verdict = check(making.xlsx([header.split("|"), *PEOPLE]))
    assert (len(verdict.rows), verdict.good) == (5, 5)


def test_a_heading_that_names_two_columns_is_neither() -> None:
    """ENR-03: no guess whether 姓名/身份证号 is the one or the other; the missing columns are named."""
    header = ["姓名/身份证号", *HEADER[1:2], "证件", *HEADER[3:]]
    assert "“姓名”“身份证号”" in refused(making.xlsx([header, *PEOPLE])).message


def test_exports_that_keep_numbers_from_being_counted() -> None:
    """ENR-03: a tab before each value, or every value as ="…", as web systems export their lists."""
    grid = [HEADER, *PEOPLE]
    for text in (
        making.csv_text([[f"\t{cell}" for cell in row] for row in grid]),
        making.csv_text([[f"{cell}\t" for cell in row] for row in grid]),
        making.csv_text([[f'="{cell}"' for cell in row] for row in grid]),
        making.csv_text([["", *row, ""] for row in grid], "\t"),
    ):
        assert check(text.encode("gb18030")).good == 5, text[:60]


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = run(list(arguments))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    return code, json.loads(lines[0])


def test_command_prints_the_contract(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """ENR-03: `zhupei check-roster` answers as interfaces.md says."""
    path = tmp_path / "名单.xlsx"
    path.write_bytes(making.xlsx([HEADER, PEOPLE[0], [*PEOPLE[1][:2], "1.10101E+17", *PEOPLE[1][3:]]]))
    code, document = command(capsys, str(path), "--organization", "别的公司", "--on", "2026-11-01")
    assert code == 0
    assert (document["rows"], document["good"]) == (2, 0)
    assert document["errors"][1] == {
        "row": 3,
        "column": "身份证号",
        "value": "1.10101E+17",
        "code": "id_scientific_notation",
        "message": document["errors"][1]["message"],
    }
    assert [error["code"] for error in document["errors"]] == [
        "unit_mismatch", "id_scientific_notation", "unit_mismatch",
    ]  # fmt: skip
    assert command(capsys, str(path))[1]["good"] == 1
    assert command(capsys, str(path), "--on", "1980-01-01")[1]["good"] == 0


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["x.xlsx", "--on", "tomorrow"], ["/nothing/here.xlsx"]]
)
def test_command_refuses_with_one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """ENR-03: refused with exit code 2 and nothing but the sentence."""
    code, document = command(capsys, *arguments)
    assert code == 2
    assert list(document) == ["refused"]
    assert document["refused"].endswith(("。", "]"))


def test_command_needs_no_django_and_no_locale(tmp_path: Path) -> None:
    """ENR-03: works on files alone, whatever the terminal's locale."""
    path = tmp_path / "a.csv"
    path.write_bytes(making.csv_text([HEADER, ["张3", *PEOPLE[0][1:]]]).encode("gb18030"))
    program = (
        "import sys; from zhupei.cli.check_roster import run; code = run(sys.argv[1:]);"
        "assert 'django' not in sys.modules; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "src"), "LC_ALL": "C", "PYTHONUTF8": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout.decode("utf-8"))["errors"][0]["code"] == "name_invalid"

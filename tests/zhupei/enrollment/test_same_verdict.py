"""One judge: a file gets the same verdict from the command and from the enrollment page (interfaces 1)."""

from __future__ import annotations

import io
import json

import pytest
import xlwt
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.jobs import services as jobs
from foundation.sheets.reader import SheetRefusedError
from tests.foundation.sheets import making
from tests.rosters import HEAD, roster_file
from tests.world import jpeg
from zhupei.cli import check_materials, check_roster
from zhupei.enrollment import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def spoiled(applicant):
    """Good rows and, below, a row for every kind of error of the contract."""
    rows = applicant.rows(14)
    changes = {
        1: {0: "张3"}, 2: {1: "不详"}, 3: {1: {"男": "女", "女": "男"}[rows[3][1]]}, 4: {2: "1.10101E+17"},
        5: {2: rows[5][2][:17]}, 6: {2: rows[6][2][:17] + ("1" if rows[6][2][17] != "1" else "2")},
        7: {2: rows[7][2][:6] + "19990230" + rows[7][2][14:]}, 8: {3: "0571-88888888"}, 9: {4: "大学"},
        10: {5: "别的公司"}, 11: {2: rows[0][2]}, 12: {0: None}, 13: {0: None, 1: None, 2: None},
    }  # fmt: skip
    for number, cells in changes.items():
        for place, value in cells.items():
            rows[number][place] = value
    return rows


def by_command(capsys, path, *options):
    code = check_roster.run([str(path), *options])
    return code, json.loads(capsys.readouterr().out)


def on_screen(applicant, content):
    """The page's verdict, or its refusal."""
    try:
        roster = services.start_roster(applicant.actor, applicant.offer, "名单.xlsx", content)
    except SheetRefusedError as refused:
        return 2, {"refused": refused.message}
    roster.refresh_from_db()
    return 0, services.verdict_of(roster).as_json()


def test_rosters(applicant, spoiled, capsys, tmp_path):
    """ENR-03: rows, figures, every error; refusals word for word."""
    head = [f"学员{HEAD[0]}*", *HEAD[1:]]
    grid = [["报名人员信息汇总表"], HEAD, *spoiled, [], ["注：性别、学历请从列表中选择。"]]
    files = [
        roster_file(spoiled),
        roster_file(spoiled, head),
        making.xls(grid),
        making.csv_text([HEAD, *[[cell or "" for cell in row] for row in spoiled]]).encode("gb18030"),
        roster_file([]),
        b"",
        b"%PDF-1.4",
        roster_file(spoiled)[:900],
        making.xlsx([HEAD[:4], spoiled[0][:4]]),
    ]
    for content in files:
        path = tmp_path / "名单"
        path.write_bytes(content)
        answer = by_command(capsys, path, "--organization", applicant.organization.name)
        assert answer == on_screen(applicant, content)
    code, document = by_command(capsys, tmp_path / "名单", "--on", "2026-11-01")
    assert (code, list(document)) == (2, ["refused"])


def test_odd_bytes_in_cells_and_sheet_names_do_no_harm(applicant, spoiled):
    """ENR-03: characters that the database does not take are no reason to fail."""
    book = xlwt.Workbook(encoding="utf-8")
    for name in ("名\x01单", "另一\x02张"):
        sheet = book.add_sheet(name)
        for number, cells in enumerate([HEAD, *spoiled[:3]]):
            for place, value in enumerate(cells):
                sheet.write(number, place, f"{value}\0\x0b")
    out = io.BytesIO()
    book.save(out)
    code, document = on_screen(
        applicant, out.getvalue().replace("另一\x02".encode("utf-16-le"), "另\0\x02".encode("utf-16-le"))
    )
    assert (code, document["rows"]) == (0, 3)


def test_archives(applicant, capsys, tmp_path):
    """MAT-02: matched and problems, entry by entry."""
    rows = applicant.rows(3)
    batch = services.confirm_roster(applicant.actor, applicant.upload(rows))
    first, second, third = (row[2] for row in rows)
    entries = {
        f"资料/{first}$头像.jpg": jpeg(),
        f"资料/{first.lower()}＄身份证正面.JPG": jpeg(),
        f"{second}$头像.jpg": b"no picture",
        f"又一个/{second}$头像.png": jpeg(),
        f"再一个/{second}$头像.png": jpeg(),
        f"{third}$体检表.jpg": jpeg(),
        "110101198001010010$头像.jpg": jpeg(),
        f"{third}$报名表.jpg": bytes(5 << 20),
        "../x.jpg": jpeg(),
        "Thumbs.db": b"x",
    }
    content = making.archive(entries)
    (tmp_path / "a.zip").write_bytes(content)
    (tmp_path / "r.xlsx").write_bytes(roster_file(rows))
    assert check_materials.run([str(tmp_path / "a.zip"), "--roster", str(tmp_path / "r.xlsx")]) == 0
    command = json.loads(capsys.readouterr().out)
    upload = services.start_archive(applicant.actor, batch, SimpleUploadedFile("a.zip", content))
    jobs.run_pending()
    upload.refresh_from_db()
    assert upload.result["problems"] == command["problems"]
    assert upload.result["matched"] == len(command["matched"]) == 3
    assert [item["code"] for item in command["problems"]] == [
        "unreadable_image", "duplicate", "unknown_kind", "unknown_person", "compression_ratio", "unsafe_path",
    ]  # fmt: skip

"""The same printouts as workbooks: sign-in sheet, summary sheet, list of tickets (ASM-04)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from foundation.sheets.writer import FONT, HEADING, CellWriter, ExportColumn, clean_text, safe_sheet_name
from zhupei.assessment.documents.facts import ExamFacts, Examinee
from zhupei.assessment.documents.pdf import by_organization, occupation_totals

PLACE = (
    ExportColumn("场次", 8),
    ExportColumn("考试日期", 20),
    ExportColumn("时间", 13),
    ExportColumn("考场", 11),
    ExportColumn("机房", 14),
    ExportColumn("座位", 6, align="center"),
)
TICKETS = (
    ExportColumn("准考证号", 18),
    ExportColumn("姓名", 10),
    ExportColumn("性别", 6, align="center"),
    ExportColumn("身份证号", 21),
    ExportColumn("工种（岗位）", 20),
    ExportColumn("报名企业", 32),
    *PLACE,
    ExportColumn("考核类型", 9, align="center"),
)
SIGN_IN = (
    ExportColumn("座位", 6, align="center"),
    ExportColumn("准考证号", 18),
    ExportColumn("姓名", 10),
    ExportColumn("性别", 6, align="center"),
    ExportColumn("身份证号", 21),
    ExportColumn("报名企业", 34),
    ExportColumn("签名", 18),
    ExportColumn("备注", 14),
)
ROOMS = (
    *PLACE[:5],
    ExportColumn("工种（岗位）", 22),
    ExportColumn("座位范围", 11, align="center"),
    ExportColumn("人数", 8),
    ExportColumn("其中补考", 9),
)
OCCUPATIONS = (ExportColumn("工种（岗位）", 24), ExportColumn("人数", 8), ExportColumn("其中补考", 9))


class _Book:
    """A workbook in memory, one sheet after another."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._buffer, {"in_memory": True})

    def sheet(
        self,
        name: str,
        lines: Sequence[str],
        columns: Sequence[ExportColumn],
        rows: Iterable[Sequence[Any]],
        *,
        row_height: float = 20,
    ) -> None:
        """A sheet with lines above its frozen heading row, to print on A4 lying."""
        sheet = self._book.add_worksheet(safe_sheet_name(name))
        title = self._book.add_format(FONT | {"bold": True, "font_size": 14})
        plain, heading = self._book.add_format(FONT), self._book.add_format(HEADING)
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, clean_text(line), plain if number else title)
        top = len(lines)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(top, place, column.heading, heading)
        sheet.freeze_panes(top + 1, 0)
        sheet.repeat_rows(top)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        cells = CellWriter(self._book, sheet, columns)
        for number, row in enumerate(rows, start=top + 1):
            sheet.set_row(number, row_height)
            for place, value in enumerate(row):
                cells.write(number, place, value)

    def data(self) -> bytes:
        self._book.close()
        return self._buffer.getvalue()


def _person(each: Examinee) -> tuple[str, ...]:
    return (each.ticket_number, each.name, each.gender, each.id_number, each.occupation)


def _seat(each: Examinee) -> tuple[str, ...]:
    kind = "补考" if each.is_resit else "初考"
    return (each.session, each.day, each.time, each.room, each.computer_room, each.seat, kind)


def tickets_xlsx(facts: ExamFacts) -> bytes:
    """准考证号一览: everybody by room and seat."""
    book = _Book()
    book.sheet(
        "准考证",
        (f"{facts.name} 准考证号一览", f"{facts.institution}　考点：{facts.site}，{facts.address}"),
        TICKETS,
        ((*_person(each), each.organization, *_seat(each)) for each in facts.people),
    )
    return book.data()


def sign_in_xlsx(facts: ExamFacts) -> bytes:
    """签到表: one sheet an exam room, with a place for the signature."""
    book = _Book()
    for room in facts.rooms:
        book.sheet(
            f"{room.number}考场",
            (
                f"{facts.name} 签到表 {room.label}",
                f"{room.session}　{room.day} {room.time}　{room.computer_room}　{room.occupation}　应到 {len(room.people)} 人",
                "实到＿＿＿人　缺考＿＿＿人　　监考员签名：",
            ),
            SIGN_IN,
            (
                (each.seat, each.ticket_number, each.name, each.gender, each.masked_id, each.organization)
                for each in room.people
            ),
            row_height=26,
        )
    return book.data()


def summary_xlsx(facts: ExamFacts) -> bytes:
    """汇总表: rooms, occupations, people by organization."""
    book = _Book()
    head = (f"{facts.name} 考核汇总表", f"{facts.institution}　共 {len(facts.people)} 人")
    book.sheet(
        "考场",
        head,
        ROOMS,
        (
            (
                room.session,
                room.day,
                room.time,
                room.label,
                room.computer_room,
                room.occupation,
                room.seats,
                len(room.people),
                sum(each.is_resit for each in room.people),
            )
            for room in facts.rooms
        ),
    )
    book.sheet("工种（岗位）", head, OCCUPATIONS, occupation_totals(facts))
    book.sheet(
        "考生",
        head,
        (ExportColumn("报名企业", 34), *TICKETS[:5], *PLACE, TICKETS[-1]),
        ((name, *_person(each), *_seat(each)) for name, people in by_organization(facts) for each in people),
    )
    return book.data()

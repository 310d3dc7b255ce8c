"""土建类本专业、相关专业对应表: which majors count for which occupations (CAT-02).

Attachment 5 of the enrollment guide, excerpt of 《建筑与市政工程施工现场专业人员职业标准》. The rows here
are those of the downloadable form; the catalog holds the table in force.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.documents.engine import render_pdf
from foundation.documents.word import HEI, SONG, WordForm

TEMPLATE = Path(__file__).with_name("majors.typ")

ATTACHMENT = "附件5"
TITLE = ("施工现场专业人员职业培训", "土建类本专业、相关专业对应表")
SOURCE = "摘自《建筑与市政工程施工现场专业人员职业标准》"
COLUMNS = ("序号", "学历层次", "施工员、质量员、\n标准员、安全员、机械员", "材料员、劳务员、资料员")
WIDTHS_MM = (12.0, 30.0, 66.0, 66.0)


@dataclass(frozen=True)
class MajorsRow:
    """One level of education and the majors that count for each of the two groups of occupations."""

    level: str
    builders: str
    clerks: str


GUIDE_ROWS = (
    MajorsRow(
        "土建类研究生\n本专业",
        "土木工程（一级学科）、建筑与土木工程（工程硕士）",
        "土木工程（一级学科）、管理科学与工程、建筑与土木工程（工程硕士）",
    ),
    MajorsRow(
        "土建类本科\n本专业",
        "土木工程、建筑环境与设备工程、给水排水工程、工程管理",
        "土木工程、建筑环境与设备工程、给水排水工程、工程管理",
    ),
    MajorsRow(
        "土建类专科\n本专业",
        "建筑设计类、土建施工类、建筑设备类、工程管理类、市政工程类",
        "建筑设计类、土建施工类、建筑设备类、工程管理类、市政工程类、房地产类",
    ),
    MajorsRow(
        "土建类研究生\n相关专业",
        "建筑学（一级学科）、管理科学与工程",
        "建筑学（一级学科）",
    ),
    MajorsRow(
        "土建类本科\n相关专业",
        "建筑学、城市规划",
        "建筑学、城市规划、电气工程及其自动化",
    ),
    MajorsRow(
        "土建类专科\n相关专业",
        "城镇规划与管理类、房地产类、公路监理、道路桥梁工程技术、高速铁道技术、电气化铁道技术、铁道工程技术、"
        "城市轨道交通工程技术、港口工程技术、管道工程技术、管道工程施工、水利工程与管理类",
        "城镇规划与管理类、房地产类、公路监理、道路桥梁工程技术、高速铁道技术、电气化铁道技术、铁道工程技术、"
        "城市轨道交通工程技术、港口工程技术、管道工程技术、管道工程施工、水利工程与管理类",
    ),
    MajorsRow(
        "土建类中职\n本专业",
        "建筑工程施工、建筑装饰、古建筑修缮与仿建、土建工程检测、建筑设备安装、供热通风与空调施工运行、"
        "给排水工程施工与运行、楼宇智能化设备安装与运行",
        "建筑工程施工、建筑装饰、城镇建设、工程造价、古建筑修缮与仿建、土建工程检测、建筑设备安装、"
        "供热通风与空调施工运行、给排水工程施工与运行、工程施工机械运用与维修",
    ),
    MajorsRow(
        "土建类中职\n相关专业",
        "城镇建设、道路与桥梁工程施工、市政工程施工、铁道施工与养护、水电工程建筑施工",
        "道路与桥梁工程施工、铁道施工与养护、水电工程建筑施工、市政工程施工、物业管理、房地产营销与管理",
    ),
)


def majors_pdf(rows: Sequence[MajorsRow] = GUIDE_ROWS) -> bytes:
    """The table as PDF; `rows` may come from the catalog in force."""
    return render_pdf(
        TEMPLATE,
        {
            "attachment": ATTACHMENT,
            "title": TITLE,
            "source": SOURCE,
            "columns": COLUMNS,
            "widths": WIDTHS_MM,
            "rows": rows,
        },
    )


def majors_docx(rows: Sequence[MajorsRow] = GUIDE_ROWS) -> bytes:
    """The same table as an editable Word document."""
    word = WordForm("".join(TITLE), margins=(20, 18, 18, 18))
    word.attachment(ATTACHMENT)
    word.headline(*TITLE, size=18)
    word.paragraph(SOURCE, font=SONG, size=10.5, align="center", after=8)
    grid = word.table(WIDTHS_MM, [13.0] * (len(rows) + 1))
    for column, words in enumerate(COLUMNS):
        grid.write(0, column, words, font=HEI)
    for number, row in enumerate(rows, start=1):
        grid.write(number, 0, str(number))
        for column, words in enumerate((row.level, row.builders, row.clerks), start=1):
            align = "center" if column == 1 else "left"
            grid.write(number, column, words, align=align, fit=False, padding=4, line=16)
    word.number_pages()
    grid.let_rows_grow()
    grid.repeat_first_row()
    return word.save()

"""土建类本专业、相关专业对应表: which majors count for which occupations (CAT-02).

Attachment 5 of the enrollment guide, excerpt of 《建筑与市政工程施工现场专业人员职业标准》. The rows are the
catalog's default ones; rows of the table in force can be given instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foundation.documents.engine import render_pdf
from foundation.documents.word import HEI, SONG, WordForm
from zhupei.catalog.guide import guide_columns, guide_rows

TEMPLATE = Path(__file__).with_name("majors.typ")

ATTACHMENT = "附件5"
TITLE = ("施工现场专业人员职业培训", "土建类本专业、相关专业对应表")
SOURCE = "摘自《建筑与市政工程施工现场专业人员职业标准》"
COLUMNS = ("序号", "学历层次", *(label.replace("质量员、", "质量员、\n") for label in guide_columns()))
WIDTHS_MM = (12.0, 30.0, 66.0, 66.0)


@dataclass(frozen=True)
class MajorsRow:
    """One level of education and the majors that count for each of the two groups of occupations."""

    level: str
    builders: str
    clerks: str


GUIDE_ROWS = tuple(
    MajorsRow(f"土建类{row.tier}\n{row.relation}", *("、".join(majors) for majors in row.columns))
    for row in guide_rows()
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

"""报名人员信息汇总表: the list of the people of one enrollment, to print, seal and keep (ENR-02).

Layout and wording: attachment 4 of the enrollment guide for site professionals. The spreadsheet that is
imported is made elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docx.shared import Mm

from foundation.documents.engine import render_pdf
from foundation.documents.word import HEI, SONG, WordForm, add_text
from zhupei.enrollment.roster_columns import REQUIRED_COLUMNS

TEMPLATE = Path(__file__).with_name("roster_summary.typ")

ATTACHMENT = "附件4"
TITLE = "报名人员信息汇总表"
NOTE = (
    "模板内容皆为必填，身份证号不可以是这种‘1.10101E+17’格式，性别、学历信息请从列表中选择，"
    "‘工作单位’填写工作单位的全称，请按要求填写"
)
BLANK_ROWS = 13
WIDTHS_MM = (24.0, 13.0, 42.0, 28.0, 18.0, 49.0)
ROW_MM = 11.0


@dataclass(frozen=True)
class RosterLine:
    """One person of the list."""

    name: str
    gender: str
    id_number: str
    phone: str
    education: str
    work_unit: str

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.name, self.gender, self.id_number, self.phone, self.education, self.work_unit)


@dataclass(frozen=True)
class RosterSummary:
    """The list of one batch. The facts about the batch are printed above the table when they are known."""

    people: Sequence[RosterLine] = ()
    batch_number: str = ""
    organization_name: str = ""
    institution_name: str = ""
    occupation: str = ""
    delivery: str = ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        pairs = (
            ("报名单位", self.organization_name),
            ("培训机构", self.institution_name),
            ("报考岗位", self.occupation),
            ("培训方式", self.delivery),
            ("报名批次", self.batch_number),
            ("人数", f"{len(self.people)} 人" if self.people else ""),
        )
        return [pair for pair in pairs if pair[1]]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        filled = [line.cells for line in self.people]
        return filled or [("",) * len(REQUIRED_COLUMNS)] * BLANK_ROWS


def roster_summary_pdf(roster: RosterSummary) -> bytes:
    """The list as PDF; the head row is repeated on every page, pages are numbered."""
    return render_pdf(
        TEMPLATE,
        {
            "attachment": ATTACHMENT,
            "title": TITLE,
            "columns": REQUIRED_COLUMNS,
            "widths": WIDTHS_MM,
            "row_height": ROW_MM,
            "facts": roster.facts,
            "rows": roster.rows,
            "note": NOTE,
        },
    )


def roster_summary_docx(roster: RosterSummary) -> bytes:
    """The same list as an editable Word document."""
    word = WordForm(TITLE, margins=(20, 18, 18, 18))
    word.attachment(ATTACHMENT)
    word.headline(TITLE)
    facts = roster.facts
    for first in range(0, len(facts), 2):
        line = word.paragraph(line=17)
        line.paragraph_format.tab_stops.add_tab_stop(Mm(sum(WIDTHS_MM) / 2))
        add_text(
            line,
            "\t".join(f"{name}：{value}" for name, value in facts[first : first + 2]),
            font=SONG,
            size=10.5,
        )
    rows = roster.rows
    grid = word.table(WIDTHS_MM, [ROW_MM] * (len(rows) + 2))
    for column, words in enumerate(REQUIRED_COLUMNS):
        grid.write(0, column, words, font=HEI, size=11)
    for number, row in enumerate(rows, start=1):
        for column, words in enumerate(row):
            grid.write(number, column, words)
    grid.write(len(rows) + 1, 0, NOTE, columns=len(REQUIRED_COLUMNS), align="left", size=9)
    word.number_pages()
    grid.repeat_first_row()
    return word.save()

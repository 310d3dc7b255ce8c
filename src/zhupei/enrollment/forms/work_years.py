"""工作年限证明: the work unit's statement of a person's years of practice (ENR-06, MAT-01).

Layout and wording: attachment 3 of the enrollment guide for site professionals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from foundation.documents.engine import render_pdf
from foundation.documents.text import BLANK_DATE
from foundation.documents.word import FANG, HEI, WordForm, add_blank, add_text

TEMPLATE = Path(__file__).with_name("work_years.typ")

ATTACHMENT = "附件3"
TITLE = "施工现场专业岗位工作年限证明"
BEFORE_NAME = "我单位"
AFTER_NAME = "同志，已累计从事住房城乡建设行业施工现场专业岗位工作共"
AFTER_YEARS = "年。"
COLUMNS = ("起\u3000止\u3000年\u3000月", "从事何种岗位工作")
BLANK_PERIOD = "\u3000\u3000年\u3000\u3000月 — \u3000\u3000年\u3000\u3000月"
CONDUCT = "在我单位工作期间，该同志遵纪守法，无违反职业道德的行为。"
CLOSING = "特此证明。"
SEAL = "企\u3000业（盖章）："
SIGNATURE = "负责人（签名）："

LEAST_ROWS = 5
ROWS_HEIGHT_MM = 88.0
TALLEST_ROW_MM = 13.0


@dataclass(frozen=True)
class WorkPeriod:
    """From one month to another (or until now) in one post."""

    start: date
    end: date | None
    post: str

    @property
    def months(self) -> str:
        until = f"{self.end.year} 年 {self.end.month:02} 月" if self.end else "至今"
        return f"{self.start.year} 年 {self.start.month:02} 月 — {until}"


@dataclass(frozen=True)
class WorkYearsCertificate:
    """One person's certificate; empty values leave blanks. `years` is in words or figures, e.g. `8`."""

    name: str = ""
    years: str = ""
    periods: Sequence[WorkPeriod] = ()
    work_unit: str = ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The table's rows, with empty ones up to LEAST_ROWS."""
        rows = [(period.months, period.post) for period in self.periods]
        return rows + [(BLANK_PERIOD, "")] * (LEAST_ROWS - len(rows))

    @property
    def row_height(self) -> float:
        """Millimeters; many periods share a fixed height, so that the certificate stays on one page."""
        return min(TALLEST_ROW_MM, ROWS_HEIGHT_MM / len(self.rows))


def work_years_pdf(certificates: Sequence[WorkYearsCertificate]) -> bytes:
    """One page a person, in the order given; no person gives one blank certificate."""
    return render_pdf(
        TEMPLATE,
        {
            "attachment": ATTACHMENT,
            "title": TITLE,
            "before_name": BEFORE_NAME,
            "after_name": AFTER_NAME,
            "after_years": AFTER_YEARS,
            "columns": COLUMNS,
            "conduct": CONDUCT,
            "closing": CLOSING,
            "seal": SEAL,
            "signature": SIGNATURE,
            "date": BLANK_DATE,
            "people": [
                {
                    "name": certificate.name,
                    "years": certificate.years,
                    "rows": certificate.rows,
                    "row_height": certificate.row_height,
                    "work_unit": certificate.work_unit,
                }
                for certificate in certificates or [WorkYearsCertificate()]
            ],
        },
    )


WIDTHS = [78.0, 78.0]
HEADER_MM = 13.0
POINTS = 15
LINE_POINTS = 28
LONG_NAME = 20


def work_years_docx(certificate: WorkYearsCertificate) -> bytes:
    """The same certificate as an editable Word document."""
    word = WordForm(TITLE, margins=(28, 27, 25, 27))
    word.attachment(ATTACHMENT)
    word.headline(TITLE)
    opening = word.paragraph(indent=2 * POINTS, line=LINE_POINTS, align="justify", after=8)
    add_text(opening, BEFORE_NAME, font=FANG, size=POINTS)
    add_blank(opening, certificate.name, ems=6, font=FANG, size=POINTS)
    add_text(opening, AFTER_NAME, font=FANG, size=POINTS)
    add_blank(opening, certificate.years, ems=3, font=FANG, size=POINTS)
    add_text(opening, AFTER_YEARS, font=FANG, size=POINTS)
    rows = certificate.rows
    grid = word.table(WIDTHS, [HEADER_MM, *[certificate.row_height] * len(rows)])
    for column, words in enumerate(COLUMNS):
        grid.write(0, column, words, font=HEI, size=12)
    for number, row in enumerate(rows, start=1):
        for column, words in enumerate(row):
            grid.write(number, column, words, size=12)
    for words, before in ((CONDUCT, 12), (CLOSING, 0)):
        word.paragraph(words, size=POINTS, indent=2 * POINTS, line=LINE_POINTS, before=before)
    left = POINTS * (7 if len(certificate.work_unit) <= LONG_NAME else 1)
    before = 36 if len(rows) == LEAST_ROWS else 12
    word.paragraph(
        SEAL + certificate.work_unit, size=POINTS, before=before, left=left, line=LINE_POINTS, after=14
    )
    word.paragraph(SIGNATURE, size=POINTS, left=left, line=LINE_POINTS, after=14)
    word.paragraph(BLANK_DATE, size=POINTS, align="right", line=LINE_POINTS)
    return word.save()

"""Word forms built in code: A4, Chinese fonts, ruled tables with rows of fixed height.

Sizes are in points, lengths in millimeters. Text of users goes through `clean`, and is set in smaller type
where it would not fit its cell.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from foundation.documents.pictures import Picture
from foundation.documents.text import clean, width_in_ems

SONG, FANG, HEI = "宋体", "仿宋", "黑体"
MM_PER_POINT = 25.4 / 72
CELL_MARGIN_MM = 1.0
LINE_HEIGHT = 1.2
SMALLEST_POINTS = 5.5

ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}
VERTICAL = {"top": WD_ALIGN_VERTICAL.TOP, "center": WD_ALIGN_VERTICAL.CENTER}


def fitting_size(value: str, width: float, height: float, size: float) -> float:
    """The largest size, from `size` down, at which `value` fits a cell of `width` × `height` mm."""
    while size > SMALLEST_POINTS:
        per_line = max(1.0, (width - 2 * CELL_MARGIN_MM) / (size * MM_PER_POINT))
        lines = sum(-(-width_in_ems(line) // per_line) or 1 for line in value.split("\n"))
        if lines * size * MM_PER_POINT * LINE_HEIGHT <= height - 1:
            break
        size -= 0.5
    return max(size, SMALLEST_POINTS)


def add_text(
    paragraph: Paragraph,
    value: str,
    *,
    font: str = FANG,
    size: float = 12,
    bold: bool = False,
    underline: bool = False,
) -> Run:
    """Add a run in a Chinese font (also as East Asian font, or Word would take its own)."""
    run = paragraph.add_run(clean(value))
    run.font.size = Pt(size)
    run.font.bold = bold
    run.font.underline = underline
    run.font.name = font
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:hAnsi", "w:cs"):
        fonts.set(qn(script), font)
    return run


def add_blank(paragraph: Paragraph, value: str, *, ems: int, font: str = FANG, size: float = 12) -> None:
    """An underlined blank at least `ems` characters wide, with `value` in its middle."""
    spare = max(0.0, ems - width_in_ems(value))
    left = "\u3000" * int(spare // 2)
    right = "\u3000" * (int(spare) - int(spare // 2))
    add_text(paragraph, left + value + right, font=font, size=size, underline=True)


def shape(
    paragraph: Paragraph,
    *,
    align: str = "left",
    before: float = 0,
    after: float = 0,
    line: float | None = None,
    indent: float = 0,
    left: float = 0,
) -> Paragraph:
    """Set a paragraph's spacing in points: `line` is an exact line height, `indent` of the first line."""
    look = paragraph.paragraph_format
    look.alignment = ALIGN[align]
    look.space_before, look.space_after = Pt(before), Pt(after)
    look.line_spacing = 1.0 if line is None else Pt(line)
    look.first_line_indent, look.left_indent = Pt(indent), Pt(left)
    return paragraph


class WordForm:
    """One A4 document under construction; `save()` gives its bytes."""

    def __init__(
        self,
        title: str,
        *,
        margins: tuple[float, float, float, float] = (22, 22, 20, 22),
        landscape: bool = False,
    ) -> None:
        """`margins` are top, right, bottom, left in millimeters."""
        self.document = Document()
        section = self.document.sections[0]
        size = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
        section.page_width, section.page_height = size
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        top, right, bottom, left = (Mm(margin) for margin in margins)
        section.top_margin, section.right_margin = top, right
        section.bottom_margin, section.left_margin = bottom, left
        section.header_distance = section.footer_distance = Mm(10)
        properties = self.document.core_properties
        properties.title, properties.author, properties.comments = clean(title), "", ""
        properties.language = "zh-CN"
        properties.created = properties.modified = datetime.now(UTC).replace(microsecond=0)
        self._set_default_font()

    def _set_default_font(self) -> None:
        normal: Any = self.document.styles["Normal"]
        normal.font.name, normal.font.size = SONG, Pt(10.5)
        properties = normal.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for script in ("w:eastAsia", "w:hAnsi", "w:cs"):
            fonts.set(qn(script), SONG)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "zh-CN")
        language.set(qn("w:eastAsia"), "zh-CN")
        properties.append(language)

    def paragraph(
        self, value: str = "", *, font: str = FANG, size: float = 12, bold: bool = False, **look: Any
    ) -> Paragraph:
        """A paragraph; `look` as in `shape`."""
        paragraph = shape(self.document.add_paragraph(), **look)
        if value:
            add_text(paragraph, value, font=font, size=size, bold=bold)
        return paragraph

    def attachment(self, words: str) -> None:
        """The mark in the upper left corner, e.g. 附件1."""
        self.paragraph(words, font=HEI, size=14, after=10)

    def headline(self, *lines: str, size: float = 22) -> None:
        """The form's title, centered."""
        for line in lines:
            last = line == lines[-1]
            self.paragraph(
                line,
                font=SONG,
                size=size,
                bold=True,
                align="center",
                line=size * 1.4,
                after=14 if last else 0,
            )

    def table(self, widths: Sequence[float], heights: Sequence[float]) -> Grid:
        """A ruled table with columns and rows of the given sizes (mm)."""
        return Grid(self.document.add_table(len(heights), len(widths)), widths, heights)

    def number_pages(self) -> None:
        """`第 1 页，共 3 页` at the foot of every page."""
        footer = shape(self.document.sections[0].footer.paragraphs[0], align="right")
        for words, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
            add_text(footer, words, font=SONG, size=9)
            if field:
                _add_field(footer, field)

    def save(self) -> bytes:
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()


def _add_field(paragraph: Paragraph, code: str, *, size: float = 9) -> None:
    """A field that Word works out by itself, such as PAGE."""
    for kind in ("begin", "", "separate", "1", "end"):
        if kind == "1":
            add_text(paragraph, kind, font=SONG, size=size)
            continue
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = code
        add_text(paragraph, "", font=SONG, size=size)._element.append(part)


class Grid:
    """A table of fixed geometry, addressed by row and column of its finest grid."""

    def __init__(self, table: Table, widths: Sequence[float], heights: Sequence[float]) -> None:
        self.table, self.widths, self.heights = table, widths, heights
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        self._set_margins()
        # python-docx works out its grid anew for each cell asked for: ask once
        self._cells = [list(row.cells) for row in table.rows]
        self._merged: dict[tuple[int, int], _Cell] = {}
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row, cells, height in zip(table.rows, self._cells, heights, strict=True):
            row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.EXACTLY
            for cell, width in zip(cells, widths, strict=True):
                cell.width = Mm(width)

    def _set_margins(self) -> None:
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), str(round(CELL_MARGIN_MM * 1440 / 25.4)))
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        self.table._tbl.tblPr.append(margins)

    def repeat_first_row(self) -> None:
        """The first row is shown again on every page."""
        mark = OxmlElement("w:tblHeader")
        mark.set(qn("w:val"), "true")
        self.table.rows[0]._tr.get_or_add_trPr().append(mark)

    def let_rows_grow(self) -> None:
        """Rows become at least, not exactly, as high as given; none is split over two pages."""
        for row in self.table.rows:
            row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))

    def cell(self, row: int, column: int, *, rows: int = 1, columns: int = 1) -> _Cell:
        """The cell at `row`, `column`, merged over `rows` × `columns` the first time it is asked for."""
        if (row, column) not in self._merged:
            first = self._cells[row][column]
            if rows > 1 or columns > 1:
                first = first.merge(self._cells[row + rows - 1][column + columns - 1])
            self._merged[row, column] = first
        return self._merged[row, column]

    def write(
        self,
        row: int,
        column: int,
        value: str,
        *,
        rows: int = 1,
        columns: int = 1,
        font: str = SONG,
        size: float = 10.5,
        align: str = "center",
        fit: bool = True,
        line: float | None = None,
        padding: float = 0,
    ) -> None:
        """Write `value` into the merged cell, in smaller type where it would not fit.

        `line` is an exact line height and `padding` the room above and below, in points, for rows that grow.
        """
        cell = self.cell(row, column, rows=rows, columns=columns)
        width = sum(self.widths[column : column + columns])
        height = sum(self.heights[row : row + rows])
        cell.vertical_alignment = VERTICAL["center"]
        points = fitting_size(value, width, height, size) if fit else size
        paragraph = shape(
            cell.paragraphs[0], align=align, line=line or points * LINE_HEIGHT, before=padding, after=padding
        )
        if value:
            add_text(paragraph, value, font=font, size=points)

    def label(self, row: int, column: int, value: str, *, rows: int = 1, columns: int = 1) -> None:
        """The name of a field, in the labels' font."""
        self.write(row, column, value, rows=rows, columns=columns, font=HEI)

    def picture(self, cell: _Cell, picture: Picture, *, width: float, height: float, **look: Any) -> None:
        """A picture of JPEG or PNG in the middle of a cell, as large as `width` × `height` mm allow."""
        cell.vertical_alignment = VERTICAL["center"]
        first = cell.paragraphs[0]
        paragraph = first if not first.runs else cell.add_paragraph()
        shape(paragraph, **{"align": "center", **look})
        inserted = paragraph.add_run().add_picture(io.BytesIO(picture.data))
        scale = min(Mm(width) / inserted.width, Mm(height) / inserted.height)
        inserted.width, inserted.height = round(inserted.width * scale), round(inserted.height * scale)

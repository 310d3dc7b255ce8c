"""报名表: the application form that a person signs and the work unit seals (ENR-06, MAT-01).

Layout and wording: attachment 2 of the enrollment guide for site professionals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from docx.table import _Cell

from foundation.documents.engine import render_pdf
from foundation.documents.pictures import Picture, read_picture
from foundation.documents.text import BLANK_DATE, full_date
from foundation.documents.word import HEI, SONG, Grid, WordForm, add_text, shape

TEMPLATE = Path(__file__).with_name("application_form.typ")

ATTACHMENT = "附件2"
TITLE = ("浙江省住房和城乡建设领域施工现场", "专业人员职业培训报名表")
PHOTO_RULE = (
    "电子照片要求：近期白底1寸免冠正面电子证件照片，照片大小不超过80kb，"
    "照片命名格式为：身份证号+$头像（例如：110101198001010010$头像）"
)
PLEDGE_HEADING = "本人承诺："
PLEDGE = "上述内容由本人填写、真实无误，如有虚假，本人愿意接受任何处理。"
PLEDGE_SIGNATURE = "承诺人（签名）："
ID_COPY = ("二代身份证复印件粘贴处", "（正反面）")
OPINION_HEADING = "所在单位意见（学校意见）："
OPINION = "经对报名相关材料审核无误，承诺人签名确为报名人亲笔所签，同意其报名。"
OPINION_SEAL = "所在单位或学校（公章）"
REMARKS = (
    "1.本表由培训学员填写，并由所在企业审核无误后加盖单位公章。",
    "2.符合条件的在校、当年度毕业生，应由所在学校负责统一报名。",
)
ID_DIGITS = 18


@dataclass(frozen=True)
class ApplicationForm:
    """One person's form; empty values leave blanks. Dates of month precision come as text (`year_month`).

    `work_unit` is the organization or school. Pictures are image files (JPEG or PNG); one that cannot be read
    leaves its place empty.
    """

    name: str = ""
    gender: str = ""
    birth_month: str = ""
    id_number: str = ""
    major: str = ""
    education: str = ""
    graduated: str = ""
    occupation: str = ""
    years_of_practice: str = ""
    work_unit: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    filled_on: date | None = None
    portrait: bytes | None = None
    id_front: bytes | None = None
    id_back: bytes | None = None

    @property
    def id_digits(self) -> list[str]:
        """One entry a box; what is longer than the boxes stays in the last one."""
        digits = list(self.id_number[:ID_DIGITS].ljust(ID_DIGITS))
        digits[-1] += self.id_number[ID_DIGITS:]
        return [digit.strip() for digit in digits]

    @property
    def portrait_picture(self) -> Picture | None:
        return read_picture(self.portrait)

    @property
    def id_pictures(self) -> list[Picture]:
        """The readable sides of the ID card, front first."""
        sides = (read_picture(side) for side in (self.id_front, self.id_back))
        return [side for side in sides if side is not None]


def application_form_pdf(forms: Sequence[ApplicationForm]) -> bytes:
    """One page a person, in the order given; no person gives one blank form."""
    return render_pdf(
        TEMPLATE,
        {
            "attachment": ATTACHMENT,
            "title": TITLE,
            "photo_rule": PHOTO_RULE,
            "pledge_heading": PLEDGE_HEADING,
            "pledge": PLEDGE,
            "pledge_signature": PLEDGE_SIGNATURE,
            "id_copy": ID_COPY,
            "opinion_heading": OPINION_HEADING,
            "opinion": OPINION,
            "opinion_seal": OPINION_SEAL,
            "blank_date": BLANK_DATE,
            "remarks": REMARKS,
            "people": [_values(form) for form in forms or [ApplicationForm()]],
        },
    )


def _values(form: ApplicationForm) -> dict[str, object]:
    return {
        "filled_on": full_date(form.filled_on),
        "name": form.name,
        "gender": form.gender,
        "birth_month": form.birth_month,
        "id_digits": form.id_digits,
        "major": form.major,
        "education": form.education,
        "graduated": form.graduated,
        "occupation": form.occupation,
        "years_of_practice": form.years_of_practice,
        "work_unit": form.work_unit,
        "address": form.address,
        "phone": form.phone,
        "email": form.email,
        "portrait": form.portrait_picture,
        "id_pictures": form.id_pictures,
    }


# The Word form's grid: the labels' column, one column a box of the ID number, the photo's column (mm).
LABEL_WIDTH, BOX_WIDTH, PHOTO_WIDTH = 24.0, 6.0, 34.0
WIDTHS = [LABEL_WIDTH, *[BOX_WIDTH] * ID_DIGITS, PHOTO_WIDTH]
HEIGHTS = [*[12.0] * 7, 28.0, 98.0]


def application_form_docx(form: ApplicationForm) -> bytes:
    """The same form as an editable Word document."""
    word = WordForm("".join(TITLE), margins=(18, 22, 12, 22))
    word.attachment(ATTACHMENT)
    word.headline(*TITLE, size=18)
    word.paragraph(f"填表时间：{full_date(form.filled_on)}", font=SONG, size=10.5, align="right", after=3)
    grid = word.table(WIDTHS, HEIGHTS)
    _write_person(grid, form)
    _write_photo(grid, form)
    _write_pledge(grid)
    _write_id_copy(grid, form)
    _write_opinion(grid)
    for number, remark in enumerate(REMARKS):
        word.paragraph(
            ("备注：" if not number else "\u3000\u3000\u3000") + remark, font=SONG, size=9, before=2
        )
    return word.save()


def _write_person(grid: Grid, form: ApplicationForm) -> None:
    full = ID_DIGITS + 1
    cells: list[tuple[int, int, int, str, str]] = [
        # row, column of the label, columns of label, label, value (from the label's end to the next label)
        (0, 0, 1, "姓名", form.name),
        (0, 6, 3, "性别", form.gender),
        (0, 12, 3, "出生年月", form.birth_month),
        (2, 0, 1, "所学专业", form.major),
        (2, 6, 3, "学历", form.education),
        (2, 12, 3, "毕业时间", form.graduated),
        (3, 0, 1, "报考岗位", form.occupation),
        (3, 9, 5, "岗位工作年限", form.years_of_practice),
        (4, 0, 1, "工作单位\n（学校名称）", form.work_unit),
        (5, 0, 1, "通讯地址", form.address),
        (6, 0, 1, "联系手机", form.phone),
        (6, 9, 3, "邮箱", form.email),
    ]
    for number, (row, column, span, label, value) in enumerate(cells):
        following = cells[number + 1] if number + 1 < len(cells) else None
        row_end = full + 1 if row >= 4 else full
        end = following[1] if following and following[0] == row else row_end
        grid.label(row, column, label, columns=span)
        grid.write(row, column + span, value, columns=end - column - span)
    grid.label(1, 0, "身份证号")
    for number, digit in enumerate(form.id_digits, start=1):
        grid.write(1, number, digit)


def _write_photo(grid: Grid, form: ApplicationForm) -> None:
    cell = grid.cell(0, ID_DIGITS + 1, rows=4)
    portrait = form.portrait_picture
    if portrait:
        grid.picture(cell, portrait, width=PHOTO_WIDTH - 3, height=sum(HEIGHTS[:4]) - 3)
    else:
        grid.write(0, ID_DIGITS + 1, PHOTO_RULE, rows=4, size=8, align="left")


def _write_pledge(grid: Grid) -> None:
    cell = grid.cell(7, 0, columns=len(WIDTHS))
    _lines(
        cell,
        [
            (PLEDGE_HEADING, {"before": 4}),
            (PLEDGE, {"indent": 21, "before": 3}),
            (PLEDGE_SIGNATURE, {"left": 270, "before": 12}),
        ],
    )


def _write_id_copy(grid: Grid, form: ApplicationForm) -> None:
    cell = grid.cell(8, 0, columns=11)
    sides = form.id_pictures
    for number, side in enumerate(sides):
        grid.picture(cell, side, width=76, height=45, after=0 if number else 3)
    if not sides:
        grid.write(8, 0, "\n".join(ID_COPY), columns=11)


def _write_opinion(grid: Grid) -> None:
    cell = grid.cell(8, 11, columns=len(WIDTHS) - 11)
    _lines(
        cell,
        [
            (OPINION_HEADING, {"before": 4}),
            (OPINION, {"indent": 21, "before": 36, "line": 20}),
            (OPINION_SEAL, {"align": "center", "before": 72}),
            (BLANK_DATE, {"align": "right", "before": 18}),
        ],
    )


def _lines(cell: _Cell, lines: list[tuple[str, dict[str, Any]]]) -> None:
    for number, (words, look) in enumerate(lines):
        paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
        font = HEI if not number else SONG
        add_text(shape(paragraph, **look), words, font=font, size=10.5)

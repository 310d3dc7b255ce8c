"""企业承诺书: the letter an applicant organization signs and seals for its registration (ORG-03).

Wording: attachment 1 of the enrollment guide for site professionals.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.documents.blanks import BlankForm
from foundation.documents.engine import render_pdf
from foundation.documents.text import BLANK_DATE
from foundation.documents.word import FANG, WordForm, add_blank, add_text

TEMPLATE = Path(__file__).with_name("commitment_letter.typ")

ATTACHMENT = "附件1"
TITLE = ("施工现场专业人员职业培训报名", "企业承诺书")
OFFICE = "市住房和城乡建设委员会（住房和城乡建设局）"
PREAMBLE = (
    "根据《住房和城乡建设部办公厅关于推进住房和城乡建设领域施工现场专业人员职业培训工作的通知》"
    "及《浙江省住房城乡建设行业施工现场专业人员职业培训实施办法》，"
    "本企业就直接通过报名系统进行培训报名事项做出如下承诺："
)
PROMISES = (
    "1．通过本企业端口在报名系统上的所有操作行为本企业均予认可。",
    "2．通过本企业端口实施报名的人员均为本企业职工。",
    "3．通过本企业端口实施报名人员的信息真实无误，若有虚假，本企业愿意承担责任。",
)
SEAL = "企\u3000业（盖章）："
SIGNATURE = "负责人（签名）："

BODY_POINTS = 16
LINE_POINTS = 29
INDENT_POINTS = 2 * BODY_POINTS
LONG_NAME = 20


@dataclass(frozen=True)
class CommitmentLetter:
    """What is known of the letter; empty values leave blanks to fill in by hand.

    `city` is the reviewing authority's city (杭州 or 杭州市); `authority` is the full name of an authority
    that is not a city's (the provincial one) and takes precedence.
    """

    city: str = ""
    authority: str = ""
    organization_name: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    office_phone: str = ""

    @property
    def short_city(self) -> str:
        return self.city.strip().removesuffix("市")


def commitment_letter_pdf(letter: CommitmentLetter) -> bytes:
    """The letter as a one-page PDF, ready to sign and seal; its date is left to be written by hand."""
    return render_pdf(
        TEMPLATE,
        {
            "attachment": ATTACHMENT,
            "title": TITLE,
            "city": letter.short_city,
            "office": OFFICE,
            "authority": letter.authority,
            "preamble": PREAMBLE,
            "promises": PROMISES,
            "contact_name": letter.contact_name,
            "contact_phone": letter.contact_phone,
            "office_phone": letter.office_phone,
            "seal": SEAL,
            "organization_name": letter.organization_name,
            "signature": SIGNATURE,
            "date": BLANK_DATE,
        },
    )


def commitment_letter_docx(letter: CommitmentLetter) -> bytes:
    """The same letter as an editable Word document."""
    form = WordForm(TITLE[1], margins=(30, 26, 25, 28))
    form.attachment(ATTACHMENT)
    form.headline(*TITLE)
    _add_body(form, letter)
    _add_signature(form, letter)
    return form.save()


def _add_body(form: WordForm, letter: CommitmentLetter) -> None:
    look: dict[str, Any] = {"line": LINE_POINTS, "align": "justify"}
    addressee = form.paragraph(before=6, **look)
    if letter.authority:
        add_text(addressee, f"{letter.authority}：", font=FANG, size=BODY_POINTS)
    else:
        add_blank(addressee, letter.short_city, ems=4, font=FANG, size=BODY_POINTS)
        add_text(addressee, f"{OFFICE}：", font=FANG, size=BODY_POINTS)
    for words in (PREAMBLE, *PROMISES):
        form.paragraph(words, size=BODY_POINTS, indent=INDENT_POINTS, **look)
    contact = form.paragraph(indent=INDENT_POINTS, **look)
    for words, value, ems in (
        ("4．本企业授权", letter.contact_name, 5),
        ("（手机号", letter.contact_phone, 8),
        ("，办公电话", letter.office_phone, 8),
    ):
        add_text(contact, words, font=FANG, size=BODY_POINTS)
        add_blank(contact, value, ems=ems, font=FANG, size=BODY_POINTS)
    add_text(contact, "）为本企业联络人。", font=FANG, size=BODY_POINTS)


def _add_signature(form: WordForm, letter: CommitmentLetter) -> None:
    """A long name moves left, is set smaller and closer, so that the letter stays on one page."""
    length = len(letter.organization_name)
    left = BODY_POINTS * (5 if length <= LONG_NAME else 1)
    size = BODY_POINTS * (1 if length <= 2 * LONG_NAME else 0.8)
    gap = 20 if length <= LONG_NAME else 10
    look: dict[str, Any] = {"left": left, "line": LINE_POINTS, "after": gap}
    form.paragraph(SEAL + letter.organization_name, size=size, before=3 * gap, **look)
    form.paragraph(SIGNATURE, size=BODY_POINTS, **look)
    form.paragraph(BLANK_DATE, size=BODY_POINTS, align="right", line=LINE_POINTS)


COMMITMENT_LETTER_BLANK = BlankForm(
    key="commitment-letter",
    title="企业承诺书",
    purpose="企业注册时签字盖章后上传",
    renderers={
        "docx": lambda: commitment_letter_docx(CommitmentLetter()),
        "pdf": lambda: commitment_letter_pdf(CommitmentLetter()),
    },
)

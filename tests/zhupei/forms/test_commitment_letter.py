"""ORG-03: the commitment letter, attachment 1 of the guide."""

from __future__ import annotations

import pytest

from tests.foundation.documents.reading import docx_words, pdf_pages
from tests.zhupei.forms.people import INJECTION, LONG_UNIT
from zhupei.organizations.forms import (
    COMMITMENT_LETTER_BLANK,
    CommitmentLetter,
    commitment_letter_docx,
    commitment_letter_pdf,
)

# The guide's text, white space left out.
BLANK_LETTER = (
    "附件1施工现场专业人员职业培训报名企业承诺书市住房和城乡建设委员会（住房和城乡建设局）："
    "根据《住房和城乡建设部办公厅关于推进住房和城乡建设领域施工现场专业人员职业培训工作的通知》及"
    "《浙江省住房城乡建设行业施工现场专业人员职业培训实施办法》，"
    "本企业就直接通过报名系统进行培训报名事项做出如下承诺："
    "1．通过本企业端口在报名系统上的所有操作行为本企业均予认可。"
    "2．通过本企业端口实施报名的人员均为本企业职工。"
    "3．通过本企业端口实施报名人员的信息真实无误，若有虚假，本企业愿意承担责任。"
    "4．本企业授权（手机号，办公电话）为本企业联络人。"
    "企业（盖章）：负责人（签名）：年月日"
)


def both(letter: CommitmentLetter) -> list[str]:
    """The words of the PDF, which has to be one page, and of the Word document."""
    (page,) = pdf_pages(commitment_letter_pdf(letter))
    return [page, docx_words(commitment_letter_docx(letter))]


def test_blank_letter_says_what_the_guide_says() -> None:
    """ORG-03: to the letter, in both formats."""
    assert both(CommitmentLetter()) == [BLANK_LETTER, BLANK_LETTER]


def test_known_facts_are_filled_in() -> None:
    """ORG-03: the firm has only to sign, seal and date it."""
    letter = CommitmentLetter(
        city="杭州市",
        organization_name="浙江晨光建设有限公司",
        contact_name="张三",
        contact_phone="13800000000",
        office_phone="0571-88888888",
    )
    for words in both(letter):
        assert "杭州市住房和城乡建设委员会（住房和城乡建设局）：" in words
        assert "本企业授权张三（手机号13800000000，办公电话0571-88888888）为本企业联络人" in words
        assert "企业（盖章）：浙江晨光建设有限公司" in words
        assert words.endswith("年月日")


def test_provincial_letter_is_addressed_to_the_province() -> None:
    """ORG-08: a provincially affiliated firm is reviewed by the province."""
    for words in both(CommitmentLetter(city="杭州", authority="浙江省住房和城乡建设厅")):
        assert "企业承诺书浙江省住房和城乡建设厅：根据" in words
        assert "杭州" not in words


@pytest.mark.parametrize("name", [INJECTION, LONG_UNIT, "䶮㛃\U00020bb7建设有限公司"])
def test_strange_names_stay_literal_and_on_the_page(name: str) -> None:
    """ORG-03: the letter stays one page and prints what was typed."""
    page, words = both(CommitmentLetter(organization_name=name, contact_name=name[:20]))
    assert name in words
    assert name.replace("\U00020bb7", "") in page


def test_blank_is_offered_in_two_formats() -> None:
    """ORG-03: downloadable on the registration page."""
    assert COMMITMENT_LETTER_BLANK.formats == ("docx", "pdf")
    assert COMMITMENT_LETTER_BLANK.file_name("docx") == "企业承诺书.docx"
    assert pdf_pages(COMMITMENT_LETTER_BLANK.content("pdf")) == [BLANK_LETTER]

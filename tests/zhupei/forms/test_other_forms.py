"""ENR-02, ENR-06, CAT-02: attachments 3 to 5 of the guide, and the list of blanks."""

from __future__ import annotations

import io

import pytest
from docx import Document

from foundation.documents.blanks import MEDIA_TYPES
from tests.foundation.documents.reading import docx_words, pdf_pages, squeeze
from tests.zhupei.forms.people import INJECTION, LONG_UNIT, certificate
from zhupei.enrollment.forms import (
    BLANK_FORMS,
    GUIDE_ROWS,
    RosterLine,
    RosterSummary,
    WorkYearsCertificate,
    blank_form,
    majors_docx,
    majors_pdf,
    roster_summary_docx,
    roster_summary_pdf,
    work_years_docx,
    work_years_pdf,
)


def test_blank_work_years_certificate() -> None:
    """ENR-06: five periods to fill in, the guide's words."""
    blank = WorkYearsCertificate()
    (page,) = pdf_pages(work_years_pdf([]))
    for words in (page, docx_words(work_years_docx(blank))):
        assert "附件3施工现场专业岗位工作年限证明" in words
        assert "我单位同志，已累计从事住房城乡建设行业施工现场专业岗位工作共年。" in words
        assert "起止年月从事何种岗位工作" in words
        assert words.count("年月—年月") == 5
        assert "在我单位工作期间，该同志遵纪守法，无违反职业道德的行为。特此证明。" in words
        assert words.endswith("企业（盖章）：负责人（签名）：年月日")


def test_filled_work_years_certificate() -> None:
    """ENR-06: name, years, periods and firm; open-ended periods last until now."""
    (page,) = pdf_pages(work_years_pdf([certificate()]))
    for words in (page, docx_words(work_years_docx(certificate()))):
        assert "我单位张晨光同志" in words
        assert "工作共8年。" in words
        assert "2005年07月—2006年06月岗位0" in words
        assert "2006年07月—至今岗位1" in words
        assert words.count("年月—年月") == 3
        assert "企业（盖章）：浙江晨光建设有限公司" in words


def test_many_periods_stay_on_one_page_each() -> None:
    """ENR-06: one page a person however long the career."""
    pages = pdf_pages(work_years_pdf([certificate(14), certificate(1)]))
    assert len(pages) == 2
    assert all(f"岗位{n}" in pages[0] for n in range(14))
    assert INJECTION in pdf_pages(work_years_pdf([WorkYearsCertificate(name=INJECTION)]))[0]


def people(count: int) -> list[RosterLine]:
    return [
        RosterLine(f"学员{n:03}", "女", "33010619880501124X", "13900000000", "大专", LONG_UNIT)
        for n in range(count)
    ]


def test_blank_roster_has_thirteen_rows_and_its_note() -> None:
    """ENR-02: the six columns of the guide."""
    (page,) = pdf_pages(roster_summary_pdf(RosterSummary()))
    data = roster_summary_docx(RosterSummary())
    for words in (page, docx_words(data)):
        assert "附件4报名人员信息汇总表" in words
        assert "姓名性别身份证号手机号学历工作单位" in words
        assert "身份证号不可以是这种‘1.10101E+17’格式" in words
    assert len(Document(io.BytesIO(data)).tables[0].rows) == 1 + 13 + 1


def test_long_roster_repeats_its_head_and_loses_nobody() -> None:
    """ENR-02: several pages, numbered."""
    roster = RosterSummary(people(70), "BM001", "浙江晨光建设有限公司", "某培训机构", "施工员", "线下")
    pages = pdf_pages(roster_summary_pdf(roster))
    assert len(pages) > 2
    assert all("姓名性别身份证号手机号学历工作单位" in page for page in pages)
    assert f"第{len(pages)}页，共{len(pages)}页" in pages[-1]
    for words in ("".join(pages), docx_words(roster_summary_docx(roster))):
        assert all(f"学员{n:03}" in words for n in range(70))
        assert "报名单位：浙江晨光建设有限公司" in words
        assert "人数：70人" in words


def test_majors_table_has_every_row_of_the_guide() -> None:
    """CAT-02: eight levels, two groups of occupations, on one page."""
    assert len(GUIDE_ROWS) == 8
    (page,) = pdf_pages(majors_pdf())
    words = docx_words(majors_docx())
    for text in (page, words):
        assert "摘自《建筑与市政工程施工现场专业人员职业标准》" in text
        for row in GUIDE_ROWS:
            assert squeeze(row.level) in text
            assert all(major in text for major in row.builders.split("、") + row.clerks.split("、"))
    for row in GUIDE_ROWS:
        assert row.builders in words
        assert row.clerks in words


@pytest.mark.parametrize("form", BLANK_FORMS, ids=lambda form: form.key)
def test_every_blank_can_be_downloaded(form: object) -> None:
    """ORG-03, ENR-02: the download page offers the five attachments as Word and PDF."""
    assert form in BLANK_FORMS
    blank = blank_form(form.key)  # type: ignore[attr-defined]
    assert blank is form
    for extension in blank.formats:
        assert extension in MEDIA_TYPES
        start = blank.content(extension)[:4]
        assert start == (b"%PDF" if extension == "pdf" else b"PK\x03\x04")
        assert blank.file_name(extension).endswith(f".{extension}")


def test_blank_keys_are_unique_and_unknown_ones_are_none() -> None:
    """The download page answers 404 to a key it does not know."""
    assert len({form.key for form in BLANK_FORMS}) == len(BLANK_FORMS) == 5
    assert blank_form("nothing") is None

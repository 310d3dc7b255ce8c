"""ENR-06: the application form, attachment 2 of the guide."""

from __future__ import annotations

import time

from tests.foundation.documents.reading import docx_words, pdf_pages, pdf_picture_count
from tests.zhupei.forms.people import (
    INJECTION,
    LONG_MAIL,
    LONG_UNIT,
    application,
    jpeg,
    straining_application,
)
from zhupei.enrollment.forms import ApplicationForm, application_form_docx, application_form_pdf

PRINTED = [
    "附件2",
    "浙江省住房和城乡建设领域施工现场专业人员职业培训报名表",
    "填表时间：",
    "姓名",
    "性别",
    "出生年月",
    "身份证号",
    "所学专业",
    "学历",
    "毕业时间",
    "报考岗位",
    "岗位工作年限",
    "工作单位（学校名称）",
    "通讯地址",
    "联系手机",
    "邮箱",
    "本人承诺：上述内容由本人填写、真实无误，如有虚假，本人愿意接受任何处理。承诺人（签名）：",
    "所在单位意见（学校意见）：",
    "经对报名相关材料审核无误，承诺人签名确为报名人亲笔所签，同意其报名。所在单位或学校（公章）年月日",
    "备注：1.本表由培训学员填写，并由所在企业审核无误后加盖单位公章。",
    "2.符合条件的在校、当年度毕业生，应由所在学校负责统一报名。",
]
PHOTO = (
    "电子照片要求：近期白底1寸免冠正面电子证件照片，照片大小不超过80kb，"
    "照片命名格式为：身份证号+$头像（例如：110101198001010010$头像）"
)
ID_COPY = "二代身份证复印件粘贴处（正反面）"


def both(form: ApplicationForm) -> list[str]:
    (page,) = pdf_pages(application_form_pdf([form]))
    return [page, docx_words(application_form_docx(form))]


def test_blank_form_has_every_word_of_the_guide() -> None:
    """ENR-06: the exact table, in both formats."""
    for words in [*both(ApplicationForm()), *pdf_pages(application_form_pdf([]))]:
        for printed in [*PRINTED, PHOTO, ID_COPY]:
            assert printed in words


def test_filled_form_has_all_values_and_the_id_number_in_its_boxes() -> None:
    """ENR-06: all fields of the paper form."""
    for words in both(application()):
        for value in ("张晨光", "男", "1988年5月", "土木工程", "本科", "2010年6月", "施工员（土建）", "8年"):
            assert value in words
        for value in (
            "浙江晨光建设有限公司",
            "浙江省杭州市西湖区文三路100号",
            "13800000000",
            "2026年11月2日",
        ):
            assert value in words
        assert "身份证号33010619880501123X" in words
        assert "zhang@example.com" in words


def test_portrait_and_id_card_take_their_places() -> None:
    """ENR-06, MAT-01: pictures replace the words that ask for them."""
    form = application(portrait=jpeg(), id_front=jpeg(1011, 638), id_back=jpeg(1010, 638))
    assert pdf_picture_count(application_form_pdf([form])) == 3
    for words in both(form):
        assert "电子照片要求" not in words
        assert ID_COPY not in words


def test_unreadable_portrait_leaves_the_box_to_paste_into() -> None:
    """ENR-06: a broken file does not stop the form."""
    for words in both(application(portrait=b"broken")):
        assert PHOTO in words


def test_long_values_stay_in_their_cells_and_on_one_page() -> None:
    """ENR-06: long firms, addresses and mail addresses do not break the layout."""
    page, words = both(straining_application())
    for value in (LONG_UNIT, LONG_MAIL, "买买提江·阿卜杜热西提·䶮㛃"):
        assert value in words
        assert value in page
    assert PRINTED[-1] in page


def test_what_is_typed_is_never_markup() -> None:
    """SEC-05: injected source is printed as it stands."""
    for words in both(application(name=INJECTION, work_unit=INJECTION)):
        assert words.count(INJECTION) == 2
        assert "root:" not in words


def test_a_batch_is_one_document_in_its_order_and_quick() -> None:
    """ENR-06: a whole batch prints at once, at a rate nobody waits for."""
    people = [application(name=f"学员{n:03}", portrait=jpeg()) for n in range(60)]
    started = time.perf_counter()
    pages = pdf_pages_of(people)
    assert time.perf_counter() - started < 20
    assert [f"学员{n:03}" in page for n, page in enumerate(pages)] == [True] * 60


def pdf_pages_of(people: list[ApplicationForm]) -> list[str]:
    return pdf_pages(application_form_pdf(people))

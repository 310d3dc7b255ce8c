"""BIL-01, BIL-02: the slip a payer takes to the bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.foundation.documents.reading import pdf_pages
from tests.zhupei.forms.people import INJECTION, LONG_UNIT
from zhupei.billing.forms import OrderSlip, OrderSlipLine, order_slip_pdf


def slip(count: int, payer: str = "浙江晨光建设有限公司") -> OrderSlip:
    lines = [
        OrderSlipLine(f"学员{n:03}", "3301**********123X", "施工员（土建）", "线下", Decimal("680.50"))
        for n in range(count)
    ]
    return OrderSlip(
        number="DD20261102000017",
        ordered_on=date(2026, 11, 2),
        payer=payer,
        payer_uscc="91330106MA2B1QWE3P",
        institution="某某职业技术学院",
        account_name="某某职业技术学院",
        account_number="33001616727059000123",
        bank="某某银行杭州萧山支行",
        lines=lines,
        address="https://example.com/orders/17/",
    )


def test_slip_says_whom_to_pay_how_much_and_what_to_write() -> None:
    """BIL-01: order number, payer, account, people, total in figures and words."""
    (page,) = pdf_pages(order_slip_pdf(slip(3)))
    for words in (
        "订单号：DD20261102000017",
        "缴费单位浙江晨光建设有限公司",
        "统一社会信用代码91330106MA2B1QWE3P",
        "户名某某职业技术学院",
        "账号33001616727059000123",
        "开户行某某银行杭州萧山支行",
        "¥2,041.50",
        "贰仟零肆拾壹元伍角整",
        "附言（备注）DD20261102000017",
        "汇款时请在附言（备注）栏填写订单号",
        "3学员0023301**********123X施工员（土建）线下680.50",
    ):
        assert words in page


def test_long_list_goes_on_over_pages() -> None:
    """BIL-01: nobody is lost, the head is repeated, the total stands at the end."""
    pages = pdf_pages(order_slip_pdf(slip(80)))
    assert len(pages) > 2
    assert all("序号姓名身份证号报考岗位培训方式收费标准（元）" in page for page in pages)
    assert all(f"学员{n:03}" in "".join(pages) for n in range(80))
    assert "合计¥54,440.00" in pages[-1]


def test_long_and_strange_payers_stay_in_their_cell() -> None:
    """BIL-02: printed as typed."""
    for payer in (LONG_UNIT, INJECTION):
        (page,) = pdf_pages(order_slip_pdf(slip(2, payer)))
        assert payer in page

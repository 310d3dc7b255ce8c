"""缴费通知单: what a payer needs to transfer the fees of one order (BIL-01, BIL-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from foundation.documents.amounts import amount_in_words
from foundation.documents.engine import render_pdf
from foundation.documents.qr import qr_picture
from foundation.documents.text import full_date

TEMPLATE = Path(__file__).with_name("order_slip.typ")

TITLE = "培训费缴费通知单"
COLUMNS = ("序号", "姓名", "身份证号", "报考岗位", "培训方式", "收费标准（元）")
WIDTHS_MM = (12.0, 28.0, 42.0, 42.0, 20.0, 30.0)
NOTES = (
    "汇款时请在附言（备注）栏填写订单号，一个订单汇款一次，金额与应缴金额一致。",
    "缴费主体应是本单位，不得由其他企业或个人代缴。",
    "汇款后请在报名系统的订单页面上传汇款凭证，等待培训机构确认。",
)


@dataclass(frozen=True)
class OrderSlipLine:
    """One person of the order; `id_number` is printed as given (masked by the caller), `fee` in yuan."""

    name: str
    id_number: str
    occupation: str
    delivery: str
    fee: Decimal


@dataclass(frozen=True)
class OrderSlip:
    """One order. `address` is a page about it, printed as a QR code when given."""

    number: str
    ordered_on: date
    payer: str
    payer_uscc: str
    institution: str
    account_name: str
    account_number: str
    bank: str
    lines: Sequence[OrderSlipLine]
    address: str = ""

    @property
    def total(self) -> Decimal:
        return sum((line.fee for line in self.lines), Decimal(0))


def money(amount: Decimal) -> str:
    """`1,234.50`."""
    return f"{amount:,.2f}"


def order_slip_pdf(slip: OrderSlip) -> bytes:
    """The slip as PDF; a long list of people goes on over more pages, the head row repeated."""
    rows = [
        (str(number), line.name, line.id_number, line.occupation, line.delivery, money(line.fee))
        for number, line in enumerate(slip.lines, start=1)
    ]
    facts = [
        ("缴费单位", slip.payer),
        ("统一社会信用代码", slip.payer_uscc),
        ("培训机构", slip.institution),
        ("人数", f"{len(rows)} 人"),
    ]
    account = [("户名", slip.account_name), ("账号", slip.account_number), ("开户行", slip.bank)]
    return render_pdf(
        TEMPLATE,
        {
            "title": TITLE,
            "number": slip.number,
            "date": full_date(slip.ordered_on),
            "facts": facts,
            "account": account,
            "total": f"¥{money(slip.total)}",
            "total_in_words": amount_in_words(slip.total),
            "columns": COLUMNS,
            "widths": WIDTHS_MM,
            "rows": rows,
            "notes": NOTES,
            "qr": qr_picture(slip.address) if slip.address else None,
        },
    )

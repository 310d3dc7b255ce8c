"""What payers, payees and people are told about money (NTF-01)."""

from __future__ import annotations

from decimal import Decimal

from foundation import links
from foundation.messages.services import notify, notify_many
from foundation.messages.templates import register_template
from zhupei.billing.models import Invoice, Order
from zhupei.enrollment.models import Enrollment

INVOICE_ISSUED = register_template(
    "billing.invoice_issued",
    label="发票已开具",
    title="订单 {number} 的发票已开具",
    body="{institution}已上传发票，发票号码 {invoice}，请在订单里下载。",
    sms="【筑培】订单 {number} 的发票已开具，请登录后下载：{link}",
)
VOUCHER_SUBMITTED = register_template(
    "billing.voucher_submitted",
    label="企业已上传汇款凭证",
    title="订单 {number} 待缴费确认",
    body="{organization}已上传汇款凭证，金额 {amount} 元，请核对后确认。",
)
VOUCHER_REJECTED = register_template(
    "billing.voucher_rejected",
    label="汇款凭证被退回",
    title="订单 {number} 的汇款凭证被退回",
    body="原因：{reason}。请按原因处理后重新上传。",
    sms="【筑培】订单 {number} 的汇款凭证被退回：{reason}。请登录后重新上传。",
)
ORDER_CONFIRMED = register_template(
    "billing.order_confirmed",
    label="缴费已确认",
    title="订单 {number} 缴费已确认",
    body="{institution}已确认收到培训费，{count} 人已报名成功。",
    sms="【筑培】订单 {number} 缴费已确认，{count} 人已报名成功。",
)
ENROLLED = register_template(
    "billing.enrolled",
    label="学员已报名",
    sms="【筑培】{name}，您已报名{occupation}培训，培训机构：{institution}。账号为本人身份证号，首次登录须用短信验证码设置密码。",
)


def voucher_submitted(order: Order, amount: Decimal) -> None:
    """The institution hears that a transfer waits to be checked."""
    notify(
        VOUCHER_SUBMITTED,
        recipients=[order.institution.key],
        subject=order,
        context={"number": order.number, "organization": order.organization.name, "amount": amount},
    )


def voucher_rejected(order: Order, reason: str) -> None:
    """The payer hears why."""
    notify(
        VOUCHER_REJECTED,
        recipients=[order.organization.key],
        phones=[order.organization.contact_phone],
        subject=order,
        context={"number": order.number, "reason": reason},
    )


def order_confirmed(order: Order) -> None:
    """The payer hears that the money is there, everybody of the order that he is enrolled."""
    institution = order.institution.name
    notify(
        ORDER_CONFIRMED,
        recipients=[order.organization.key],
        phones=[order.organization.contact_phone],
        subject=order,
        context={"number": order.number, "institution": institution, "count": order.head_count},
    )
    people = Enrollment.objects.filter(order_lines__order=order, order_lines__is_live=True)
    notify_many(
        ENROLLED,
        [
            (row.phone, {"name": row.name, "occupation": str(row.occupation), "institution": institution})
            for row in people.select_related("occupation")
        ],
    )


def invoice_issued(invoice: Invoice, number: str, link: str) -> None:
    """The organization and the phone of the request; `link`: full address of the order's page, for the SMS."""
    order = invoice.order
    notify(
        INVOICE_ISSUED,
        recipients=[order.organization.key],
        phones=[invoice.phone],
        subject=order,
        context={
            "link": link or links.address("enterprise", order),
            "number": order.number,
            "invoice": number,
            "institution": order.institution.name,
        },
    )

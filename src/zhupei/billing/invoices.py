"""Asking for an invoice and handing it over (BIL-06)."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import PurePath

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from foundation.errors import DomainError
from foundation.files import services as files
from foundation.identifiers.text import to_halfwidth
from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition
from zhupei.billing import invoice_files, news
from zhupei.billing.models import Invoice, InvoiceFile, InvoiceState, Order, OrderState
from zhupei.organizations.roles import Capability, holder, require

S = InvoiceState
INVOICE_KIND = "billing.invoice"


_may_ask = holder("enterprise", "order.organization_id", Capability.PAY)
_may_issue = holder("institution", "order.institution_id", Capability.CONFIRM_PAYMENT)
INVOICE = Machine(
    "invoice",
    InvoiceState,
    [
        Transition("request", "申请开票", (S.WITHDRAWN,), S.REQUESTED, may=_may_ask),
        Transition("withdraw", "撤回开票申请", (S.REQUESTED,), S.WITHDRAWN, may=_may_ask),
        Transition("issue", "上传发票", (S.REQUESTED, S.ISSUED), S.ISSUED, may=_may_issue),
    ],
)


def request_invoice(actor: Actor, order: Order, phone: str, remark: str = "") -> Invoice:
    """Ask for the invoice of a confirmed order; asked twice it changes nothing. Raises DomainError."""
    require(actor, Capability.PAY, order)
    phone = re.sub(r"[\s-]", "", to_halfwidth(phone))
    if not re.fullmatch(r"1[3-9]\d{9}", phone):
        sentence = "请填写 11 位手机号，发票开好后会发短信到这个号码。"
        raise DomainError("phone", sentence, items={"phone": sentence})
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True, of=("self",)).get(pk=order.pk)
        if order.state != OrderState.CONFIRMED:
            raise DomainError("not_confirmed", "培训机构确认缴费后才能申请开票。")
        old = Invoice.objects.filter(order=order).first()
        if old is not None and old.state != S.WITHDRAWN:
            return old
        invoice = old or Invoice(order=order)
        invoice.title, invoice.tax_number = order.organization.name, order.organization.uscc
        invoice.phone, invoice.remark = phone, remark.strip()[:200]
        invoice.requested_by, invoice.requested_at = actor.user, timezone.now()
        invoice.save()
        if old is None:
            INVOICE.record_start(actor, [invoice], action="request")
        else:
            INVOICE.perform(actor, invoice, "request")
        return invoice


def withdraw_request(actor: Actor, invoice: Invoice) -> None:
    """Take the request back while no invoice has been issued."""
    require(actor, Capability.PAY, invoice)
    INVOICE.perform(actor, invoice, "withdraw")


def issue_invoice(
    actor: Actor,
    invoice: Invoice,
    name: str,
    content: bytes,
    number: str,
    issued_on: dt.date,
    *,
    link: str = "",
) -> InvoiceFile:
    """Hand over the invoice's file; a later one replaces it, the earlier is kept.

    Raises DomainError with items `number`, `issued_on`, `file`. The same file and number again change nothing.
    `link`: full address of the order's page, for the SMS.
    """
    require(actor, Capability.CONFIRM_PAYMENT, invoice)
    number = re.sub(r"\s", "", to_halfwidth(number))
    media_type = _check(invoice, content, number, issued_on)
    with transaction.atomic():
        locked = Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
        document = files.store(actor, INVOICE_KIND, PurePath(name).name or "发票", content, media_type)
        latest = locked.files.select_related("document").first()
        if latest is not None and (latest.number, latest.document.sha256) == (number, document.sha256):
            files.remove(document)
            return latest
        INVOICE.perform(actor, invoice, "issue", remark=f"发票号码 {number}")
        handed = InvoiceFile.objects.create(
            invoice=invoice, document=document, number=number, issued_on=issued_on, created_by=actor.user
        )
        news.invoice_issued(invoice, number, link)
        return handed


def _check(invoice: Invoice, content: bytes, number: str, issued_on: dt.date) -> str:
    problems: dict[str, str] = {}
    media_type = ""
    if not re.fullmatch(r"\d{20}", number):
        problems["number"] = "数电票的发票号码是 20 位数字，请核对。"
    elif InvoiceFile.objects.filter(number=number).exclude(invoice=invoice).exists():
        problems["number"] = "这个发票号码已用于另一张订单，请核对。"
    if issued_on > timezone.localdate():
        problems["issued_on"] = "开票日期不能晚于今天。"
    expected = invoice_files.Expected(invoice.title, invoice.tax_number, invoice.order.total, number)
    try:
        media_type = invoice_files.content_type(content, expected)
    except DomainError as refusal:
        problems["file"] = refusal.message
    if problems:
        raise DomainError("invoice_refused", next(iter(problems.values())), items=problems)
    return media_type


def counts_for_menu(actor: Actor) -> tuple[int, int]:
    """For the institution's menu, in one query: vouchers to confirm, invoices to issue."""
    waiting = Order.objects.visible_to(actor).aggregate(
        confirm=Count("pk", filter=Q(state=OrderState.VOUCHER_SUBMITTED)),
        issue=Count("pk", filter=Q(invoice__state=S.REQUESTED)),
    )
    return waiting["confirm"], waiting["issue"]

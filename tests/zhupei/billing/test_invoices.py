"""Invoices: asked for once, checked against the order, replaced, private (BIL-06)."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.utils import timezone

from foundation.errors import DomainError, NotFoundError, WrongStateError
from foundation.files.models import Document
from foundation.messages.models import Message, Sms
from zhupei.billing import invoices
from zhupei.billing.models import Invoice, InvoiceFile, InvoiceState, Order, OrderState

pytestmark = pytest.mark.django_db
NUMBER = "26332000000012345678"


def xml(order: Order, **changed: str) -> bytes:
    said = {
        "name": order.organization.name,
        "tax": order.organization.uscc,
        "total": f"{order.total}",
        "number": NUMBER,
    } | changed
    return (
        '<?xml version="1.0" encoding="UTF-8"?><EInvoice xmlns="urn:e"><EInvoiceData><BuyerInformation>'
        f"<BuyerIdNum>{said['tax']}</BuyerIdNum><BuyerName>{said['name']}</BuyerName></BuyerInformation>"
        f"<TotalTax-includedAmount>{said['total']}</TotalTax-includedAmount></EInvoiceData>"
        f"<InvoiceNumber>{said['number']}</InvoiceNumber></EInvoice>"
    ).encode()


def archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "<ofd/>")
    return out.getvalue()


@pytest.fixture
def order(world) -> Order:
    return world.order(1, state=OrderState.CONFIRMED)


def ask(world, order: Order) -> Invoice:
    return invoices.request_invoice(world.actor(order.organization), order, "138 0013 8000", "请写项目")


def issue(world, invoice: Invoice, content: bytes, number: str = NUMBER) -> InvoiceFile:
    actor = world.actor(invoice.order.institution)
    return invoices.issue_invoice(actor, invoice, "发票.xml", content, number, timezone.localdate())


def test_a_request_is_made_once_and_may_be_taken_back(world, order):
    """BIL-06: title and tax number are the payer's; a double click makes one."""
    invoice = ask(world, order)
    assert ask(world, order).pk == invoice.pk
    assert (invoice.title, invoice.tax_number) == (order.organization.name, order.organization.uscc)
    assert invoice.phone == "13800138000"
    invoices.withdraw_request(world.actor(order.organization), invoice)
    again = ask(world, order)
    assert again.pk == invoice.pk
    assert Invoice.objects.get().state == InvoiceState.REQUESTED


def test_only_confirmed_orders_of_ones_own(world, order):
    """BIL-06, SEC-01."""
    unpaid = world.order(1)
    with pytest.raises(DomainError, match="确认缴费后"):
        ask(world, unpaid)
    with pytest.raises(NotFoundError):
        invoices.request_invoice(world.actor(world.organization()), order, "13800138000")
    with pytest.raises(DomainError, match="11 位手机号"):
        invoices.request_invoice(world.actor(order.organization), order, "1380013")


def test_an_agreeing_xml_is_handed_over_with_message_and_sms(
    world, order, django_capture_on_commit_callbacks
):
    """BIL-06: the organization and the contact hear of it; the file is theirs alone; twice is once."""
    invoice = ask(world, order)
    with django_capture_on_commit_callbacks(execute=True):
        handed = issue(world, invoice, xml(order))
    assert issue(world, invoice, xml(order)).pk == handed.pk
    assert Invoice.objects.get().state == InvoiceState.ISSUED
    assert Message.objects.filter(code="billing.invoice_issued").count() == 1
    assert Sms.objects.filter(code="billing.invoice_issued").count() == 1
    for body, count in ((order.organization, 1), (order.institution, 1), (world.organization(), 0)):
        rows = Document.objects.visible_to(world.actor(body)).filter(pk=handed.document_id)
        assert rows.count() == count
    with pytest.raises(WrongStateError):
        invoices.withdraw_request(world.actor(order.organization), invoice)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": "别的公司"}, "购买方名称是“别的公司”"),
        ({"tax": "91330000000000000X"}, "购买方纳税人识别号"),
        ({"total": "1.00"}, "价税合计是“1.00”"),
        ({"total": ""}, "没有找到价税合计"),
        ({"number": "1" * 20}, "发票号码"),
    ],
)
def test_an_xml_that_differs_is_refused_at_the_file(world, order, changed, sentence):
    """BIL-06: the sentence says what differs; nothing is kept."""
    with pytest.raises(DomainError) as refusal:
        issue(world, ask(world, order), xml(order, **changed))
    assert sentence in refusal.value.items["file"]
    assert not InvoiceFile.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"%PDF-1.4 cut",
        archive("a.txt"),
        b"<" + b" " * 6_000_000,
    ],
)
def test_no_other_files(world, order, content):
    """BIL-06: judged by content; entities, cut files and other archives are refused."""
    with pytest.raises(DomainError) as refusal:
        issue(world, ask(world, order), content)
    assert "file" in refusal.value.items


def test_a_new_file_replaces_and_the_old_is_kept(world, order):
    """BIL-06: OFD by content; a number belongs to one order."""
    invoice = ask(world, order)
    first = issue(world, invoice, xml(order))
    second = issue(world, invoice, archive("OFD.xml"), "26332000000012345679")
    assert list(invoice.files.all()) == [second, first]
    other = ask(world, world.order(1, state=OrderState.CONFIRMED))
    with pytest.raises(DomainError) as refusal:
        issue(world, other, archive("OFD.xml"))
    assert "另一张订单" in refusal.value.items["number"]

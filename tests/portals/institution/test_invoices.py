"""开票 from the request to the download, on both sides (BIL-06)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from foundation.messages.models import Sms
from tests.zhupei.billing.test_invoices import NUMBER, xml
from zhupei.billing.models import Invoice, OrderState

pytestmark = pytest.mark.django_db


def test_from_the_request_to_the_download(world, django_assert_max_num_queries):
    """BIL-06: asked for on the order's page, listed and uploaded by the institution, downloaded."""
    order = world.order(1, state=OrderState.CONFIRMED)
    payer, payee = world.client(order.organization), world.client(order.institution)
    order_url = reverse("enterprise:order", args=[order.pk])
    ask_url = reverse("enterprise:invoice", args=[order.pk])
    assert ask_url in payer.get(order_url).content.decode()
    assert order.organization.uscc in payer.get(ask_url).content.decode()
    assert "11 位手机号" in payer.post(ask_url, {"phone": "12"}).content.decode()
    assert payer.post(ask_url, {"phone": "13800138000"}).status_code == 302
    assert "等待培训机构开票" in payer.get(order_url).content.decode()

    invoice = Invoice.objects.get()
    url = reverse("institution:invoice", args=[invoice.pk])
    payee.get(reverse("institution:invoices"))
    with django_assert_max_num_queries(12):
        text = payee.get(reverse("institution:invoices")).content.decode()
    assert order.number in text
    assert order.organization.uscc in payee.get(url).content.decode()

    def post(content: bytes, number: str = NUMBER):
        file = SimpleUploadedFile("发票.xml", content)
        return payee.post(url, {"number": number, "issued_on": f"{timezone.localdate()}", "file": file})

    assert "价税合计是“1.00”" in post(xml(order, total="1.00")).content.decode()
    assert "20 位数字，请核对" in post(xml(order), "12").content.decode()
    assert post(xml(order)).status_code == 302
    sms = Sms.objects.get(code="billing.invoice_issued")
    assert sms.text.endswith(f"http://testserver{order_url}")
    text = payer.get(order_url).content.decode()
    file = reverse("shared:document", args=[invoice.files.get().document_id])
    assert NUMBER in text and file in text
    assert payer.get(file).status_code == 200
    assert world.client(world.organization()).get(file).status_code == 404
    assert "已更换" not in payee.get(url).content.decode()

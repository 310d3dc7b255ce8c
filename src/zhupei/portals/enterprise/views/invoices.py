"""发票: ask for the invoice of an order, or take the request back (BIL-06)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.billing import invoices
from zhupei.billing.machine import may_pay
from zhupei.billing.models import Invoice, InvoiceState, Order, OrderState
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.payments import find_order


class RequestForm(forms.Form):
    phone = forms.CharField(
        label="接收手机",
        max_length=20,
        help_text="发票开好后发短信到这个号码。",
        error_messages={"required": "请填写接收手机。"},
    )
    remark = forms.CharField(label="备注", max_length=200, required=False)


def card(actor: Actor, order: Order) -> dict[str, Any]:
    """What the card 发票 of the order's page shows; empty before the payment is confirmed."""
    if order.state != OrderState.CONFIRMED:
        return {}
    invoice = Invoice.objects.visible_to(actor).filter(order=order).first()
    files = list(invoice.files.select_related("document")) if invoice else []
    asked = invoice is not None and invoice.state != InvoiceState.WITHDRAWN
    return {
        "shown": True,
        "invoice": invoice if asked else None,
        "files": files,
        "may_request": not asked and may_pay(actor, order),
        "may_withdraw": invoice is not None and invoices.INVOICE.can(actor, invoice, "withdraw"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("enterprise")
def request_page(request: PortalRequest, pk: int) -> HttpResponse:
    """The form of the request; title and tax number are the payer's."""
    actor = request.actor
    order = find_order(request, pk)
    if request.method != "POST":
        if not card(actor, order).get("may_request"):
            return redirect("enterprise:order", pk=order.pk)
        form = RequestForm(initial={"phone": order.organization.contact_phone})
        return render(request, "enterprise/invoices/request.html", {"order": order, "form": form})
    form = RequestForm(request.POST)
    if form.is_valid():
        with refusals_at(form):
            invoices.request_invoice(actor, order, form.cleaned_data["phone"], form.cleaned_data["remark"])
            return done(
                request, "开票申请已提交，培训机构开具后会用短信和消息通知。", "enterprise:order", pk=order.pk
            )
    return render(request, "enterprise/invoices/request.html", {"order": order, "form": form})


@require_POST
@portal_required("enterprise")
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the request back."""
    actor = request.actor
    invoice = get_object_or_404(Invoice.objects.visible_to(actor).select_related("order"), order=pk)
    invoices.withdraw_request(actor, invoice)
    return done(request, "开票申请已撤回，可以重新申请。", "enterprise:order", pk=pk)


urlpatterns = [
    path("orders/<int:pk>/invoice/", request_page, name="invoice"),
    path("orders/<int:pk>/invoice/withdraw/", withdraw, name="invoice_withdraw"),
]

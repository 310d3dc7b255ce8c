"""开票: requests that wait, and the upload of the invoice (BIL-06)."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from foundation import links
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from zhupei.billing import invoices
from zhupei.billing.invoice_files import MAX_BYTES
from zhupei.billing.models import Invoice, InvoiceState
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at

S = InvoiceState


class InvoiceTable(tables.ListTable):
    order = tables.TextColumn("订单号", accessor="order__number", css="mono", width=18)
    title = tables.TextColumn("发票抬头", width=30)
    total = tables.MoneyColumn("金额", accessor="order__total")
    state = tables.StateColumn("开票状态")
    requested_at = tables.MinuteColumn("申请时间", sort=True)


class InvoiceFilter(ListFilter):
    q = SearchFilter(["order__number__icontains", "title__icontains"], label="订单号或发票抬头")


@method_decorator(portal_required("institution"), name="dispatch")
class Invoices(ListPage):
    page_title = "开票"
    table_class = InvoiceTable
    filterset_class = InvoiceFilter
    tabs_field = "state"
    tabs = (Tabs("waiting", "待开票", [S.REQUESTED], "wait"), Tabs("issued", "已开票", [S.ISSUED]))
    default_tab = "waiting"
    order_by = ("-requested_at", "-pk")
    row_url = "institution:invoice"
    export_name = "开票"
    unit = "张"
    empty_icon = "receipt"
    empty_title = "没有待开的发票"
    empty_text = "企业申请开票后会出现在这里。"

    def queryset(self) -> QuerySet[Invoice]:
        return Invoice.objects.visible_to(self.request.actor).select_related("order")


class IssueForm(forms.Form):
    number = forms.CharField(
        label="发票号码",
        max_length=30,
        help_text="数电票号码，20 位数字。",
        error_messages={"required": "请填写发票号码。"},
    )
    issued_on = forms.DateField(
        label="开票日期",
        error_messages={"required": "请填写开票日期。", "invalid": "开票日期应填年月日，例：2026-11-15。"},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    file = forms.FileField(
        label="发票文件",
        help_text="PDF、OFD 或 XML，不超过 5 MB；XML 会与订单核对。",
        error_messages={"required": "请选择发票文件。", "empty": "发票文件是空的，请重新选择。"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def invoice(request: PortalRequest, pk: int) -> HttpResponse:
    """One request; a POST hands over the invoice."""
    actor = request.actor
    rows = Invoice.objects.visible_to(actor).select_related("order__organization", "order__institution")
    found = get_object_or_404(rows, pk=pk)
    form = IssueForm(initial={"issued_on": timezone.localdate()})
    if request.method == "POST":
        form = IssueForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            content = data["file"].read(MAX_BYTES + 1)
            with refusals_at(form):
                page = links.address("enterprise", found.order)
                invoices.issue_invoice(
                    actor,
                    found,
                    data["file"].name,
                    content,
                    data["number"],
                    data["issued_on"],
                    link=request.build_absolute_uri(page),
                )
                return done(request, "发票已交付，企业会收到短信和消息。", "institution:invoice", pk=found.pk)
    context = {
        "invoice": found,
        "order": found.order,
        "form": form if invoices.INVOICE.can(actor, found, "issue") else None,
        "files": list(found.files.select_related("document")),
    }
    return render(request, "institution/invoices/invoice.html", context)


urlpatterns = [
    path("invoices/", Invoices.as_view(), name="invoices"),
    path("invoices/<int:pk>/", invoice, name="invoice"),
]

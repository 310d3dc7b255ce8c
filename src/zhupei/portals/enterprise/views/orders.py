"""订单缴费: what can be ordered, the orders, one order with its account, voucher and people (BIL-01 … BIL-03)."""

from __future__ import annotations

import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.documents.amounts import amount_in_words
from foundation.errors import DomainError, WrongStateError
from foundation.files.models import Document
from foundation.identifiers import id_number
from foundation.identifiers.text import to_halfwidth
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.given import keys_in, number_in, numbers_in
from foundation.ui.pages import DayRangeFilter, ListFilter, SearchFilter, Tabs
from foundation.ui.uploads import accepted, file_of, refused, upload_view
from zhupei.billing import queries, rules, services
from zhupei.billing.forms import OrderSlip, OrderSlipLine, order_slip_pdf
from zhupei.billing.machine import ORDER
from zhupei.billing.models import Order, OrderState, Voucher
from zhupei.billing.services import VOUCHER_KIND, VOUCHER_MAX_BYTES, Agreed, VoucherData
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.roles import Capability
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.enterprise.views import invoices
from zhupei.portals.shared import payments
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.downloads import file_response

S = OrderState


# --- the list, and what can be ordered above it


class OrderTable(tables.ListTable):
    number = tables.TextColumn("订单号", css="mono", sort=True, width=18)
    institution = tables.TextColumn("培训机构", accessor="institution__name", width=30)
    head_count = tables.NumberColumn("人数")
    total = tables.MoneyColumn("金额", sort=True)
    state = tables.StateColumn("订单状态")
    created_at = tables.MinuteColumn("下单时间", sort=True)
    confirmed_at = tables.MinuteColumn("确认时间", export=True)


class OrderFilter(ListFilter):
    q = SearchFilter(["number__icontains", "institution__name__icontains"], label="订单号或培训机构")
    created_at = DayRangeFilter(label="下单日期")


class Orders(EnterpriseList):
    page_title = "订单缴费"
    template_name = "enterprise/orders/list.html"
    table_class = OrderTable
    filterset_class = OrderFilter
    tabs_field = "state"
    tabs = (
        Tabs("open", "待缴费", [S.OPEN], "wait"),
        Tabs("rejected", "凭证退回", [S.VOUCHER_REJECTED], "bad"),
        Tabs("submitted", "待确认", [S.VOUCHER_SUBMITTED]),
        Tabs("confirmed", "已确认", [S.CONFIRMED]),
        Tabs("closed", "已取消或已退费", [S.CANCELED, S.REFUNDED]),
    )
    order_by = ("-created_at", "-pk")
    row_url = "enterprise:order"
    export_name = "订单"
    unit = "单"
    empty_icon = "receipt"
    empty_title = "还没有订单"
    empty_text = "人员通过资格审核后会出现在这里，勾选后即可生成订单。"

    def queryset(self) -> QuerySet[Order]:
        return Order.objects.visible_to(self.actor).select_related("institution")

    def extra_context(self) -> dict[str, Any]:
        """What can be ordered; `?batch=` opens one large batch with all of its people."""
        rows = queries.orderable(self.actor)
        chosen = number_in(self.request.GET.get("batch", ""))
        if chosen is not None:
            rows = rows.filter(batch=chosen)
        groups = queries.to_order(rows, everybody=chosen is not None)
        return {
            "institutions": [(group, uuid.uuid4()) for group in groups],
            "one_batch": chosen is not None,
        }


# --- a new order


def _chosen(request: PortalRequest) -> list[int]:
    """Keys of the ticked people and of everybody in the ticked batches who can be ordered now."""
    people, batches = numbers_in(request.POST.getlist("person")), numbers_in(request.POST.getlist("batch"))
    if batches:
        rows = queries.orderable(request.actor).filter(batch__in=batches)
        people += rows.values_list("pk", flat=True)
    return people


def _agreed(request: PortalRequest) -> Agreed | None:
    """The head-count and amount that the question named; nothing when it has not been asked yet."""
    count, total = request.POST.get("agreed_count", ""), request.POST.get("agreed_total", "")
    try:
        return Agreed(int(count), rules.yuan(Decimal(total))) if count and total else None
    except (ValueError, InvalidOperation):
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("enterprise", needs=Capability.ORDER)
def new_order(request: PortalRequest) -> HttpResponse:
    """Make an order of the ticked people once the clerk has said yes to head-count and amount.

    Whoever comes here without having ticked anybody, or back after a refusal, is led to where one ticks.
    """
    actor = request.actor
    if request.method != "POST":
        return redirect("enterprise:orders")
    agreed, wanted = _agreed(request), _chosen(request)
    key = next(iter(keys_in([request.POST.get("request_key", "")])), None)
    if agreed is None:
        return _ask(request, wanted, key)
    try:
        order = services.place_order(actor, wanted, request_key=key, agreed=agreed)
    except DomainError as refusal:
        if refusal.code != "amount_changed":
            raise
        return _ask(request, wanted, key, refusal.message)
    sentence = f"订单 {order.number} 已生成，请按下面的账户转账，再上传汇款凭证。"
    return done(request, sentence, "enterprise:order", pk=order.pk)


def _ask(request: PortalRequest, wanted: list[int], key: uuid.UUID | None, notice: str = "") -> HttpResponse:
    """The question as a page: without scripts, or when people or fees have changed meanwhile."""
    rows = queries.orderable(request.actor).filter(pk__in=wanted)
    groups = queries.to_order(rows, everybody=True)
    if not groups:
        raise DomainError("nobody", "请先勾选要生成订单的人员。")
    if len(groups) > 1:
        raise DomainError("several_payees", "一张订单只能包含同一培训机构的人员，请按机构分别生成。")
    context = {
        "group": groups[0],
        "people": [person.pk for batch in groups[0].batches for person in batch.people],
        "request_key": key or uuid.uuid4(),
        "notice": notice,
        "in_words": amount_in_words(groups[0].total),
    }
    return render(request, "enterprise/orders/confirm.html", context)


# --- one order


class MoneyField(forms.DecimalField):
    """Yuan; `¥12,480.00`, full-width digits and 元 are understood."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(sign for sign in to_halfwidth(value) if sign not in "¥￥,元 ")
        return super().clean(value)


class VoucherForm(forms.Form):
    """The voucher; `document` is the key of the file uploaded before, so that an error loses nothing."""

    document = forms.UUIDField(
        label="汇款凭证",
        error_messages={
            "required": "请上传汇款凭证。",
            "invalid": "凭证文件已经失效，请重新上传。",
        },
    )
    payer_name = forms.CharField(
        label="付款单位",
        max_length=120,
        help_text="必须是本单位账户，不能由其他单位或个人代缴。",
        error_messages={"required": "请填写付款单位。"},
    )
    amount = MoneyField(
        label="汇款金额（元）",
        max_digits=12,
        decimal_places=2,
        help_text="与订单金额一致，一笔汇款对应一张订单。",
        error_messages={
            "required": "请填写汇款金额。",
            "invalid": "金额应填数字，例：5760.00。",
            "max_decimal_places": "金额最多两位小数。",
            "max_digits": "金额过大，请核对。",
            "max_whole_digits": "金额过大，请核对。",
        },
    )
    paid_on = forms.DateField(
        label="汇款日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择汇款日期。", "invalid": "请按 2026-11-21 的格式填写日期。"},
    )
    invoice_title = forms.CharField(
        label="开票抬头", max_length=120, required=False, help_text="与付款单位一致。"
    )
    remarks = forms.CharField(
        label="情况说明",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可写开票信息（税号、地址电话）或其他要说明的事，如线上、线下各多少人。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].widget.attrs["max"] = str(timezone.localdate())

    def voucher_data(self) -> VoucherData:
        """What the service takes; call it on a valid form."""
        return VoucherData(**{name: value for name, value in self.cleaned_data.items() if name != "document"})


def _own_file(request: PortalRequest, key: Any) -> Document | None:
    """A voucher file of this organization; nothing for a key that is none."""
    own = Document.objects.visible_to(request.actor).filter(kind=VOUCHER_KIND, owner_key=request.actor.key)
    return own.filter(pk__in=keys_in([str(key)])).first()


def _first_values(order: Order, vouchers: list[Voucher]) -> dict[str, Any]:
    """What the form starts with: ourselves, the amount, and for a replacement what was typed before."""
    values = {
        "payer_name": order.organization.name,
        "amount": order.total,
        "invoice_title": order.organization.name,
    }
    if vouchers:
        values |= {"paid_on": vouchers[0].paid_on, "remarks": vouchers[0].remarks}
    return values


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("enterprise")
def order(request: PortalRequest, pk: int) -> HttpResponse:
    """One order; a POST hands in its voucher."""
    found = payments.find_order(request, pk)
    form = None
    if request.method == "POST":
        form = VoucherForm(request.POST)
        if form.is_valid() and _hand_in(request, found, form):
            return done(request, "汇款凭证已提交，等待培训机构确认。", "enterprise:order", pk=found.pk)
    return _show(request, found, form)


def _hand_in(request: PortalRequest, found: Order, form: VoucherForm) -> bool:
    """Whether the voucher was taken; if not, the form says why."""
    document = _own_file(request, form.cleaned_data["document"])
    if document is None:
        form.add_error("document", "凭证文件已经失效，请重新上传。")
        return False
    with refusals_at(form):
        services.submit_voucher(request.actor, found, document, form.voucher_data())
        return True
    return False


def _show(request: PortalRequest, found: Order, form: VoucherForm | None) -> HttpResponse:
    actor = request.actor
    vouchers = payments.vouchers_of(found)
    if form is None and ORDER.can(actor, found, "submit_voucher"):
        form = VoucherForm(initial=_first_values(found, vouchers))
    context = {
        "order": found,
        "steps": payments.steps(found),
        "invoice_card": invoices.card(actor, found),
        "in_words": amount_in_words(found.total),
        "form": form,
        "file": _own_file(request, form["document"].value()) if form is not None and form.is_bound else None,
        "max_mb": VOUCHER_MAX_BYTES // 1024 // 1024,
        "may_cancel": ORDER.can(actor, found, "cancel"),
        "latest": vouchers[0] if vouchers else None,
        "earlier": vouchers[1:],
        "page": payments.people(request, found),
        "entries": payments.timeline(found),
    }
    return render(request, "enterprise/orders/order.html", context)


@require_POST
@portal_required("enterprise")
@upload_view
def voucher_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Takes the file of a voucher before the form is handed in."""
    found = payments.find_order(request, pk)
    actor = request.actor
    if not ORDER.can(actor, found, "submit_voucher"):
        return refused(
            f"订单{found.get_state_display()}，现在不能上传凭证，请刷新页面查看最新情况。", status=409
        )
    upload = file_of(request)
    document = services.keep_voucher_file(actor, upload.name or "", upload.read(VOUCHER_MAX_BYTES + 1))
    url = reverse("shared:document", args=[document.pk])
    return accepted("已上传，请核对下面的内容后提交。", id=document.pk, url=url, name=document.name)


@require_POST
@portal_required("enterprise")
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the order back while nothing has been paid."""
    found = payments.find_order(request, pk)
    services.cancel_order(request.actor, found)
    return done(
        request, f"订单 {found.number} 已取消，{found.head_count} 人可以重新生成订单。", "enterprise:orders"
    )


@require_safe
@portal_required("enterprise")
def slip(request: PortalRequest, pk: int) -> HttpResponse:
    """缴费通知单 as PDF, ID numbers masked."""
    found = payments.find_order(request, pk)
    if found.state in {S.CANCELED, S.REFUNDED}:
        raise WrongStateError(f"订单{found.get_state_display()}，没有缴费通知单。")
    lines = found.lines.select_related("enrollment__occupation", "enrollment__level").order_by("pk")
    pdf = order_slip_pdf(
        OrderSlip(
            number=found.number,
            ordered_on=timezone.localdate(found.created_at),
            payer=found.organization.name,
            payer_uscc=found.organization.uscc,
            institution=found.institution.name,
            account_name=found.account_name,
            account_number=found.account_number,
            bank=found.account_bank,
            lines=[_slip_line(line.enrollment, line.fee) for line in lines],
            address=request.build_absolute_uri(reverse("enterprise:order", args=[found.pk])),
        )
    )
    return file_response(pdf, f"缴费通知单-{found.number}.pdf")


def _slip_line(person: Enrollment, fee: Decimal) -> OrderSlipLine:
    return OrderSlipLine(
        name=person.name,
        id_number=id_number.mask(person.id_number),
        occupation=str(person.trade),
        delivery=person.get_delivery_display(),
        fee=fee,
    )


urlpatterns = [
    path("orders/", Orders.as_view(), name="orders"),
    path("orders/new/", new_order, name="order_new"),
    path("orders/<int:pk>/", order, name="order"),
    path("orders/<int:pk>/cancel/", cancel, name="order_cancel"),
    path("orders/<int:pk>/voucher-file/", voucher_file, name="order_voucher_file"),
    path("orders/<int:pk>/slip.pdf", slip, name="order_slip"),
]

"""缴费确认: vouchers that wait, one order compared line by line, confirmed or sent back (BIL-04)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.given import number_in
from foundation.ui.pages import DayRangeFilter, ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.parts import Tab, place_in
from foundation.ui.reviews import read_reasons, read_verdict
from zhupei.billing import queries, rules, services
from zhupei.billing.machine import ORDER
from zhupei.billing.models import Order, OrderState, Voucher
from zhupei.portals.shared import payments
from zhupei.portals.shared.access import portal_required

S = OrderState
REASONS = ("款项未到账", "汇款金额与订单不符", "付款单位不是报名单位", "凭证看不清", "不是本订单的凭证")


class PaymentTable(tables.ListTable):
    number = tables.TextColumn("订单号", css="mono", sort=True, width=18)
    organization = tables.TextColumn("报名单位", accessor="organization__name", sort=True, width=30)
    head_count = tables.NumberColumn("人数")
    total = tables.MoneyColumn("金额", sort=True)
    state = tables.StateColumn("订单状态")
    voucher_at = tables.MinuteColumn("凭证提交时间", sort=True)
    created_at = tables.MinuteColumn("下单时间", sort=True)


class PaymentFilter(ListFilter):
    q = SearchFilter(["number__icontains", "organization__name__icontains"], label="订单号或报名单位")
    created_at = DayRangeFilter(label="下单日期")


@method_decorator(portal_required("institution"), name="dispatch")
class Payments(ListPage):
    page_title = "缴费确认"
    table_class = PaymentTable
    filterset_class = PaymentFilter
    tabs_field = "state"
    tabs = (
        Tabs("waiting", "待确认", [S.VOUCHER_SUBMITTED], "wait"),
        Tabs("open", "待缴费", [S.OPEN]),
        Tabs("rejected", "凭证退回", [S.VOUCHER_REJECTED]),
        Tabs("confirmed", "已确认", [S.CONFIRMED]),
        Tabs("closed", "已取消或已退费", [S.CANCELED, S.REFUNDED]),
    )
    default_tab = "waiting"
    row_url = "institution:payment"
    export_name = "缴费订单"
    unit = "单"
    empty_icon = "receipt"
    empty_title = "没有待确认的缴费"
    empty_text = "企业上传汇款凭证后，订单会出现在这里。其他订单请看上面的分类。"

    @property
    def order_by(self) -> tuple[str, ...]:  # type: ignore[override]
        """What waits longest comes first; elsewhere the newest."""
        waiting = self.request.GET.get("tab", self.default_tab) == self.default_tab
        return ("voucher_at",) if waiting else ("-created_at", "-pk")

    def queryset(self) -> QuerySet[Order]:
        rows = Order.objects.visible_to(self.request.actor)
        return queries.with_voucher_time(rows).select_related("organization")

    def _tabs(self, *args: Any) -> list[Tab]:
        """What waits stands first, everything last."""
        everything, *rest = super()._tabs(*args)
        return [*rest, everything]


# --- one order


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def payment(request: PortalRequest, pk: int) -> HttpResponse:
    """One order; a POST confirms its payment or sends the voucher back, then the next one comes."""
    actor = request.actor
    found = payments.find_order(request, pk)
    if request.method != "POST":
        return _show(request, found)
    queue = queries.payment_queue(actor)
    messages.success(request, _decide(request, found))
    return _to_next(request, found, queue)


def _decide(request: PortalRequest, found: Order) -> str:
    """Do what was pressed; returns the sentence to show."""
    actor = request.actor
    seen_voucher = number_in(request.POST.get("voucher", ""))
    verdict = read_verdict(request.POST)
    if verdict == "approve":
        services.confirm_payment(actor, found, seen_voucher=seen_voucher)
        return f"订单 {found.number} 缴费已确认，{found.head_count} 人已报名，学习账号已开通，短信正在发送。"
    if verdict == "return":
        reason = "；".join(reason.text for reason in read_reasons(request.POST))
        services.reject_voucher(actor, found, reason, seen_voucher=seen_voucher)
        return f"订单 {found.number} 的凭证已退回，原因已通知企业。"
    raise DomainError("no_verdict", "请选择确认缴费或退回。")


def _to_next(request: PortalRequest, done: Order, before: list[int]) -> HttpResponse:
    """The order that came after this one in the queue and still waits; the list when none is left."""
    queue = queries.payment_queue(request.actor)
    index = before.index(done.pk) if done.pk in before else -1
    coming = [key for key in before[index + 1 :] if key in queue] or queue
    if not coming:
        return redirect("institution:payments")
    return redirect("institution:payment", pk=coming[0])


_WAITS_FOR = {
    S.OPEN: ("info", "等待企业转账并上传汇款凭证，上传后会出现在“待确认”里。"),
    S.VOUCHER_REJECTED: ("wait", "凭证已退回，等待企业重新上传。"),
    S.CONFIRMED: ("ok", "缴费已确认，人员已报名。"),
    S.CANCELED: ("info", "企业已取消这张订单，不需要办理。"),
    S.REFUNDED: ("info", "这张订单已退费。"),
}


def _show(request: PortalRequest, found: Order) -> HttpResponse:
    actor = request.actor
    vouchers = payments.vouchers_of(found)
    latest: Voucher | None = vouchers[0] if vouchers else None
    lines = queries.fee_lines(found)
    checks = queries.payment_checks(actor, found, latest, lines)
    place = place_in(queries.payment_queue(actor), found.pk)
    context = {
        "order": found,
        "waits_for": _WAITS_FOR.get(OrderState(found.state)),
        "latest": latest,
        "earlier": vouchers[1:],
        "images": payments.pictures(vouchers),
        "lines": lines,
        "checks": checks,
        "blocked": "有不一致的地方，请退回并写明原因。" if rules.blocking(checks) else "",
        "reasons": REASONS,
        "may_decide": ORDER.can(actor, found, "confirm"),
        "place": place,
        **place.links(lambda pk: reverse("institution:payment", args=[pk])),
        "steps": payments.steps(found),
        "page": payments.people(request, found),
        "entries": payments.timeline(found),
    }
    return render(request, "institution/payments/payment.html", context)


urlpatterns = [
    path("payments/", Payments.as_view(), name="payments"),
    path("payments/<int:pk>/", payment, name="payment"),
]

"""What the payer's and the payee's pages of an order share: its steps, its record, its vouchers, its people."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from foundation.requests import PortalRequest
from foundation.ui.parts import Step, ViewerImage, steps_of
from zhupei.billing import queries
from zhupei.billing.models import Order, OrderState, Voucher

STEPS = ("生成订单", "转账汇款", "上传凭证", "缴费确认", "已报名")
PEOPLE_A_PAGE = 20
_STEP_OF = {
    OrderState.OPEN: 1,
    OrderState.VOUCHER_REJECTED: 2,
    OrderState.VOUCHER_SUBMITTED: 3,
    OrderState.CONFIRMED: len(STEPS),
}
_TONES = {"confirmed": "ok", "voucher_rejected": "bad", "voucher_submitted": "info", "cancelled": "mute"}


def find_order(request: PortalRequest, pk: int) -> Order:
    """The order of an address, with who pays and who is paid; 404 when it is not theirs."""
    orders = Order.objects.visible_to(request.actor).select_related("institution", "organization")
    return get_object_or_404(orders, pk=pk)


def steps(order: Order) -> list[Step]:
    """Where the order stands; nothing for one that is over without payment."""
    now = _STEP_OF.get(OrderState(order.state))
    if now is None:
        return []
    return steps_of(STEPS, now, bad=order.state == OrderState.VOUCHER_REJECTED)


def timeline(order: Order) -> list[dict[str, Any]]:
    """The order's record for the timeline component, newest first."""
    return [
        {
            "at": log.at,
            "actor": log.actor_label,
            "action": log.action_label if log.from_state else "生成订单",
            "remark": log.remark,
            "tone": _TONES.get(log.to_state, "mute"),
        }
        for log in queries.record(order)
    ]


def vouchers_of(order: Order) -> list[Voucher]:
    """The vouchers with their files, newest first."""
    return list(order.vouchers.select_related("document"))


def pictures(vouchers: list[Voucher]) -> list[ViewerImage]:
    """The vouchers that are pictures, for the viewer; the newest first."""
    images = []
    for index, voucher in enumerate(vouchers):
        if not voucher.document.is_image:
            continue
        url = reverse("shared:document", args=[voucher.document_id])
        label = "汇款凭证" if index == 0 else f"第 {len(vouchers) - index} 次（已退回）"
        images.append(ViewerImage(label, url, thumb=f"{url}?thumb=1", key=str(voucher.pk)))
    return images


def people(request: HttpRequest, order: Order) -> Page:
    """The people of the order with their fees, a page of them."""
    rows = order.lines.select_related("enrollment__occupation", "enrollment__level").order_by(
        "enrollment__occupation__position", "pk"
    )
    return Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))

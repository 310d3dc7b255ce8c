"""订单状态: every move of an order (states.md). Its enrollments move with it in the same transaction."""

from __future__ import annotations

from django.utils import timezone

from foundation.scoping import SYSTEM, Actor
from foundation.workflow.machine import Machine, Transition
from foundation.workflow.models import TransitionLog
from zhupei.billing.models import UNPAID, Order, OrderState
from zhupei.billing.signals import enrollment_paid
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.roles import Capability, holder

S = OrderState


def live_enrollments(order: Order) -> list[int]:
    """Keys of the enrollments that the order still charges for."""
    return list(order.lines.filter(is_live=True).values_list("enrollment_id", flat=True))


_may_order = holder("enterprise", "organization_id", Capability.ORDER)
may_pay = holder("enterprise", "organization_id", Capability.PAY)
_may_confirm = holder("institution", "institution_id", Capability.CONFIRM_PAYMENT)


def _move(order: Order, action: str, remark: str = "") -> list[Enrollment]:
    rows = Enrollment.objects.filter(pk__in=live_enrollments(order))
    return ENROLLMENT.perform_many(SYSTEM, rows, action, remark=remark)


def _canceled(actor: Actor, order: Order, log: TransitionLog) -> None:
    _move(order, "cancel_order", f"订单 {order.number} 已取消")
    order.lines.update(is_live=False)


def _reported(actor: Actor, order: Order, log: TransitionLog) -> None:
    if log.from_state in UNPAID:
        _move(order, "report_payment", f"订单 {order.number} 已上传汇款凭证")


def _rejected(actor: Actor, order: Order, log: TransitionLog) -> None:
    _move(order, "reject_payment", log.remark)
    voucher = order.vouchers.first()
    if voucher is not None:
        voucher.rejected_reason = log.remark[:500]
        voucher.save(update_fields=["rejected_reason"])


def _confirmed(actor: Actor, order: Order, log: TransitionLog) -> None:
    order.confirmed_at = timezone.now()
    order.save(update_fields=["confirmed_at"])
    moved = _move(order, "confirm_payment", f"订单 {order.number} 缴费已确认")
    enrollment_paid.send(sender=Order, actor=actor, order=order, enrollments=moved)


ORDER = Machine(
    "order",
    OrderState,
    [
        Transition(
            "submit_voucher",
            "上传汇款凭证",
            UNPAID,
            S.VOUCHER_SUBMITTED,
            may=may_pay,
            effect=_reported,
        ),
        Transition(
            "confirm", "确认缴费", (S.VOUCHER_SUBMITTED,), S.CONFIRMED, may=_may_confirm, effect=_confirmed
        ),
        Transition(
            "reject_voucher",
            "退回凭证",
            (S.VOUCHER_SUBMITTED,),
            S.VOUCHER_REJECTED,
            may=_may_confirm,
            effect=_rejected,
            needs_reason=True,
        ),
        Transition("cancel", "取消订单", (S.OPEN,), S.CANCELED, may=_may_order, effect=_canceled),
    ],
)

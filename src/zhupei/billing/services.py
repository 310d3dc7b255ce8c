"""What people do about money: gather an order, cancel it, upload the voucher, confirm or send it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError
from foundation.files.models import Document
from foundation.identifiers.text import comparable
from foundation.messages.services import notify, notify_many
from foundation.scoping import SYSTEM, Actor
from zhupei.billing import rules
from zhupei.billing.machine import ORDER, is_payee
from zhupei.billing.models import Order, OrderLine, OrderState, Voucher
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState


@dataclass(frozen=True)
class VoucherData:
    """What the payer says about the transfer; `amount` in yuan."""

    payer_name: str
    amount: Decimal
    paid_on: dt.date
    invoice_title: str = ""
    remarks: str = ""


def _next_number(day: dt.date) -> str:
    """B20261115-0042: a counter a day, taken under an advisory lock that the transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('order-number'))")
    prefix = f"B{day:%Y%m%d}-"
    last = (
        Order.objects.filter(number__startswith=prefix)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def orderable(actor: Actor) -> QuerySet[Enrollment]:
    """The actor's approved, unpaid enrollments that are in no live order."""
    return (
        Enrollment.objects.visible_to(actor)
        .filter(state=EnrollmentState.ELIGIBLE)
        .exclude(order_lines__is_live=True)
    )


def place_order(actor: Actor, enrollment_ids: Sequence[int]) -> Order:
    """Gather eligible enrollments at one institution into one order; several batches may be merged (BIL-01).

    The amount is the sum of the fee standards now. All or nothing; an enrollment in another live order is refused.
    """
    if actor.portal != "enterprise":
        raise NotAllowedError()
    with transaction.atomic():
        wanted = sorted(set(enrollment_ids))
        rows = list(
            Enrollment.objects.visible_to(actor)
            .filter(pk__in=wanted)
            .select_related("offer", "institution")
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        _check_orderable(rows, len(wanted))
        institution = rows[0].institution
        order = Order.objects.create(
            number=_next_number(timezone.localdate()),
            organization=actor.body,
            institution=institution,
            head_count=len(rows),
            total=rules.total([row.offer.fee for row in rows]),
            account_name=institution.account_name,
            account_number=institution.account_number,
            account_bank=institution.account_bank,
            created_by=actor.user,
        )
        try:
            with transaction.atomic():
                OrderLine.objects.bulk_create(
                    [OrderLine(order=order, enrollment=row, fee=row.offer.fee) for row in rows],
                    batch_size=1000,
                )
        except IntegrityError:
            raise DomainError(
                "already_ordered", "所选人员里有人已在另一张未完成的订单里，请刷新页面后重新选择。"
            ) from None
        ORDER.record_start(actor, [order])
        ENROLLMENT.perform_many(
            SYSTEM, Enrollment.objects.filter(pk__in=wanted), "place_order", remark=f"订单 {order.number}"
        )
        return order


def _check_orderable(rows: list[Enrollment], wanted: int) -> None:
    if not rows:
        raise DomainError("nothing_chosen", "请先勾选要生成订单的人员。")
    if len(rows) != wanted:
        raise DomainError("not_found", "所选人员里有的已不存在，请刷新页面后重新选择。")
    not_ready = [row.name for row in rows if row.state != EnrollmentState.ELIGIBLE]
    if not_ready:
        names = "、".join(not_ready[:5]) + ("等" if len(not_ready) > 5 else "")
        raise DomainError(
            "not_eligible",
            f"{names} 现在不能生成订单（未通过资格审核，或已在其他订单里），请刷新页面后重新选择。",
        )
    if len({row.institution_id for row in rows}) > 1:
        raise DomainError("several_institutions", "一张订单只能包含同一培训机构的人员，请按机构分别生成。")


def cancel_order(actor: Actor, order: Order) -> None:
    """Take the order back while nothing has been paid; its people become orderable again."""
    ORDER.perform(actor, order, "cancel")


def submit_voucher(actor: Actor, order: Order, document: Document, data: VoucherData) -> Voucher:
    """Hand in (or replace a rejected) voucher; the payer must be the organization itself (BIL-03)."""
    _check_voucher(order, data)
    with transaction.atomic():
        voucher = Voucher.objects.create(
            order=order,
            document=document,
            payer_name=data.payer_name.strip(),
            amount=data.amount,
            paid_on=data.paid_on,
            invoice_title=data.invoice_title.strip() or order.organization.name,
            remarks=data.remarks.strip(),
            created_by=actor.user,
        )
        ORDER.perform(actor, order, "submit_voucher", remark=f"汇款 {data.amount} 元，{data.paid_on}")
        notify(
            "billing.voucher_submitted",
            recipients=[order.institution.key],
            url=f"/institution/payments/{order.pk}/",
            context={"number": order.number, "organization": order.organization.name, "amount": data.amount},
        )
        return voucher


def _check_voucher(order: Order, data: VoucherData) -> None:
    own = comparable(order.organization.name)
    problems: dict[str, str] = {}
    if comparable(data.payer_name) != own:
        problems["payer_name"] = (
            f"付款单位必须是本单位“{order.organization.name}”，不能由其他单位或个人代缴；请由本单位账户重新汇款。"
        )
    if data.invoice_title.strip() and comparable(data.invoice_title) != own:
        problems["invoice_title"] = "开票抬头必须与付款单位一致。"
    if data.amount != order.total:
        problems["amount"] = f"汇款金额应与订单金额 ¥{order.total:,.2f} 一致，一笔汇款对应一张订单。"
    if data.paid_on > timezone.localdate():
        problems["paid_on"] = "汇款日期不能晚于今天。"
    if problems:
        raise DomainError("voucher_refused", next(iter(problems.values())), items=problems)


def confirm_payment(actor: Actor, order: Order) -> None:
    """The institution has the money: everybody becomes 已报名 in one transaction; messages go out (BIL-04).

    A second click, or a click by a colleague, finds the order confirmed and changes nothing.
    """
    with transaction.atomic():
        locked = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
        if locked.state == OrderState.CONFIRMED and is_payee(actor, locked):
            order.state = locked.state
            return
        ORDER.perform(actor, order, "confirm")
        _announce_confirmation(order)


def _announce_confirmation(order: Order) -> None:
    context = {
        "number": order.number,
        "institution": order.institution.name,
        "count": order.head_count,
    }
    organization = order.organization
    notify(
        "billing.order_confirmed",
        recipients=[organization.key],
        phones=[organization.contact_phone],
        url=f"/enterprise/orders/{order.pk}/",
        context=context,
    )
    people = Enrollment.objects.filter(order_lines__order=order, order_lines__is_live=True).select_related(
        "occupation", "institution"
    )
    notify_many(
        "billing.enrolled",
        [
            (
                row.phone,
                {"name": row.name, "occupation": str(row.occupation), "institution": order.institution.name},
            )
            for row in people
        ],
    )


def reject_voucher(actor: Actor, order: Order, reason: str) -> None:
    """Send the voucher back with a reason; the organization may upload another."""
    if not reason.strip():
        raise DomainError("reason_required", "请写明退回的原因，企业会看到。")
    with transaction.atomic():
        ORDER.perform(actor, order, "reject_voucher", remark=reason)
        notify(
            "billing.voucher_rejected",
            recipients=[order.organization.key],
            phones=[order.organization.contact_phone],
            url=f"/enterprise/orders/{order.pk}/",
            context={"number": order.number, "reason": reason.strip()},
        )

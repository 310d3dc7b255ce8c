"""What people do about money: gather an order, cancel it, upload the voucher, confirm or send it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.errors import DomainError
from foundation.files import images, pdf, sniff
from foundation.files import services as files
from foundation.files.models import Document
from foundation.naming import some_of
from foundation.numbers.series import Series
from foundation.scoping import SYSTEM, Actor
from zhupei.billing import news, queries, rules
from zhupei.billing.machine import ORDER
from zhupei.billing.models import Order, OrderLine, OrderState, Voucher
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.organizations.roles import Capability, require

ORDER_NUMBERS = Series("order")
VOUCHER_KIND = "billing.voucher"
VOUCHER_MAX_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Agreed:
    """What the clerk said yes to; an order that would come out differently is not made. `total` in yuan."""

    head_count: int
    total: Decimal


@dataclass(frozen=True)
class VoucherData:
    """What the payer says about the transfer; `amount` in yuan."""

    payer_name: str
    amount: Decimal
    paid_on: dt.date
    invoice_title: str = ""
    remarks: str = ""


def place_order(
    actor: Actor,
    enrollment_ids: Sequence[int],
    *,
    request_key: UUID | None = None,
    agreed: Agreed | None = None,
) -> Order:
    """Gather eligible enrollments at one institution into one order; several batches may be merged (BIL-01).

    The amount is the sum of the fee standards now; when it isn't what was `agreed` (people or fees have changed since
    the page was opened) nothing is ordered. All or nothing; an enrollment in another live order is refused. Asked
    twice with the same `request_key` it returns the order made the first time.
    """
    require(actor, Capability.ORDER)
    number = ORDER_NUMBERS.take(f"B{timezone.localdate():%Y%m%d}-")[0]
    with transaction.atomic():
        wanted = sorted(set(enrollment_ids))
        rows = list(
            Enrollment.objects.visible_to(actor)
            .filter(pk__in=wanted)
            .select_related("offer", "institution")
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        made = request_key and Order.objects.visible_to(actor).filter(request_key=request_key).first()
        if made:
            return made
        _check_orderable(rows, len(wanted), agreed)
        order = _insert_order(actor, rows, number, request_key)
        ORDER.record_start(actor, [order])
        ENROLLMENT.perform_many(
            SYSTEM, Enrollment.objects.filter(pk__in=wanted), "place_order", remark=f"订单 {order.number}"
        )
        return order


def _insert_order(actor: Actor, rows: Sequence[Enrollment], number: str, request_key: UUID | None) -> Order:
    institution = rows[0].institution
    try:
        with transaction.atomic():
            order = Order.objects.create(
                number=number,
                organization=actor.body,
                institution=institution,
                head_count=len(rows),
                total=rules.total(row.fee for row in rows),
                account_name=institution.account_name,
                account_number=institution.account_number,
                account_bank=institution.account_bank,
                created_by=actor.user,
                request_key=request_key,
            )
            OrderLine.objects.bulk_create(
                [OrderLine(order=order, enrollment=row, fee=row.fee) for row in rows],
                batch_size=1000,
            )
            return order
    except IntegrityError:
        raise DomainError(
            "already_ordered", "所选人员里有人已在另一张未完成的订单里，请刷新页面后重新选择。"
        ) from None


def _check_orderable(rows: list[Enrollment], wanted: int, agreed: Agreed | None) -> None:
    if not wanted:
        raise DomainError("nothing_chosen", "请先勾选要生成订单的人员。")
    if len(rows) != wanted:
        raise DomainError("not_found", "所选人员里有的已不存在，请刷新页面后重新选择。")
    not_ready = [row.name for row in rows if row.state != EnrollmentState.ELIGIBLE]
    if not_ready:
        raise DomainError(
            "not_eligible",
            f"{some_of(not_ready)} 现在不能生成订单（未通过资格审核，或已在其他订单里），请刷新页面后重新选择。",
        )
    if len({row.institution_id for row in rows}) > 1:
        raise DomainError("several_institutions", "一张订单只能包含同一培训机构的人员，请按机构分别生成。")
    now = Agreed(len(rows), rules.total(row.fee for row in rows))
    if agreed is not None and now != agreed:
        raise DomainError(
            "amount_changed",
            f"人员或收费标准刚刚有变化，现在是 {now.head_count} 人、{rules.in_words(now.total)}，请核对后再生成订单。",
        )


def cancel_order(actor: Actor, order: Order) -> None:
    """Take the order back while nothing has been paid; its people become orderable again.

    A second click finds the order canceled and changes nothing.
    """
    require(actor, Capability.ORDER, order)
    with transaction.atomic():
        if _locked(order).state == OrderState.CANCELED:
            order.state = OrderState.CANCELED
            return
        ORDER.perform(actor, order, "cancel")


def _locked(order: Order) -> Order:
    """The order as it is now, nobody else moving it until the transaction ends."""
    return Order.objects.select_for_update(no_key=True).get(pk=order.pk)


# --- the voucher


def keep_voucher_file(actor: Actor, name: str, content: bytes) -> Document:
    """Keep one picture or PDF of at most 5 MB as the file of a voucher to be handed in (BIL-03).

    Pictures are drawn anew, a PDF is kept as it is. Until it is handed in only the actor's organization can open it.
    Raises DomainError: `entry_too_large`, `unknown_kind`, or what judging the picture or the PDF raises.
    """
    require(actor, Capability.PAY)
    if len(content) > VOUCHER_MAX_BYTES:
        size = len(content) / 1024 / 1024
        raise DomainError("entry_too_large", f"文件 {size:.1f} MB，超过 5 MB，请压缩或截图后再上传。")
    kind = sniff.sniff(content)
    name = PurePath(name).name or "汇款凭证"
    if kind is sniff.PDF:
        pdf.check(content)
        return files.store(actor, VOUCHER_KIND, name, content, kind.content_type)
    if kind.family is not sniff.Family.IMAGE and kind is not sniff.EMPTY:
        raise DomainError("unknown_kind", f"这个文件是{kind.label}，请上传 JPG、PNG 图片或 PDF 文件。")
    clean = images.reencode(content, images.ImageLimits(max_bytes=VOUCHER_MAX_BYTES))
    return files.store(
        actor, VOUCHER_KIND, name, clean.data, clean.content_type, width=clean.width, height=clean.height
    )


def submit_voucher(actor: Actor, order: Order, document: Document, data: VoucherData) -> Voucher:
    """Hand in (or replace a rejected) voucher; the payer must be the organization itself (BIL-03).

    The same file handed in again while it waits changes nothing (a form sent twice).
    """
    require(actor, Capability.PAY, order)
    with transaction.atomic():
        locked = _locked(order)
        latest = locked.vouchers.first()
        if (
            locked.state == OrderState.VOUCHER_SUBMITTED
            and latest is not None
            and latest.document_id == document.pk
        ):
            order.state = locked.state
            return latest
        _check_voucher(actor, order, document, data)
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
        ORDER.perform(
            actor, order, "submit_voucher", remark=f"汇款 {rules.in_words(data.amount)}，{data.paid_on}"
        )
        news.voucher_submitted(order, data.amount)
        return voucher


def _check_voucher(actor: Actor, order: Order, document: Document, data: VoucherData) -> None:
    own = order.organization.name
    problems: dict[str, str] = {}
    if document.kind != VOUCHER_KIND or document.owner_key != actor.key:
        problems["document"] = "凭证文件已经失效，请重新上传。"
    elif number := queries.used_elsewhere(actor, order, document.sha256):
        problems["document"] = f"这份凭证已用于订单 {number}，一笔汇款对应一张订单，请上传本订单的凭证。"
    if not rules.same_name(data.payer_name, own):
        problems["payer_name"] = (
            f"付款单位必须是本单位“{own}”，不能由其他单位或个人代缴；请由本单位账户重新汇款。"
        )
    if data.invoice_title.strip() and not rules.same_name(data.invoice_title, own):
        problems["invoice_title"] = "开票抬头必须与付款单位一致。"
    if data.amount != order.total:
        problems["amount"] = (
            f"汇款金额应与订单金额 {rules.in_words(order.total)} 一致，一笔汇款对应一张订单。"
        )
    if data.paid_on > timezone.localdate():
        problems["paid_on"] = "汇款日期不能晚于今天。"
    if problems:
        raise DomainError("voucher_refused", next(iter(problems.values())), items=problems)


def remove_stray_vouchers() -> int:
    """Delete voucher files that nobody handed in within two days; returns how many."""
    old = timezone.now() - dt.timedelta(days=2)
    stray = Document.objects.filter(kind=VOUCHER_KIND, created_at__lt=old).exclude(
        pk__in=Voucher.objects.values("document")
    )
    with transaction.atomic():
        found = list(stray[:5000])
        files.remove_many(found)
    return len(found)


# --- the institution


def confirm_payment(actor: Actor, order: Order, *, seen_voucher: int | None = None) -> None:
    """The institution has the money: everybody becomes 已报名 in one transaction; messages go out (BIL-04).

    `seen_voucher`: key of the voucher that was looked at; another one since is not confirmed unseen. A second click,
    or a click by a colleague, finds the order confirmed and changes nothing.
    """
    require(actor, Capability.CONFIRM_PAYMENT, order)
    with transaction.atomic():
        locked = _locked(order)
        if locked.state == OrderState.CONFIRMED:
            order.state = locked.state
            return
        _check_seen(locked, seen_voucher)
        if rules.sum_check(queries.fee_lines(locked), locked.head_count, locked.total).tone != "ok":
            raise DomainError(
                "amount_differs", "人数、收费标准与订单金额对不上，不能确认，请联系平台客服核对。"
            )
        ORDER.perform(actor, order, "confirm")
        news.order_confirmed(order)


def _check_seen(order: Order, seen_voucher: int | None) -> None:
    latest = order.vouchers.values_list("pk", flat=True).first()
    if seen_voucher is not None and latest != seen_voucher:
        raise DomainError("voucher_replaced", "企业已更换汇款凭证，请核对新的凭证后再办理。")


def reject_voucher(actor: Actor, order: Order, reason: str, *, seen_voucher: int | None = None) -> None:
    """Send the voucher back with a reason; the organization may upload another.

    The same click twice sends it back once.
    """
    require(actor, Capability.CONFIRM_PAYMENT, order)
    reason = reason.strip()
    if not reason:
        raise DomainError("reason_required", "请写明退回的原因，企业会看到。")
    with transaction.atomic():
        locked = _locked(order)
        latest = locked.vouchers.first()
        if (
            locked.state == OrderState.VOUCHER_REJECTED
            and latest is not None
            and latest.rejected_reason == reason[:500]
        ):
            order.state = locked.state
            return
        _check_seen(locked, seen_voucher)
        ORDER.perform(actor, order, "reject_voucher", remark=reason)
        news.voucher_rejected(order, reason)

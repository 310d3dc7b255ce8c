"""What the pages about money read: what can be ordered, the lines of an order, its record, the queue of vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from foundation.review.findings import Finding
from foundation.scoping import Actor
from foundation.workflow.models import TransitionLog
from zhupei.billing import rules
from zhupei.billing.models import Invoice, Order, OrderState, Voucher
from zhupei.catalog.models import Delivery, trade_words
from zhupei.enrollment.models import Enrollment, EnrollmentState


def billing_documents(actor: Actor) -> Q:
    """Condition on documents: vouchers and invoices of the orders that the actor may see."""
    vouchers = Voucher.objects.visible_to(actor).values("document")
    invoices = Invoice.objects.visible_to(actor).values("files__document").exclude(files=None)
    return Q(pk__in=vouchers) | Q(pk__in=invoices)


PEOPLE_SHOWN_A_BATCH = 100
PEOPLE_SHOWN = 300
_TRAINING = ("occupation__name", "level__name", "delivery")


def training_label(occupation: str, level: str | None, delivery: str) -> str:
    """`土建施工员 · 线下`, `砌筑工中级工 · 线下`."""
    return f"{trade_words(occupation, level)} · {Delivery(delivery).label}"


# --- what can be ordered


def orderable(actor: Actor) -> QuerySet[Enrollment]:
    """The actor's approved, unpaid enrollments that are in no live order (BIL-01)."""
    return (
        Enrollment.objects.visible_to(actor)
        .filter(state=EnrollmentState.ELIGIBLE)
        .exclude(order_lines__is_live=True)
    )


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


@dataclass(frozen=True)
class PersonToOrder:
    """One person who can be ordered, with the fee of now; `pk` is the enrollment's."""

    pk: int
    name: str
    id_number: str
    fee: Decimal

    @property
    def cents(self) -> int:
        """The fee in whole cents, for sums on the page."""
        return _cents(self.fee)


@dataclass
class BatchToOrder:
    """People of one batch who can be ordered. `people` is empty when there are too many of them for this page."""

    pk: int
    number: str
    label: str
    lines: list[rules.FeeLine] = field(default_factory=list)
    people: list[PersonToOrder] = field(default_factory=list)

    @property
    def head_count(self) -> int:
        return sum(line.head_count for line in self.lines)

    @property
    def total(self) -> Decimal:
        return rules.total(line.subtotal for line in self.lines)

    @property
    def cents(self) -> int:
        """The total in whole cents, for sums on the page."""
        return _cents(self.total)

    @property
    def fees(self) -> list[Decimal]:
        """The fees that occur, lowest first; nearly always one."""
        return sorted({line.fee for line in self.lines})


@dataclass
class InstitutionToOrder:
    """What can be put into one order: everybody approved at one institution."""

    pk: int
    name: str
    batches: list[BatchToOrder] = field(default_factory=list)

    @property
    def head_count(self) -> int:
        return sum(batch.head_count for batch in self.batches)

    @property
    def total(self) -> Decimal:
        return rules.total(batch.total for batch in self.batches)


def to_order(rows: QuerySet[Enrollment], *, everybody: bool = False) -> list[InstitutionToOrder]:
    """`rows` (of `orderable`) by institution and batch, with the fees of now; two queries.

    People are listed for the batches that are small enough, with `everybody` for all.
    """
    counted = (
        rows.annotate(price=Coalesce("agreed_fee", "offer__fee"))
        .order_by("institution__name", "institution_id", "-batch_id", "price")
        .values_list("institution_id", "institution__name", "batch_id", "batch__number", *_TRAINING, "price")
        .annotate(n=Count("pk"))
    )
    institutions: dict[int, InstitutionToOrder] = {}
    batches: dict[int, BatchToOrder] = {}
    for institution_id, name, batch_id, number, occupation, level, delivery, fee, n in counted:
        institution = institutions.setdefault(institution_id, InstitutionToOrder(institution_id, name))
        label = training_label(occupation, level, delivery)
        if batch_id not in batches:
            batches[batch_id] = BatchToOrder(batch_id, number, label)
            institution.batches.append(batches[batch_id])
        batches[batch_id].lines.append(rules.FeeLine(label, n, rules.yuan(fee)))
    shown = list(batches.values()) if everybody else _small_enough(list(batches.values()))
    if shown:
        people = rows.filter(batch__in=[batch.pk for batch in shown]).select_related("offer").order_by("pk")
        for row in people.only("name", "id_number", "batch", "agreed_fee", "offer__fee"):
            if row.batch_id in batches:
                person = PersonToOrder(row.pk, row.name, row.id_number, rules.yuan(row.fee))
                batches[row.batch_id].people.append(person)
    return list(institutions.values())


def _small_enough(batches: Sequence[BatchToOrder]) -> list[BatchToOrder]:
    """Batches whose people are listed one by one without making the page endless."""
    left, shown = PEOPLE_SHOWN, []
    for batch in batches:
        if batch.head_count <= min(left, PEOPLE_SHOWN_A_BATCH):
            shown.append(batch)
            left -= batch.head_count
    return shown


# --- orders


def with_voucher_time(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Annotate `voucher_at`: when the last voucher was handed in."""
    last = Voucher.objects.filter(order=OuterRef("pk")).order_by("-created_at").values("created_at")[:1]
    return orders.annotate(voucher_at=Subquery(last))


def fee_lines(order: Order) -> list[rules.FeeLine]:
    """What the order charges for, by training and fee; also of a canceled one. One query."""
    rows = (
        order.lines.order_by("enrollment__occupation__name", "enrollment__level__name", "fee")
        .values_list(*(f"enrollment__{name}" for name in _TRAINING), "fee")
        .annotate(n=Count("pk"))
    )
    return [rules.FeeLine(training_label(*training), n, fee) for *training, fee, n in rows]


def used_elsewhere(actor: Actor, order: Order, sha256: str) -> str:
    """Number of another order, seen by `actor`, that stands on a voucher of the same content; empty when there is none."""
    found = (
        Voucher.objects.visible_to(actor)
        .filter(document__sha256=sha256, rejected_reason="")
        .exclude(order=order)
        .exclude(order__state=OrderState.CANCELED)
        .values_list("order__number", flat=True)
        .first()
    )
    return found or ""


def payment_checks(
    actor: Actor, order: Order, voucher: Voucher | None, lines: Sequence[rules.FeeLine]
) -> list[Finding]:
    """Everything the institution compares before it confirms (BIL-04); without a voucher only the sum of `lines`."""
    checks = [rules.sum_check(lines, order.head_count, order.total)]
    if voucher is not None:
        claim = rules.Claim(
            organization=order.organization.name,
            payer_name=voucher.payer_name,
            amount=voucher.amount,
            paid_on=voucher.paid_on,
            invoice_title=voucher.invoice_title,
            ordered_on=timezone.localdate(order.created_at),
            elsewhere=used_elsewhere(actor, order, voucher.document.sha256),
        )
        checks += rules.claim_checks(claim, order.total)
    return checks


def record(order: Order) -> list[TransitionLog]:
    """Everything that happened to one order, newest first."""
    return list(TransitionLog.objects.of(order).order_by("-at", "-pk"))


# --- what waits


def payment_queue(actor: Actor) -> list[int]:
    """Keys of the orders whose vouchers wait for the actor, the longest waiting first."""
    waiting = Order.objects.visible_to(actor).filter(state=OrderState.VOUCHER_SUBMITTED)
    timed = waiting.annotate(voucher_at=Max("vouchers__created_at")).order_by("voucher_at", "pk")
    return list(timed.values_list("pk", flat=True))

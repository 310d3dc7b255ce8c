"""Pure rules about money and vouchers: yuan as Decimal with two places, never a float."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from foundation.identifiers.text import comparable
from foundation.review.findings import Finding

CENT = Decimal("0.01")


def yuan(value: Decimal | int | str) -> Decimal:
    """A sum of money rounded to the cent, half up."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def total(fees: Iterable[Decimal]) -> Decimal:
    """Σ fee standards, in yuan."""
    return yuan(sum(fees, Decimal(0)))


def in_words(amount: Decimal) -> str:
    """`¥12,480.00`, for sentences."""
    return f"¥{amount:,.2f}"


@dataclass(frozen=True)
class FeeLine:
    """People of one order who pay the same fee for the same training; `fee` in yuan."""

    label: str
    head_count: int
    fee: Decimal

    @property
    def subtotal(self) -> Decimal:
        return yuan(self.fee * self.head_count)


@dataclass(frozen=True)
class Claim:
    """What a voucher says, and what it has to agree with; `elsewhere` is the number of an order with the same voucher."""

    organization: str
    payer_name: str
    amount: Decimal
    paid_on: dt.date
    invoice_title: str
    ordered_on: dt.date
    elsewhere: str = ""


def same_name(one: str, other: str) -> bool:
    """Whether two spellings name the same organization (width, brackets and spaces don't matter)."""
    return comparable(one) == comparable(other)


def sum_check(lines: Sequence[FeeLine], head_count: int, amount: Decimal) -> Finding:
    """Head-count × fee = amount of the order (BIL-04)."""
    people = sum(line.head_count for line in lines)
    added = total(line.subtotal for line in lines)
    if (people, added) == (head_count, amount):
        return Finding("ok", "人数 × 收费标准与订单金额一致", in_words(amount))
    return Finding(
        "bad",
        "人数 × 收费标准与订单金额不一致",
        in_words(amount),
        f"明细合计 {people} 人、{in_words(added)}；订单 {head_count} 人、{in_words(amount)}。",
    )


def claim_checks(claim: Claim, amount: Decimal) -> list[Finding]:
    """What the institution compares before it confirms: payer, amount, invoice title, date, reuse (BIL-03, BIL-04)."""
    checks = [
        Finding("ok", "付款单位就是报名单位", claim.payer_name)
        if same_name(claim.payer_name, claim.organization)
        else Finding(
            "bad",
            "付款单位不是报名单位",
            note=f"付款单位：{claim.payer_name}；报名单位：{claim.organization}。",
        ),
        Finding("ok", "汇款金额与订单金额一致", in_words(claim.amount))
        if claim.amount == amount
        else Finding(
            "bad",
            "汇款金额与订单金额不一致",
            note=f"汇款 {in_words(claim.amount)}，订单 {in_words(amount)}。",
        ),
        Finding("ok", "开票抬头与付款单位一致", claim.invoice_title)
        if same_name(claim.invoice_title, claim.payer_name)
        else Finding("bad", "开票抬头与付款单位不一致", note=f"开票抬头：{claim.invoice_title}。"),
        Finding("ok", "汇款日期", f"{claim.paid_on}")
        if claim.paid_on >= claim.ordered_on
        else Finding(
            "wait",
            "汇款日期早于下单日期",
            f"{claim.paid_on}",
            f"订单是 {claim.ordered_on} 生成的，请核对是不是这笔汇款。",
        ),
    ]
    if claim.elsewhere:
        checks.append(
            Finding("bad", "凭证与其他订单的相同", note=f"订单 {claim.elsewhere} 用的是同一个文件。")
        )
    return checks


def blocking(checks: Iterable[Finding]) -> bool:
    """Whether something does not agree, so that the payment cannot be confirmed as it is."""
    return any(check.tone == "bad" for check in checks)

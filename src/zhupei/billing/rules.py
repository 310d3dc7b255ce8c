"""Pure rules about money: yuan as Decimal with two places, never a float."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def yuan(value: Decimal | int | str) -> Decimal:
    """A sum of money rounded to the cent, half up."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def total(fees: Iterable[Decimal]) -> Decimal:
    """Σ fee standards, in yuan."""
    return yuan(sum(fees, Decimal(0)))

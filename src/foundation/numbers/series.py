"""Number series: what is numbered, how wide, what follows 9999, and whether a number may be missing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from foundation.errors import DomainError


class NumbersUsedUpError(DomainError):
    """The last number of the series' width has been given."""

    def __init__(self, first: str, last: str) -> None:
        super().__init__("numbers_used_up", f"{first} 到 {last} 的编号已经用完，不能再编号。")


@dataclass(frozen=True)
class Series:
    """One kind of numbers; every prefix of it (a day, a city and a day, a month) counts for itself from 1.

    `kind` is its name in the database and never changes. Numbers have at least `digits` digits: where the series
    `grows`, 9999 is followed by 10000, otherwise it is the last one. `gap_free` decides how numbers are taken.
    """

    kind: str
    digits: int = 4
    grows: bool = True
    gap_free: bool = False

    def take(self, prefix: str, count: int = 1) -> list[str]:
        """The next `count` numbers of a prefix; nobody else ever gets them.

        Gap-free numbers are taken within the caller's transaction: others wait for its end, and its failure gives
        them back, so take them when the long work is done. All other numbers are taken and kept before the
        caller's transaction begins, so that nobody waits; what fails afterwards leaves a gap.
        Raises NumbersUsedUpError; RuntimeError when asked on the wrong side of the beginning of a transaction.
        """
        if self.gap_free and not connection.in_atomic_block:
            raise RuntimeError(f"numbers of the kind {self.kind} are taken within a transaction")
        with transaction.atomic(durable=not self.gap_free), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO numbers_counter AS c (kind, prefix, last) VALUES (%s, %s, %s)"
                " ON CONFLICT (kind, prefix) DO UPDATE SET last = c.last + excluded.last RETURNING last",
                [self.kind, prefix, count],
            )
            last: int = cursor.fetchone()[0]
            self._refuse_beyond(prefix, last)
        return [self._written(prefix, number) for number in range(last - count + 1, last + 1)]

    def pass_over(self, prefix: str, last: int) -> None:
        """Go on after `last`: numbers up to it were given by other means, such as a load of data in bulk."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO numbers_counter AS c (kind, prefix, last) VALUES (%s, %s, %s)"
                " ON CONFLICT (kind, prefix) DO UPDATE SET last = greatest(c.last, excluded.last)",
                [self.kind, prefix, last],
            )

    def first_free(self, prefix: str, taken: Iterable[str]) -> str:
        """The lowest number of the prefix that is not `taken`: a proposal, for names that people may also choose.

        Nothing is kept; the unique constraint of the names decides who was first. Raises NumbersUsedUpError.
        """
        used = set(taken)
        for number in itertools.count(1):
            self._refuse_beyond(prefix, number)
            if (name := self._written(prefix, number)) not in used:
                break
        return name

    def _written(self, prefix: str, number: int) -> str:
        return f"{prefix}{number:0{self.digits}d}"

    def _refuse_beyond(self, prefix: str, number: int) -> None:
        if not self.grows and number >= 10**self.digits:
            raise NumbersUsedUpError(self._written(prefix, 1), self._written(prefix, 10**self.digits - 1))

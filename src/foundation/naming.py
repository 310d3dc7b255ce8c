"""Names in a sentence: the first few, then how many there are."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 5


def some_of(names: Iterable[str], most: int = MOST, *, unit: str = "人", total: int | None = None) -> str:
    """`甲、乙、丙、丁、戊等 7 人`: all of them up to `most`, else the first and how many they are.

    Where the sentence has told the number already, `unit=""` leaves it out: `甲、乙、丙、丁、戊等`. `total`: how many
    they are when `names` are only the first of them.
    """
    return _cut(list(names), most, "、", "", unit, total)


def some_clauses(clauses: Iterable[str], most: int = MOST) -> str:
    """`甲：缺头像；乙：缺学历证书；等 7 人`: the same for people with a reason each, without full stops."""
    return _cut([clause.rstrip("。") for clause in clauses], most, "；", "；", "人", None)


def _cut(named: list[str], most: int, mark: str, last: str, unit: str, total: int | None) -> str:
    count = len(named) if total is None else total
    shown = mark.join(named[:most])
    if count <= most:
        return shown
    return f"{shown}{last}等" + (f" {count} {unit}" if unit else "")

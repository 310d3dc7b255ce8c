"""How alike two examinees of a room answered: pure arithmetic for the similarity report (EXM-09).

Agreement on right answers says little, agreement on the same wrong answer a lot. Papers differ in order and
shuffling, so that answers are compared by question version and by the option's original place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

# Question → (answer in original letters, whether it is right).
Sheet = Mapping[str, tuple[str, bool]]
LEAST_COMMON = 20
LEAST_WRONG = 4


@dataclass(frozen=True)
class Likeness:
    """Two people (keys), questions both answered, same answers, both wrong, both wrong in the same way."""

    one: str
    other: str
    common: int
    same: int
    both_wrong: int
    same_wrong: int

    @property
    def share(self) -> float:
        """Of the questions both got wrong, the share with the same wrong answer; 0 … 1."""
        return self.same_wrong / self.both_wrong if self.both_wrong else 0.0

    @property
    def same_share(self) -> float:
        """Of the questions both answered, the share with the same answer; 0 … 1."""
        return self.same / self.common if self.common else 0.0


def compare(one: str, first: Sheet, other: str, second: Sheet) -> Likeness:
    """Count the agreements of two sheets."""
    common = same = both_wrong = same_wrong = 0
    for question, (answer, is_right) in first.items():
        if question not in second:
            continue
        answer2, is_right2 = second[question]
        common += 1
        same += answer == answer2
        if not is_right and not is_right2:
            both_wrong += 1
            same_wrong += answer == answer2
    return Likeness(one, other, common, same, both_wrong, same_wrong)


def suspicious(
    sheets: Mapping[str, Sheet], *, threshold: float = 0.8, least_wrong: int = LEAST_WRONG
) -> list[Likeness]:
    """Pairs that share at least `threshold` of at least `least_wrong` common mistakes, the most alike first."""
    pairs = [
        compare(one, sheets[one], other, sheets[other]) for one, other in combinations(sorted(sheets), 2)
    ]
    alike = [
        pair
        for pair in pairs
        if pair.common >= LEAST_COMMON and pair.both_wrong >= least_wrong and pair.share >= threshold
    ]
    return sorted(alike, key=lambda pair: (-pair.same_wrong, -pair.share, pair.one, pair.other))


@dataclass(frozen=True)
class ItemFigures:
    """One question over all who had it: how many, share right (difficulty), discrimination (-1 … 1 or None)."""

    count: int
    right: int
    discrimination: float | None

    @property
    def difficulty(self) -> float:
        return self.right / self.count if self.count else 0.0


def item_figures(results: Sequence[tuple[bool, float]]) -> ItemFigures:
    """`results`: (right, that person's whole score). Discrimination = point-biserial correlation of the two."""
    count = len(results)
    right = sum(is_right for is_right, _ in results)
    scores = [score for _, score in results]
    if count < 2 or right in {0, count}:
        return ItemFigures(count, right, None)
    mean = sum(scores) / count
    spread = (sum((score - mean) ** 2 for score in scores) / count) ** 0.5
    if not spread:
        return ItemFigures(count, right, None)
    mean_right = sum(score for is_right, score in results if is_right) / right
    share = right / count
    return ItemFigures(count, right, (mean_right - mean) / spread * (share / (1 - share)) ** 0.5)

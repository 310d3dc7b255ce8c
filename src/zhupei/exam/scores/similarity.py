"""How alike two examinees of a room answered: pure arithmetic for the similarity report (EXM-09).

Agreement on right answers says little, agreement on the same wrong answer a lot, unless it is the mistake that
everybody makes: what all people of a plan answered says how likely two mistakes agree by chance. Papers differ in
order and shuffling, so that answers are compared by question version and by the option's original place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import StatisticsError, correlation

# Question → (answer in original letters, whether it is right).
Sheet = Mapping[str, tuple[str, bool]]
LEAST_COMMON = 20
LEAST_WRONG = 4
# Standard deviations above chance; a room has some 400 pairs, so that three would still name somebody by chance.
LEAST_SURPRISE = 3.5
# Two mistakes at one question agree that often where too few people erred to know better; it weighs like so many pairs.
BY_CHANCE = 1 / 3
WEIGHT = 6


@dataclass(frozen=True)
class Likeness:
    """Two people (keys), questions both answered, same answers, both wrong, both wrong in the same way.

    `expected` and `variance`: of the same mistakes, if both had worked alone.
    """

    one: str
    other: str
    common: int
    same: int
    both_wrong: int
    same_wrong: int
    expected: float = 0.0
    variance: float = 0.0

    @property
    def share(self) -> float:
        """Of the questions both got wrong, the share with the same wrong answer; 0 … 1."""
        return self.same_wrong / self.both_wrong if self.both_wrong else 0.0

    @property
    def surprise(self) -> float:
        """How many standard deviations the same mistakes are above chance."""
        return (self.same_wrong - self.expected) / max(self.variance, 0.25) ** 0.5


Mistakes = Mapping[str, "Counter[str]"]


def mistakes_of(sheets: Iterable[Sheet]) -> dict[str, Counter[str]]:
    """Question → wrong answer → how many people gave it."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for sheet in sheets:
        for question, (answer, is_right) in sheet.items():
            if not is_right:
                found[question][answer] += 1
    return dict(found)


def agreement(counts: Mapping[str, int], one: str, other: str) -> float:
    """How often two mistakes at a question are the same one, by all people but the two who gave `one` and `other`."""
    rest = Counter(counts)
    rest.subtract((one, other))
    rest = +rest
    people = rest.total()
    same = sum(count * (count - 1) for count in rest.values())
    return (same + WEIGHT * BY_CHANCE) / (people * (people - 1) + WEIGHT)


def compare(one: str, first: Sheet, other: str, second: Sheet, mistakes: Mistakes | None = None) -> Likeness:
    """Count the agreements of two sheets; `mistakes`: of everybody, these two among them."""
    common = same = both_wrong = same_wrong = 0
    expected = variance = 0.0
    for question, (answer, is_right) in first.items():
        if question not in second:
            continue
        answer2, is_right2 = second[question]
        common += 1
        same += answer == answer2
        if not is_right and not is_right2:
            both_wrong += 1
            same_wrong += answer == answer2
            share = agreement((mistakes or {}).get(question, {}), answer, answer2)
            expected += share
            variance += share * (1 - share)
    return Likeness(one, other, common, same, both_wrong, same_wrong, expected, variance)


def suspicious(
    sheets: Mapping[str, Sheet],
    *,
    mistakes: Mistakes | None = None,
    threshold: float = 0.8,
    least_wrong: int = LEAST_WRONG,
) -> list[Likeness]:
    """Pairs that share at least `threshold` of their common mistakes, far above chance; the most surprising first.

    `mistakes` as `mistakes_of` makes them, best of all people of a plan; left out, of these sheets.
    """
    known = mistakes_of(sheets.values()) if mistakes is None else mistakes
    pairs = [
        compare(one, sheets[one], other, sheets[other], known)
        for one, other in combinations(sorted(sheets), 2)
    ]
    alike = [
        pair
        for pair in pairs
        if pair.common >= LEAST_COMMON
        and pair.both_wrong >= least_wrong
        and pair.share >= threshold
        and pair.surprise >= LEAST_SURPRISE
    ]
    return sorted(alike, key=lambda pair: (-pair.surprise, -pair.same_wrong, pair.one, pair.other))


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
    if right in {0, count} or min(scores) == max(scores):
        return ItemFigures(count, right, None)
    try:
        found = correlation([float(is_right) for is_right, _ in results], scores)
    except StatisticsError:  # the scores differ by less than numbers can be squared
        return ItemFigures(count, right, None)
    return ItemFigures(count, right, max(-1.0, min(1.0, found)))

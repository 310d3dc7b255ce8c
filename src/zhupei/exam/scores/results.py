"""From what was earned to a result: pure rules (EXM-04, EXM-08, SCO-01)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from zhupei.exam.papers.scoring import PassRule
from zhupei.exam.scores.models import ScoreMark

EXAMINERS = 2
# Examiners further apart than this talk it over and score again (ours, where the rules are silent).
MOST_APART = Decimal(15)
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Verdict:
    """A result as the score list shows it."""

    mark: str
    passed: bool
    remark: str = ""


def practical_mean(scores: Sequence[Decimal]) -> Decimal | None:
    """The mean of two examiners' points, to a tenth (half up); None until there are two."""
    if len(scores) < EXAMINERS:
        return None
    return (sum(scores, Decimal(0)) / len(scores)).quantize(TENTH, ROUND_HALF_UP)


def too_far_apart(scores: Sequence[Decimal]) -> bool:
    """Whether two examiners disagree by more than MOST_APART points."""
    return len(scores) > 1 and max(scores) - min(scores) > MOST_APART


def judge(
    rule: PassRule,
    *,
    theory: Decimal | None,
    practical: Decimal | None = None,
    void_kind: str = "",
    practical_absent: bool = False,
) -> Verdict:
    """Cheating and void come before absence, absence before points; only a normal result can pass."""
    if void_kind:
        mark = ScoreMark.CHEATING if void_kind == ScoreMark.CHEATING else ScoreMark.VOID
        return Verdict(mark, False)
    if theory is None:
        return Verdict(ScoreMark.ABSENT, False, "理论缺考")
    if rule.practical is not None and (practical_absent or practical is None):
        return Verdict(ScoreMark.ABSENT, False, "实操缺考")
    return Verdict(ScoreMark.NORMAL, rule.theory_passes(theory) and rule.practical_passes(practical))


@dataclass(frozen=True)
class Band:
    """Scores from `low` up to, but not including, `after`; without it up to the full mark."""

    low: int
    high: int
    after: int | None = None

    def __str__(self) -> str:
        """60–69."""
        return f"{self.low}–{self.high}"

    def holds(self, score: Decimal) -> bool:
        return self.low <= score and (self.after is None or score < self.after)


def bands(pass_mark: int, full_mark: int) -> list[Band]:
    """What a distribution of scores is counted in: tenths of the full mark from the pass mark on, one tenth below it,
    and what is left at either end.
    """
    step = max(full_mark // 10, 1)
    edges = sorted({0, max(pass_mark - step, 0), pass_mark, *range(pass_mark, full_mark, step)})
    inner = [Band(low, after - 1, after) for low, after in itertools.pairwise(edges)]
    return [*inner, Band(edges[-1], full_mark)]

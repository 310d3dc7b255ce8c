"""From what was earned to a result: pure rules (EXM-04, EXM-08, SCO-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from zhupei.exam.scores.models import ScoreMark

EXAMINERS = 2
# Examiners further apart than this talk it over and score again (ours, where the rules are silent).
MOST_APART = Decimal(15)
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class PassRule:
    """The plan's figures; without a practical part `practical` is None."""

    theory: Decimal
    practical: Decimal | None = None


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
    passed = theory >= rule.theory and (rule.practical is None or (practical or 0) >= rule.practical)
    return Verdict(ScoreMark.NORMAL, passed)

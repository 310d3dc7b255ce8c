"""Scoring a theory paper: pure. A question is right as a whole or wrong; there are no part marks (EXM-04)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zhupei.assessment.models import AssessmentPlan

ZERO = Decimal("0.0")


@dataclass(frozen=True)
class Scored:
    """The score and the points of each question in the paper's order."""

    score: Decimal
    marks: list[Decimal]

    def as_strings(self) -> list[str]:
        """As Attempt.marks keeps them."""
        return [str(mark) for mark in self.marks]


def is_right(entry: Mapping[str, Any], choice: str) -> bool:
    """Whether `choice` (letters, e.g. "AC") is exactly the answer: all right ones and nothing else."""
    return bool(choice) and set(choice) == set(entry["answer"])


def score(key: Sequence[Mapping[str, Any]], choices: Mapping[int, str]) -> Scored:
    """Score the choices by question number (from 1); what was not answered earns nothing."""
    marks = [
        Decimal(entry["points"]) if is_right(entry, choices.get(number, "")) else ZERO
        for number, entry in enumerate(key, start=1)
    ]
    return Scored(sum(marks, ZERO), marks)


@dataclass(frozen=True)
class PassRule:
    """The pass marks of a plan, part by part; without a practical part `practical` is None (EXM-04, SCO-01)."""

    theory: Decimal
    practical: Decimal | None = None

    @classmethod
    def of(cls, plan: AssessmentPlan) -> PassRule:
        """The plan's own figures."""
        practical = Decimal(plan.practical_pass_mark) if plan.has_practical else None
        return cls(Decimal(plan.pass_mark), practical)

    def theory_passes(self, score: Decimal) -> bool:
        """Exactly the pass mark passes."""
        return score >= self.theory

    def practical_passes(self, score: Decimal | None) -> bool:
        """Exactly the pass mark passes, and everybody where there is no practical part."""
        return self.practical is None or (score is not None and score >= self.practical)

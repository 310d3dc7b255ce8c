"""The small values that components take: steps, tabs, pictures, compared rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step of a journey; `state` is `done`, `now`, `bad` (sent back) or empty (still to come)."""

    label: str
    state: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tab:
    """One tab over a list: where it leads and how many rows are behind it (None shows no number)."""

    label: str
    url: str
    count: int | None = None
    active: bool = False
    tone: str = ""


@dataclass(frozen=True)
class ViewerImage:
    """One picture of the viewer: `tone` colors its frame, `portrait` marks the face to compare."""

    label: str
    url: str = ""
    thumb: str = ""
    key: str = ""
    portrait: bool = False
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class CompareRow:
    """One line of a comparison: a label, a value per column, whether they disagree."""

    label: str
    values: Sequence[object]
    differs: bool | None = None

    @property
    def is_different(self) -> bool:
        """As told, else whether the filled-in values are not all equal."""
        if self.differs is not None:
            return self.differs
        return len({str(value) for value in self.values}) > 1


def steps_of(labels: Sequence[str], now: int, *, bad: bool = False, urls: Sequence[str] = ()) -> list[Step]:
    """Steps of a journey that stands at index `now` (0-based); `now >= len(labels)` means all done.

    `bad` shows the present step as sent back.
    """
    steps = []
    for index, label in enumerate(labels):
        state = "done" if index < now else ("bad" if bad else "now") if index == now else ""
        steps.append(Step(label, state, urls[index] if index < len(urls) else ""))
    return steps

"""The small values that components take: steps, tabs, pictures, compared rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class Place:
    """Where something stands in a queue: its neighbors' keys, its number (from 1; 0: not in it), how many there are."""

    previous: int | None
    next: int | None
    position: int
    total: int

    def links(self, address: Callable[[int], str]) -> dict[str, str]:
        """What `<c-review-place>` leads to; `address`: key → where it is shown."""
        return {
            "previous_url": address(self.previous) if self.previous else "",
            "next_url": address(self.next) if self.next else "",
        }


def place_in(keys: Sequence[int], key: int) -> Place:
    """The place of `key` in a queue; for something that is not in it: the queue's first as the next one."""
    if key not in keys:
        return Place(None, keys[0] if keys else None, 0, len(keys))
    index = keys.index(key)
    following = keys[index + 1] if index + 1 < len(keys) else None
    return Place(keys[index - 1] if index else None, following, index + 1, len(keys))


def steps_of(labels: Sequence[str], now: int, *, bad: bool = False, urls: Sequence[str] = ()) -> list[Step]:
    """Steps of a journey that stands at index `now` (0-based); `now >= len(labels)` means all done.

    `bad` shows the present step as sent back.
    """
    steps = []
    for index, label in enumerate(labels):
        state = "done" if index < now else ("bad" if bad else "now") if index == now else ""
        steps.append(Step(label, state, urls[index] if index < len(urls) else ""))
    return steps

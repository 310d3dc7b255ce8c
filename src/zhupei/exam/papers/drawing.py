"""Drawing a paper by its seed: pure, so that the same seed and pool give the same paper for ever (EXM-02).

Of a `random.Random` only `random()` is used: Python promises the same sequence of it in every version, not of
`shuffle` and `sample`.
"""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from zhupei.exam.bank.content import LETTERS

# The order of the blocks of a paper.
BLOCKS = ("single", "true_false", "multiple", "case")
TENTH = Decimal("0.1")

T = TypeVar("T")


@dataclass(frozen=True)
class PoolQuestion:
    """One question that may be drawn. `content` as in QuestionVersion, `picture` a data: URI or empty."""

    version: int
    type: str
    content: Mapping[str, Any]
    chapter: int | None = None
    difficulty: int | None = None
    picture: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a blueprint: `count` questions at `points` each (a case: all its parts together)."""

    type: str
    count: int
    points: Decimal
    chapter: int | None = None
    difficulty: int | None = None

    def takes(self, question: PoolQuestion) -> bool:
        return (
            question.type == self.type
            and self.chapter in (None, question.chapter)
            and self.difficulty in (None, question.difficulty)
        )

    def as_json(self) -> dict[str, Any]:
        """As PaperSet.blueprint keeps it."""
        return {
            "chapter": self.chapter,
            "type": self.type,
            "difficulty": self.difficulty,
            "count": self.count,
            "points": str(self.points),
        }

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Row:
        return cls(row["type"], row["count"], Decimal(row["points"]), row["chapter"], row["difficulty"])


class CannotDrawError(ValueError):
    """The pool is too small for the blueprint."""


@dataclass(frozen=True)
class Pool:
    """What papers are drawn from: questions in a fixed order, and the blueprint's rows."""

    questions: Sequence[PoolQuestion]
    rows: Sequence[Row]
    # Row → positions of the questions it takes.
    eligible: list[list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fitting = [[n for n, q in enumerate(self.questions) if row.takes(q)] for row in self.rows]
        object.__setattr__(self, "eligible", fitting)

    def shortages(self) -> dict[int, int]:
        """Row → how many questions it lacks, when rows that overlap are served as well as can be."""
        chosen = self._choose(random.Random(0))  # noqa: S311
        return {
            number: row.count - len(chosen[number])
            for number, row in enumerate(self.rows)
            if len(chosen[number]) < row.count
        }

    def _choose(self, rng: random.Random) -> list[list[int]]:
        """Positions drawn for each row: narrow rows first; what then lacks is found by exchanging."""
        owner: dict[int, int] = {}
        narrow_first = sorted(
            range(len(self.rows)),
            key=lambda n: (self.rows[n].chapter is None) + (self.rows[n].difficulty is None),
        )
        short = []
        for number in narrow_first:
            free = [n for n in self.eligible[number] if n not in owner]
            wanted = self.rows[number].count
            for position in _sample(rng, free, wanted):
                owner[position] = number
            short += [number] * max(0, wanted - len(free))
        for number in short:
            self._exchange(number, owner, set())
        chosen: list[list[int]] = [[] for _ in self.rows]
        for position, number in owner.items():
            chosen[number].append(position)
        return chosen

    def _exchange(self, number: int, owner: dict[int, int], seen: set[int]) -> bool:
        """Give row `number` one question more, letting the rows that hold it take others (augmenting path)."""
        for position in self.eligible[number]:
            if position in seen:
                continue
            seen.add(position)
            if position not in owner or (
                owner[position] != number and self._exchange(owner[position], owner, seen)
            ):
                owner[position] = number
                return True
        return False


@dataclass(frozen=True)
class Drawn:
    """A paper: what the browser gets, and its key (as in Paper.key), entry by entry."""

    questions: list[dict[str, Any]]
    key: list[dict[str, Any]]

    def body(self) -> bytes:
        """The questions as compact JSON."""
        return json.dumps(self.questions, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def pack(body: bytes) -> bytes:
    return zlib.compress(body, 6)


def unpack(packed: bytes | memoryview) -> bytes:
    return zlib.decompress(packed)


def draw(pool: Pool, seed: int) -> Drawn:
    """The paper of this seed: no question twice, types in blocks, questions and options shuffled.

    A question is {"id", "type", "stem", "options": [{"key", "text"}], "points"} and, where there is one, "picture"
    (a data: URI). A case is flattened into its parts: each bears "case": {"number", "part", "parts", "stem",
    "picture"?} — cases are counted from 1, parts keep their order. Raises CannotDrawError.
    """
    rng = random.Random(seed)  # noqa: S311 (the seed is the secret)
    chosen = pool._choose(rng)
    if any(len(found) < row.count for found, row in zip(chosen, pool.rows, strict=True)):
        raise CannotDrawError("the pool is too small for the blueprint")
    blocks: dict[str, list[tuple[int, Row]]] = {name: [] for name in BLOCKS}
    for found, row in zip(chosen, pool.rows, strict=True):
        blocks[row.type] += [(position, row) for position in found]
    drawn = Drawn([], [])
    cases = 0
    for name in BLOCKS:
        for position, row in _shuffled(rng, blocks[name]):
            question = pool.questions[position]
            if name == "case":
                cases += 1
                _add_case(drawn, rng, question, row, cases)
            else:
                _add(drawn, rng, question, question.type, question.content, row.points)
                if question.picture:
                    drawn.questions[-1]["picture"] = question.picture
    return drawn


def _add_case(drawn: Drawn, rng: random.Random, question: PoolQuestion, row: Row, number: int) -> None:
    parts = question.content["parts"]
    for part, points in enumerate(split_points(row.points, len(parts))):
        content = parts[part]
        _add(drawn, rng, question, content["type"], content, points, part)
        case = {"number": number, "part": part + 1, "parts": len(parts), "stem": question.content["stem"]}
        if question.picture:
            case["picture"] = question.picture
        drawn.questions[-1]["case"] = case


def _add(
    drawn: Drawn,
    rng: random.Random,
    question: PoolQuestion,
    kind: str,
    content: Mapping[str, Any],
    points: Decimal,
    part: int | None = None,
) -> None:
    texts = content["options"]
    order = list(range(len(texts)))
    if kind != "true_false":
        order = _shuffled(rng, order)
    shown = {LETTERS[original]: LETTERS[place] for place, original in enumerate(order)}
    drawn.questions.append(
        {
            "id": str(len(drawn.questions) + 1),
            "type": kind,
            "stem": content["stem"],
            "options": [
                {"key": LETTERS[place], "text": texts[original]} for place, original in enumerate(order)
            ],
            "points": plain_number(points),
        }
    )
    drawn.key.append(
        {
            "version": question.version,
            "part": part,
            "type": kind,
            "answer": sorted(shown[letter] for letter in content["answer"]),
            "points": str(points),
            "options": order,
        }
    )


def split_points(points: Decimal, parts: int) -> list[Decimal]:
    """A case's points over its parts in tenths; what does not divide goes to the first ones."""
    each, rest = divmod(int(points / TENTH), parts)
    return [(each + (1 if n < rest else 0)) * TENTH for n in range(parts)]


def plain_number(points: Decimal) -> int | float:
    """2 for 2.0, 2.5 for 2.5."""
    return int(points) if points == int(points) else float(points)


def full_mark(rows: Iterable[Row]) -> Decimal:
    """The points of all rows together."""
    return sum((row.points * row.count for row in rows), Decimal(0))


def _below(rng: random.Random, n: int) -> int:
    return int(rng.random() * n)


def _shuffled(rng: random.Random, items: Sequence[T]) -> list[T]:
    """Fisher–Yates."""
    row = list(items)
    for last in range(len(row) - 1, 0, -1):
        other = int(rng.random() * (last + 1))
        row[last], row[other] = row[other], row[last]
    return row


def _sample(rng: random.Random, items: Sequence[T], count: int) -> list[T]:
    """`count` of the items (all, when there are fewer), each set as likely as the other."""
    row = list(items)
    for place in range(min(count, len(row))):
        other = place + _below(rng, len(row) - place)
        row[place], row[other] = row[other], row[place]
    return row[:count]

"""Bar of ASM-02: 100 000 people are seated in less than 2 s by the command, reading and printing included.

Run: `.venv/bin/python bench/seat.py [PEOPLE]`. Prints one line a workload with its ratio to what a process
needs that only reads the same CSV and prints the same people as JSON, measured in the same run, and to the
limit; exits 1 when the command breaks the limit.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from zhupei.assessment.seating import seat_people
from zhupei.cli.seat import read_examinees

PEOPLE = 100_000
OCCUPATIONS, ORGANIZATIONS = 40, 3_000
ROOM = 30
LIMIT_S = 2.0
REPEATS = 5
# What reading and printing cost at least, in a process of its own.
READ_AND_PRINT = """
import csv, json, sys
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    rows = list(csv.reader(file))[1:]
rooms = [
    {"room": n // 30 + 1, "occupation": rows[n][1],
     "seats": [{"seat": seat, "id_number": row[0]} for seat, row in enumerate(rows[n : n + 30], start=1)]}
    for n in range(0, len(rows), 30)
]
print(json.dumps({"rooms": rooms}, ensure_ascii=False))
"""


def write_list(path: Path, people: int) -> None:
    """Occupations and organizations of very different size, as in life; the same list in every run."""
    chance = random.Random(1)
    occupations = [f"工种{number:02}" for number in range(OCCUPATIONS)]
    organizations = [f"浙江第{number}建筑工程有限公司" for number in range(ORGANIZATIONS)]
    rows = zip(
        chance.choices(occupations, [1 / (n + 1) ** 0.5 for n in range(OCCUPATIONS)], k=people),
        chance.choices(organizations, [1 / (n + 1) ** 0.8 for n in range(ORGANIZATIONS)], k=people),
        strict=True,
    )
    with path.open("w", encoding="utf-8") as file:
        file.write("id_number,occupation,organization\n")
        for number, (occupation, organization) in enumerate(rows):
            file.write(f"330106{number:012},{occupation},{organization}\n")


def best_of(action: Callable[[], object]) -> float:
    """The shortest of a few runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def run(words: Sequence[str]) -> bytes:
    """What a process prints."""
    return subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE).stdout


def check_result(path: Path, people: int, printed: bytes) -> None:
    """Everybody has one seat; nobody sits beside somebody of the same organization."""
    names = {person.key: (person.group, person.organization) for person in read_examinees(path)}
    seated = 0
    for room in json.loads(printed)["rooms"]:
        line = [names[seat["id_number"]] for seat in room["seats"]]
        seated += len(line)
        assert {group for group, _ in line} == {room["occupation"]} and len(line) <= ROOM
        assert all(left != right for left, right in pairwise(line)), room["room"]
    assert seated == people == len(names)


def main() -> int:
    """Seat one list, in the process and as the command with its start."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_list(path, people)
        command = ["-m", "zhupei.config.cli", "seat", str(path), "--rooms", str(ROOM)]
        check_result(path, people, run(command))
        alone = best_of(lambda: run(["-c", READ_AND_PRINT, str(path)]))
        examinees = read_examinees(path)
        workloads: dict[str, Callable[[], object]] = {
            "seat": lambda: seat_people(examinees, [ROOM], as_many_as_needed=True),
            "seat, command": lambda: run(command),
        }
        print(f"{people} people, reading and printing alone {alone:.3f} s, limit {LIMIT_S:.1f} s")
        taken = 0.0
        for name, action in workloads.items():
            taken = best_of(action)
            print(f"{name:14} {taken:.3f} s  {taken / alone:.1f} x alone  {taken / LIMIT_S:.2f} of the limit")
    return 0 if taken < LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())

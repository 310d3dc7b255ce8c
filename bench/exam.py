"""Bar 4: durable saves of answers against pgbench's own durable upserts, and 5 000 people who sign in and start.

Run: `.venv/bin/python bench/exam.py [--people 5000] [--connections 128] [--rounds 3] [--seconds 8]`.

A PostgreSQL of its own with fsync and synchronous_commit, two real web processes, and a load generator that shares
their processors. Both measurements take turns and their medians count, so that what else the machine does hits both.
Every confirmed save is looked up in the database. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' platform

from foundation.database.programs import Account, Programs
from tests.exam_platform import Platform, exam_platform

LEAST_RATIO = 0.5
MOST_P99_MS = 150.0
MOST_START_S = 60.0
START_CONNECTIONS = 64

# One request at a time: what is yielded is sent, what is sent back is (status, headers and body).
Conversation = Generator[bytes, tuple[int, bytes, bytes], None]


@dataclass
class Examinee:
    """One person with his own machine: cookies, version, and what was confirmed to him."""

    ticket: str
    id_number: str
    host: str
    cookie: str = ""
    token: str = ""
    version: int = 0
    choices: dict[str, list[str]] = field(default_factory=dict)  # question → letters to choose from
    confirmed: dict[int, tuple[int, str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """A whole request, as a browser writes it."""
        head = (
            f"{method} /exam/api/{path} HTTP/1.1\r\nHost: {self.host}\r\nOrigin: http://{self.host}\r\n"
            "User-Agent: Mozilla/5.0\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
            f"X-CSRFToken: {self.token}\r\nCookie: {self.cookie}\r\nContent-Length: "
        )
        return b"%b%d\r\n\r\n%b" % (head.encode(), len(body), body)

    def open_page(self) -> Conversation:
        """What the page does when it is loaded."""
        status, head, body = yield self.request("GET", "session")
        if status == 200:
            self.token = json.loads(body)["csrf"]
            self.cookie = _cookie(head)
        else:
            self.errors.append(f"session {status} {body!r}")

    def sign_in_and_start(self) -> Conversation:
        """Ticket and ID, then the paper."""
        pair = json.dumps({"ticket": self.ticket, "id_number": self.id_number}).encode()
        status, head, body = yield self.request("POST", "sign-in", pair)
        if status != 200:
            self.errors.append(f"sign-in {status} {body[:200]!r}")
            return
        self.cookie = f"{self.cookie}; {_cookie(head)}"
        status, head, body = yield self.request("POST", "start")
        if status != 200:
            self.errors.append(f"start {status} {body[:200]!r}")
            return
        self.paper = body

    def read_paper(self) -> None:
        """The letters of each question, from what `start` answered."""
        paper = json.loads(self.paper)
        self.version = paper["version"]
        self.choices = {
            question["id"]: [option["key"] for option in question["options"]]
            for question in paper["questions"]
        }

    def save_until(self, end: float) -> Conversation:
        """Change one answer after the other."""
        numbers = list(self.choices)
        head = self.request("PUT", "answers").removesuffix(b"0\r\n\r\n")
        while time.perf_counter() < end:
            number = numbers[int(self.rng.random() * len(numbers))]
            letters = self.choices[number]
            letter = letters[int(self.rng.random() * len(letters))]
            change = f'{{"version": {self.version}, "answers": {{"{number}": ["{letter}"]}}}}'
            status, _, body = yield b"%b%d\r\n\r\n%b" % (head, len(change), change.encode())
            if status == 200:
                self.version = int(body[12 : body.index(b",")])  # {"version": 13, …
                self.confirmed[int(number)] = self.version, letter
            else:
                self.errors.append(f"save {status} {body[:200]!r}")


def _cookie(head: bytes) -> str:
    """The first cookie that is set."""
    place = head.lower().index(b"set-cookie: ") + len("set-cookie: ")
    return head[place : head.index(b";", place)].decode()


class Line:
    """A connection that carries conversations, one after the other."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0
        self.talk: Conversation | None = None

    def take(self, conversations: Iterator[Conversation]) -> bool:
        """Begin the next conversation that has anything to say."""
        for self.talk in conversations:
            if (request := next(self.talk, None)) is not None:
                self.send(request)
                return True
        return False

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes, bytes] | None:
        """The answer, once it is there as a whole."""
        data = self.socket.recv(16_384)
        if not data:
            raise ConnectionError("the server hung up")
        self.received = data = self.received + data if self.received else data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return None
        place = data.index(b"content-length: ", 0, end) + 16  # granian writes names in lower case
        if len(data) < end + 4 + int(data[place : data.index(b"\r", place)]):
            return None
        self.received = b""
        return int(data[9:12]), data[:end], data[end + 4 :]


def drive(port: int, connections: int, conversations: Iterator[Conversation]) -> list[float]:
    """Hold the conversations, `connections` at a time; how long each answer took, in seconds."""
    lines = [Line(port) for _ in range(connections)]
    times: list[float] = []
    clock = time.perf_counter
    with select.epoll() as poll:
        talking = {line.socket.fileno(): line for line in lines if line.take(conversations)}
        for number in talking:
            poll.register(number, select.EPOLLIN)
        while talking:
            for number, _ in poll.poll():
                line = talking[number]
                if (answer := line.answer()) is None:
                    continue
                times.append(clock() - line.sent_at)
                try:
                    assert line.talk is not None
                    line.send(line.talk.send(answer))
                except StopIteration:
                    if not line.take(conversations):
                        poll.unregister(number)
                        del talking[number]
    for line in lines:
        line.socket.close()
    return times


UPSERT = """\\set attempt :client_id + 1
\\set number random(1, :questions)
\\set version random(1, 1000000)
INSERT INTO bench_answer (month, attempt_id, number, choice, version, saved_at)
VALUES (date_trunc('month', now())::date, :attempt, :number, 'AC', :version, now())
ON CONFLICT (month, attempt_id, number) DO UPDATE
SET choice = excluded.choice, version = excluded.version, saved_at = excluded.saved_at
WHERE bench_answer.version <= excluded.version;
"""


class Upserts:
    """pgbench: single-row upserts into a table like the answers', each committed for itself."""

    def __init__(self, platform: Platform, folder: Path, clients: int, questions: int) -> None:
        self.server = platform.server
        self.script = folder / "upsert.sql"
        self.script.write_text(UPSERT)
        self.clients, self.questions = clients, questions
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE bench_answer (LIKE exam_answer INCLUDING ALL) WITH (fillfactor = 80)"
            )

    def per_second(self, seconds: int) -> float:
        programs = Programs(Account.for_data(self.server.place / "data"))
        command = programs.command(
            "pgbench",
            *("--no-vacuum", "--protocol", "prepared", "--client", str(self.clients), "--jobs", "2"),
            *("--time", str(seconds), "--define", f"questions={self.questions}"),
            *("--file", self.script, self.server.url),
        )
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True)
        return float(next(line for line in done.stdout.splitlines() if line.startswith("tps")).split()[2])


def processor_seconds(*roots: int) -> float:
    """What these processes, all below them and this one have used so far."""
    below: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            numbers = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        below.setdefault(int(numbers[1]), []).append(int(place.name))
        used[int(place.name)] = sum(map(int, numbers[11:15]))

    def total(pid: int) -> int:
        return used.get(pid, 0) + sum(map(total, below.get(pid, [])))

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        sum(map(total, roots)) / os.sysconf("SC_CLK_TCK")
        + time.process_time()
        + children.ru_utime
        + children.ru_stime
    )


def percentile(times: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def check_start(platform: Platform, people: list[Examinee]) -> bool:
    """Everybody signs in and starts; the page was opened before."""
    drive(platform.port, START_CONNECTIONS, iter([person.open_page() for person in people]))
    began = time.perf_counter()
    times = drive(platform.port, START_CONNECTIONS, iter([person.sign_in_and_start() for person in people]))
    taken = time.perf_counter() - began
    errors = [error for person in people for error in person.errors]
    print(
        f"{len(people)} people signed in and started in {taken:.1f} s, {len(errors)} errors;"
        f" a request p50 {percentile(times, 0.5):.0f} ms, p99 {percentile(times, 0.99):.0f} ms"
        f"  (limit {MOST_START_S:.0f} s)",
        *errors[:3],
        sep="\n" if errors else "",
        flush=True,
    )
    return taken <= MOST_START_S * len(people) / 5000 and not errors


def check_saves(platform: Platform, people: list[Examinee], rounds: int, seconds: int) -> bool:
    """Saves and pgbench's upserts in turns."""
    for person in people:
        person.read_paper()

    def used() -> float:
        assert platform.web is not None
        return processor_seconds(platform.web.pid, platform.postgres)

    with tempfile.TemporaryDirectory() as folder:
        upserts = Upserts(platform, Path(folder), len(people), len(people[0].choices))
        ratios, rates, all_times = [], [], []
        for _ in range(rounds):
            before = used()
            limit = upserts.per_second(seconds)
            between = used()
            began = time.perf_counter()
            times = drive(
                platform.port, len(people), iter([person.save_until(began + seconds) for person in people])
            )
            rate = len(times) / (time.perf_counter() - began)
            upsert_us = (between - before) / (limit * seconds) * 1e6
            save_us = (used() - between) / len(times) * 1e6
            rates.append(rate)
            ratios.append(rate / limit)
            all_times.append(times)
            print(
                f"upserts {limit:6.0f}/s  saves {rate:6.0f}/s  ratio {rate / limit:.2f}"
                f"  p50 {percentile(times, 0.5):.1f} p95 {percentile(times, 0.95):.1f}"
                f" p99 {percentile(times, 0.99):.1f} ms"
                f"  (processor time {upsert_us:.0f} and {save_us:.0f} us, load {os.getloadavg()[0]:.1f})",
                flush=True,
            )
    p99 = median(percentile(times, 0.99) for times in all_times)
    errors = [error for person in people for error in person.errors]
    missing = missing_saves(platform, people)
    print(
        f"durable saves {median(rates):.0f}/s, ratio to upserts {median(ratios):.2f} (at least {LEAST_RATIO}),"
        f" p99 {p99:.1f} ms (at most {MOST_P99_MS:.0f}), {len(errors)} errors,"
        f" {missing} of {sum(len(person.confirmed) for person in people)} confirmed answers missing",
        *errors[:3],
        flush=True,
    )
    return median(ratios) >= LEAST_RATIO and p99 <= MOST_P99_MS and not errors and not missing


def missing_saves(platform: Platform, people: list[Examinee]) -> int:
    """Confirmed answers that the database does not hold as they were confirmed."""
    with psycopg.connect(platform.server.url) as connection:
        rows = connection.execute(
            "SELECT candidate.ticket_number, answer.number, answer.version, answer.choice"
            " FROM exam_answer AS answer"
            " JOIN exam_attempt AS attempt ON attempt.id = answer.attempt_id"
            " JOIN assessment_candidate AS candidate ON candidate.id = attempt.candidate_id"
        ).fetchall()
    stored = {(ticket, number): (version, choice) for ticket, number, version, choice in rows}
    return sum(
        stored.get((person.ticket, number)) != confirmed
        for person in people
        for number, confirmed in person.confirmed.items()
    )


def main() -> int:
    """Start the platform, measure both bars."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=8)
    options = parser.parse_args()
    with exam_platform(max(options.people, options.connections), minutes=600) as platform:
        host = f"127.0.0.1:{platform.port}"
        people = [
            Examinee(row["ticket"], row["id_number"], host, rng=random.Random(place))
            for place, row in enumerate(platform.sitters)
        ]
        # One line a workload; each returns whether it kept its limit.
        results = [
            check_start(platform, people),
            check_saves(platform, people[: options.connections], options.rounds, options.seconds),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

"""kill -9 in the middle of 200 saving examinees: what was confirmed is there afterwards (EXM-05, bar 3 of the exam)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.exam_platform import Platform, exam_platform
from tests.faults.examinees import Examinee

PEOPLE = 200
BEFORE_S, AFTER_S = 2.0, 5.0
RECOVERY_S = 30


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Two web processes, a durable PostgreSQL, an exam of 200."""
    with exam_platform(PEOPLE) as found:
        yield found


@pytest.fixture(scope="module")
def examinees(platform: Platform) -> list[Examinee]:
    """All of them with their papers before them."""
    found = [
        Examinee(row["ticket"], row["id_number"], platform.port, random.Random(place))
        for place, row in enumerate(platform.sitters)
    ]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(Examinee.sit_down, found))
    return found


def saving_through(examinees: list[Examinee], blow: Callable[[], object]) -> None:
    """Everybody saves, `blow` falls, everybody goes on until it works again for all."""
    stop = threading.Event()
    threads = [threading.Thread(target=person.work, args=[stop]) for person in examinees]
    for thread in threads:
        thread.start()
    try:
        time.sleep(BEFORE_S)
        blow()
        before = [person.confirmations for person in examinees]
        time.sleep(AFTER_S)
        deadline = time.monotonic() + RECOVERY_S
        while any(person.confirmations <= count for person, count in zip(examinees, before, strict=True)):
            assert time.monotonic() < deadline, "somebody can't save any more"
            time.sleep(0.1)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def check_database(platform: Platform, examinees: list[Examinee]) -> None:
    """Every confirmed change is there or a newer one of the same person; nothing else is."""
    with psycopg.connect(platform.server.url) as connection:
        rows = connection.execute(
            "SELECT candidate.ticket_number, answer.number, answer.version, answer.choice"
            " FROM exam_answer AS answer"
            " JOIN exam_attempt AS attempt ON attempt.id = answer.attempt_id"
            " JOIN assessment_candidate AS candidate ON candidate.id = attempt.candidate_id"
        ).fetchall()
        assert connection.execute("SELECT count(*) FROM exam_answer").fetchone() == (len(rows),)
    stored = {(ticket, number): (version, choice) for ticket, number, version, choice in rows}
    for person in examinees:
        for number, version in person.confirmed.items():
            found, choice = stored[person.ticket, number]
            assert found >= version, f"a confirmed save of {person.ticket} is lost: question {number}"
            assert choice == person.sent[number, found]
    sent = {(person.ticket, *what): letters for person in examinees for what, letters in person.sent.items()}
    for ticket, number, version, choice in rows:
        assert sent[ticket, number, version] == choice, "an answer that this person never gave"


def test_a_web_process_is_killed(platform: Platform, examinees: list[Examinee]) -> None:
    """EXM-05: the clients of the killed process go on with the other one, and it is started again."""
    victims: list[int] = []
    saving_through(examinees, lambda: victims.append(platform.kill_web_process()))
    check_database(platform, examinees)
    assert sum(person.failures for person in examinees) > 0
    assert not [refusal for person in examinees for refusal in person.refusals]
    deadline = time.monotonic() + RECOVERY_S
    while len(pids := platform.web_processes()) < 2 or victims[0] in pids:
        assert time.monotonic() < deadline, "the web process was not started again"
        time.sleep(0.2)


def test_postgres_is_killed(platform: Platform, examinees: list[Examinee]) -> None:
    """EXM-05: no save is confirmed that is not on disk; PostgreSQL recovers by itself and saving goes on."""
    before = sum(person.confirmations for person in examinees)
    saving_through(examinees, platform.kill_postgres)
    check_database(platform, examinees)
    assert sum(person.confirmations for person in examinees) > before + PEOPLE
    assert not [refusal for person in examinees for refusal in person.refusals]

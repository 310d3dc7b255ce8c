"""PUT /exam/api/answers in front of Django: refusals, versions, batches, saves against submission (EXM-05)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.models import F
from django.middleware.csrf import _mask_cipher_secret
from django.test import override_settings

from foundation.scoping import SYSTEM
from foundation.serving import Threaded
from tests.rsgi import Headers, Protocol, Scope
from tests.rsgi import ask as ask_rsgi
from tests.world import World
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam.hall import front, tokens
from zhupei.exam.hall.batching import Batcher, connect, store
from zhupei.exam.hall.front import Answers, Front, Seats
from zhupei.exam.hall.models import Answer, Attempt, AttemptState, Entry
from zhupei.exam.hall.saving import MAX_BODY, Change, Saved
from zhupei.exam.hall.services import admission, attempts
from zhupei.exam.papers.models import Paper

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s" * 32
HOST = "testserver"


@pytest.fixture
def app() -> Iterator[Answers]:
    """The application with threads and connections of its own."""
    found = Answers()
    yield found
    found.close()


@pytest.fixture
def hall(world: World) -> Hall:
    """Three people whose exam began a minute ago."""
    return open_hall(3)


def at_work(sitter: Sitter) -> Entry:
    """Somebody with the paper before him."""
    entry = admission.sign_in(sitter.ticket, sitter.id_number)
    attempts.start(admission.find_entry(entry.pk))
    return entry


Request = tuple[Scope, bytes]


def request_of(entry: uuid.UUID, body: bytes, **changes: str | None) -> Request:
    """A save as the server hands it over; `changes` replace headers, None leaves one out."""
    headers = {
        "host": HOST,
        "cookie": f"csrftoken={SECRET}; {tokens.COOKIE}={tokens.make(entry)}",
        "x-csrftoken": _mask_cipher_secret(SECRET),
        "content-length": str(len(body)),
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    pairs = [(name, value) for name, value in headers.items() if value is not None]
    return Scope("PUT", "/exam/api/answers", Headers(pairs)), body


def ask(app: Any, request: Request) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, document and headers."""
    answer = ask_rsgi(app, *request)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status, json.loads(answer.answer), answer.headers


def save(app: Answers, entry: Entry, version: int, answers: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"version": version, "answers": answers}).encode()
    return ask(app, request_of(entry.pk, body))[:2]


def stored(sitter: Sitter) -> dict[int, tuple[str, int]]:
    rows = Answer.objects.filter(attempt__candidate=sitter.candidate)
    return {
        number: (choice, version)
        for number, choice, version in rows.values_list("number", "choice", "version")
    }


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run these in threads of their own; their results."""
    found: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            found[place] = acts[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


# --- what is answered


def test_a_save_is_answered_with_version_and_times(app: Answers, hall: Hall) -> None:
    """interfaces.md: {"version", "saved_at", "remaining_s"}; the row is there when it is answered."""
    entry = at_work(hall.sitters[0])
    status, answer = save(app, entry, 0, {"1": ["B"], "2": []})
    assert (status, answer["version"]) == (200, 1)
    assert answer.keys() == {"version", "saved_at", "remaining_s"}
    saved_at = dt.datetime.fromisoformat(answer["saved_at"])
    assert saved_at.utcoffset() == dt.timedelta(hours=8)
    assert abs((dt.datetime.now(dt.UTC) - saved_at).total_seconds()) < 60
    assert 118 * 60 < answer["remaining_s"] <= 119 * 60
    assert stored(hall.sitters[0]) == {1: ("B", 1), 2: ("", 1)}


def test_letters_of_a_multiple_question_are_kept_in_order(app: Answers, hall: Hall) -> None:
    """EXM-04: "AC", however they were clicked."""
    entry = at_work(hall.sitters[0])
    key = Paper.objects.get(candidate=hall.sitters[0].candidate).key
    number = next(place for place, row in enumerate(key, start=1) if row["type"] == "multiple")
    assert save(app, entry, 0, {str(number): ["C", "A"]})[0] == 200
    assert stored(hall.sitters[0]) == {number: ("AC", 1)}


def test_a_late_change_loses_and_a_repeated_one_is_harmless(app: Answers, hall: Hall) -> None:
    """interfaces.md: versions count question by question, whichever process they came through."""
    sitter = hall.sitters[0]
    entry = at_work(sitter)
    assert save(app, entry, 0, {"1": ["A"], "2": ["A"]})[1]["version"] == 1
    assert save(app, entry, 1, {"1": ["B"]})[1]["version"] == 2
    assert save(app, entry, 1, {"1": ["B"]})[1]["version"] == 2
    assert save(app, entry, 0, {"1": ["C"], "3": ["C"]})[1]["version"] == 2
    assert stored(sitter) == {1: ("B", 2), 2: ("A", 1), 3: ("C", 1)}
    other = Answers()
    try:
        assert save(other, entry, 9, {"1": ["D"]})[1]["version"] == 10
        assert save(other, entry, 2, {"4": ["A"]})[1]["version"] == 10
    finally:
        other.close()
    assert save(app, entry, 2, {"1": ["A"]})[1]["version"] == 10
    assert stored(sitter)[1] == ("D", 10)


# --- refusals


NOT_ALLOWED: list[tuple[dict[str, str | None], tuple[int, str]]] = [
    ({"cookie": None}, (403, "csrf")),
    ({"cookie": f"csrftoken={SECRET}"}, (401, "not_signed_in")),
    ({"cookie": f"csrftoken={SECRET}; {tokens.COOKIE}=made.up.one"}, (401, "not_signed_in")),
    ({"x_csrftoken": None}, (403, "csrf")),
    ({"x_csrftoken": "t" * 32}, (403, "csrf")),
    ({"x_csrftoken": "t" * 64}, (403, "csrf")),
    ({"x_csrftoken": "短" * 32}, (403, "csrf")),
    ({"x_csrftoken": SECRET[:-1]}, (403, "csrf")),
    ({"origin": "http://elsewhere.example"}, (403, "csrf")),
    ({"origin": "null"}, (403, "csrf")),
    ({"origin": f"https://{HOST}"}, (403, "csrf")),
    ({"content_length": str(MAX_BODY + 1)}, (413, "too_large")),
]


def test_who_may_not_save_is_told_why(app: Answers, hall: Hall) -> None:
    """EXM-05, SEC-02: nothing is stored without cookie, token and a body of a proper size."""
    entry = at_work(hall.sitters[0])
    body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
    for changes, expected in NOT_ALLOWED:
        status, answer, _ = ask(app, request_of(entry.pk, body, **changes))
        assert (status, answer["code"]) == expected, changes
        assert answer["message"].endswith("。")
    endless = request_of(entry.pk, b" " * (MAX_BODY + 1), content_length=None)
    assert ask(app, endless)[0] == 413
    assert not stored(hall.sitters[0])


ALLOWED: list[dict[str, str | None]] = [
    {"x_csrftoken": SECRET},
    {"origin": f"http://{HOST}"},
    {"origin": "https://trusted.example"},
    {"origin": "https://room.trusted.org"},
    {"content_length": None},
]


@override_settings(CSRF_TRUSTED_ORIGINS=["https://trusted.example", "https://*.trusted.org"])
def test_who_may_save(app: Answers, hall: Hall) -> None:
    """SEC-02: the same tokens and origins as Django takes."""
    entry = at_work(hall.sitters[0])
    body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
    for changes in ALLOWED:
        assert ask(app, request_of(entry.pk, body, **changes))[0] == 200, changes


OVER_HTTPS: list[tuple[dict[str, str | None], int]] = [
    ({"origin": f"https://{HOST}"}, 200),
    ({"origin": f"https://{HOST}", "referer": "http://elsewhere.example/"}, 200),
    ({"origin": f"http://{HOST}"}, 403),
    ({"origin": "https://elsewhere.example", "host": "elsewhere.example"}, 403),
    ({"origin": f"https://{HOST}", "host": None}, 403),
    ({"referer": f"https://{HOST}/exam/"}, 200),
    ({"referer": "https://trusted.example/"}, 200),
    ({}, 403),
    ({"referer": f"http://{HOST}/exam/"}, 403),
    ({"referer": "https://elsewhere.example/exam/"}, 403),
    ({"referer": "https://[", "host": HOST}, 403),
]


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_over_https_origin_or_referer_is_asked_for(
    app: Answers, hall: Hall, monkeypatch: pytest.MonkeyPatch, is_behind_proxy: bool
) -> None:
    """SEC-02: Django's rule, whether the server speaks https itself or a proxy does; and never from memory."""
    entry = at_work(hall.sitters[0])
    body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
    monkeypatch.setattr(front, "_PROXY_HEADER", "x-forwarded-proto" if is_behind_proxy else "")
    proxy = ("HTTP_X_FORWARDED_PROTO", "https") if is_behind_proxy else None
    with override_settings(SECURE_PROXY_SSL_HEADER=proxy, CSRF_TRUSTED_ORIGINS=["https://trusted.example"]):
        for changes, expected in [*OVER_HTTPS, *OVER_HTTPS]:
            scope, content = request_of(entry.pk, body, x_csrftoken=SECRET, **changes)
            if is_behind_proxy:
                scope.headers.pairs.append(("x-forwarded-proto", "https"))
            else:
                scope.scheme = "https"
            assert ask(app, (scope, content))[0] == expected, changes
        plain = request_of(entry.pk, body, origin=f"https://{HOST}", x_forwarded_proto="http")
        assert ask(app, plain)[0] == 403


def test_a_seat_is_looked_at_once(app: Answers, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """EXM-05: Django's check and the paper cost the first save of a machine, not the thousands after it."""
    looked: list[Any] = []
    check = front.require_csrf
    monkeypatch.setattr(front, "require_csrf", lambda request: (looked.append(request), check(request)))
    entry = at_work(hall.sitters[0])
    body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
    for _ in range(3):
        assert ask(app, request_of(entry.pk, body, x_csrftoken=SECRET))[0] == 200
    assert len(looked) == 1
    assert ask(app, request_of(entry.pk, body, x_csrftoken="t" * 32))[0] == 403
    assert len(looked) == 2


def test_a_cookie_with_a_masked_secret_is_good(app: Answers, hall: Hall) -> None:
    """SEC-02: as an older Django wrote it."""
    entry = at_work(hall.sitters[0])
    body = json.dumps({"version": 0, "answers": {}}).encode()
    cookie = f"csrftoken={_mask_cipher_secret(SECRET)}; {tokens.COOKIE}={tokens.make(entry.pk)}"
    assert ask(app, request_of(entry.pk, body, cookie=cookie))[0] == 200


def test_a_cookie_ends(app: Answers, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-02: also one that was good a moment ago and is remembered."""
    entry = at_work(hall.sitters[0])
    now = int(time.time())
    cookie = tokens.make(entry.pk, now=now)
    body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
    changes = {"cookie": f"csrftoken={SECRET}; {tokens.COOKIE}={cookie}", "x_csrftoken": SECRET}
    last = now + tokens.HOURS * 3600
    for moment, expected in ((now, 200), (last, 200), (last + 1, 401), (now, 200)):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        assert ask(app, request_of(entry.pk, body, **changes))[0] == expected, moment


WRONG: list[tuple[bytes, tuple[int, str]]] = [
    (b"", (400, "bad_request")),
    (b"{", (400, "bad_request")),
    (b"\xff\xfe", (400, "bad_request")),
    (b"[" * 50_000, (400, "bad_request")),
    (b'{"version": 0}', (400, "bad_request")),
    (b'{"version": 0, "answers": {}, "more": 1}', (400, "bad_request")),
    (b'{"version": 1.5, "answers": {"1": ["A"]}}', (400, "bad_request")),
    (b'{"version": true, "answers": {"1": ["A"]}}', (400, "bad_request")),
    (b'{"version": -1, "answers": {"1": ["A"]}}', (400, "bad_request")),
    (b'{"version": 99999999999999999999, "answers": {"1": ["A"]}}', (400, "bad_request")),
    (b'{"version": 0, "answers": {"1": "A"}}', (400, "bad_request")),
    (b'{"version": 0, "answers": {"1": [{}]}}', (400, "bad_request")),
    (b'{"version": 0, "answers": {"1": [["A"]]}}', (400, "bad_request")),
    (b'{"version": 0, "answers": {"0": ["A"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"01": ["A"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"900": ["A"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"1": ["a"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"1": [""]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"1": ["\\""]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"1": ["A", "A"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"1": ["A", "B"]}}', (422, "unknown_answer")),
    (b'{"version": 0, "answers": {"2": ["A"], "1": ["L"]}}', (422, "unknown_answer")),
]


def test_a_change_that_is_wrong_anywhere_is_refused_whole(app: Answers, hall: Hall) -> None:
    """EXM-05: strict shapes; question 1 has one right answer."""
    entry = at_work(hall.sitters[0])
    for body, expected in WRONG:
        status, answer, _ = ask(app, request_of(entry.pk, body))
        assert (status, answer["code"]) == expected, body
    assert not stored(hall.sitters[0])


def test_before_the_start_nothing_is_saved(app: Answers, world: World) -> None:
    """EXM-03: 403 until admitted, 425 until started; then it works with the same cookie."""
    hall = open_hall(1, admission="invigilator")
    sitter = hall.sitters[0]
    entry = admission.sign_in(sitter.ticket, sitter.id_number)
    status, answer = save(app, entry, 0, {"1": ["A"]})
    assert (status, answer["code"]) == (403, "not_admitted")
    admission.admit(SYSTEM, sitter.candidate, entry=entry)
    status, answer = save(app, entry, 0, {"1": ["A"]})
    assert (status, answer["code"]) == (425, "not_started")
    attempts.start(admission.find_entry(entry.pk))
    assert save(app, entry, 0, {"1": ["A"]})[0] == 200


def test_the_machine_before_is_told_that_it_was_replaced(app: Answers, hall: Hall) -> None:
    """EXM-03: 401 moved, at once, although it is remembered."""
    sitter = hall.sitters[0]
    first = at_work(sitter)
    assert save(app, first, 0, {"1": ["A"]})[0] == 200
    second = at_work(sitter)
    status, answer = save(app, first, 1, {"1": ["B"]})
    assert (status, answer["code"]) == (401, "moved")
    assert save(app, second, 1, {"1": ["C"]})[0] == 200
    assert stored(sitter) == {1: ("C", 2)}


def test_after_the_end_nothing_is_saved(app: Answers, hall: Hall) -> None:
    """EXM-04: 409 once the time is over, submitted or voided."""
    for place, change in enumerate(
        ({"ends_at": F("admitted_at")}, {"state": AttemptState.SUBMITTED}, {"state": AttemptState.VOIDED})
    ):
        entry = at_work(hall.sitters[place])
        assert save(app, entry, 0, {"1": ["A"]})[0] == 200
        Attempt.objects.filter(entry=entry).update(**change)
        status, answer = save(app, entry, 1, {"1": ["B"]})
        assert (status, answer["code"]) == (409, "over")
        assert stored(hall.sitters[place]) == {1: ("A", 1)}


def test_without_a_database_nothing_is_confirmed(hall: Hall) -> None:
    """EXM-05: 503 with Retry-After, soon; the next save works again."""
    entry = at_work(hall.sitters[0])
    is_away = threading.Event()

    def perhaps() -> Any:
        if is_away.is_set():
            raise psycopg.OperationalError("away")
        return connect()

    app = Answers(Batcher(connect=perhaps, patience=0.2), Seats())
    try:
        is_away.set()
        body = json.dumps({"version": 0, "answers": {"1": ["A"]}}).encode()
        status, answer, headers = ask(app, request_of(entry.pk, body))
        assert (status, answer["code"], headers["retry-after"]) == (503, "unavailable", "1")
        assert not stored(hall.sitters[0])
        is_away.clear()
        assert save(app, entry, 0, {"1": ["A"]})[0] == 200
    finally:
        app.close()


# --- batches


def change_of(entry: Entry, letters: str = "A", number: int = 1, version: int = 0) -> Change:
    attempt = Attempt.objects.get(entry=entry)
    return Change(entry.pk.hex, attempt.pk, version, [(number, letters)])


def test_a_lost_connection_is_replaced(app: Answers, hall: Hall) -> None:
    """EXM-05: a backend that was ended in between is not noticed by the examinee."""
    entry = at_work(hall.sitters[0])
    assert save(app, entry, 0, {"1": ["A"]})[0] == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 1
    assert save(app, entry, 1, {"1": ["B"]})[0] == 200
    assert stored(hall.sitters[0]) == {1: ("B", 2)}


def saved_together(batcher: Batcher, changes: list[Change]) -> list[Any]:
    """The outcomes of changes that are handed in at once."""

    async def save_all() -> list[Any]:
        return await asyncio.gather(*(batcher.save(change) for change in changes))

    return asyncio.run(save_all())


def slow_to_begin(batcher: Batcher) -> threading.Event:
    """Hold the batcher's batches back until the event, so that what is handed in meanwhile makes one batch."""
    go, store = threading.Event(), batcher._store
    batcher._store = lambda lane, changes: (go.wait(10), store(lane, changes))[1]
    return go


def test_one_refused_change_leaves_the_others_alone(app: Answers, hall: Hall) -> None:
    """EXM-05: one batch, three outcomes."""
    good, moved, over = (at_work(sitter) for sitter in hall.sitters)
    changes = [change_of(good), change_of(moved), change_of(over)]
    Attempt.objects.filter(entry=over).update(state=AttemptState.SUBMITTED)
    at_work(hall.sitters[1])
    outcomes = connect_and_store(changes)
    assert isinstance(outcomes[0], Saved)
    assert [outcome.code for outcome in outcomes[1:]] == ["moved", "over"]
    assert stored(hall.sitters[0]) == {1: ("A", 1)}


def connect_and_store(changes: list[Change]) -> list[Any]:
    lane = connect()
    try:
        return store(lane, changes)
    finally:
        lane.close()


def test_a_poisoned_change_does_not_spoil_the_batch(app: Answers, hall: Hall) -> None:
    """EXM-05: what the database refuses is found out alone; the others of the batch are stored."""
    entries = [at_work(sitter) for sitter in hall.sitters]
    changes = [change_of(entries[0]), change_of(entries[1], "A" * 13), change_of(entries[2])]
    go = slow_to_begin(app.batcher)
    threading.Timer(0.3, go.set).start()
    outcomes = saved_together(app.batcher, changes)
    assert isinstance(outcomes[0], Saved) and isinstance(outcomes[2], Saved)
    assert outcomes[1].code == "unavailable"
    assert [len(stored(sitter)) for sitter in hall.sitters] == [1, 0, 1]


def test_what_fails_at_the_commit_is_not_confirmed(app: Answers, hall: Hall) -> None:
    """EXM-05: an answer leaves after the commit, not after the statement."""
    good, bad = (at_work(sitter) for sitter in hall.sitters[:2])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE check_violation; END $$;"
            "CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT ON exam_answer DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.choice = 'D') EXECUTE FUNCTION refuse_late()"
        )
    try:
        go = slow_to_begin(app.batcher)
        threading.Timer(0.3, go.set).start()
        changes = [change_of(good), change_of(bad, "D")]
        outcomes = saved_together(app.batcher, changes)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse_late ON exam_answer; DROP FUNCTION refuse_late")
    assert isinstance(outcomes[0], Saved)
    assert outcomes[1].code == "unavailable"
    assert [len(stored(sitter)) for sitter in hall.sitters] == [1, 0, 0]


def test_a_submission_holds_up_nobody_else(app: Answers, hall: Hall) -> None:
    """EXM-05: whose attempt is locked waits, the others are stored meanwhile."""
    first, second = (at_work(sitter) for sitter in hall.sitters[:2])
    attempt = Attempt.objects.get(entry=first)
    other = connect()
    other.execute("SELECT pg_advisory_lock(%s)", [attempt.pk])
    outcome: list[Any] = []
    waiting = threading.Thread(target=lambda: outcome.append(save(app, first, 0, {"1": ["A"]})))
    try:
        waiting.start()
        time.sleep(0.1)
        assert save(app, second, 0, {"1": ["A"]})[0] == 200
        assert not outcome
    finally:
        other.close()
    waiting.join(10)
    assert outcome[0][0] == 200


def test_changes_that_arrive_together_are_committed_together() -> None:
    """EXM-05: far fewer commits than changes; of one attempt one at a time, in their order."""
    batches: list[list[Change]] = []

    def record(lane: Any, changes: Any) -> list[Any]:
        batches.append(list(changes))
        time.sleep(0.01)
        return [Saved(change.version + 1, 0.0, 1) for change in changes]

    batcher = Batcher(record, lambda: None)

    async def one_after_the_other(attempt: int) -> list[int]:
        return [(await batcher.save(Change("x", attempt, version, []))).version for version in range(10)]

    async def everybody() -> list[list[int]]:
        return await asyncio.gather(*map(one_after_the_other, range(40)))

    try:
        assert asyncio.run(everybody()) == [list(range(1, 11))] * 40
    finally:
        batcher.close()
    assert sum(map(len, batches)) == 400
    assert len(batches) < 100
    for batch in batches:
        assert len({change.attempt_id for change in batch}) == len(batch)


def test_a_process_that_forked_begins_anew(app: Answers, hall: Hall) -> None:
    """EXM-05: the child makes threads and connections of its own."""
    entry = at_work(hall.sitters[0])
    assert save(app, entry, 0, {"1": ["A"]})[0] == 200
    child = os.fork()
    if child == 0:
        os._exit(0 if save(app, entry, 1, {"1": ["B"]})[0] == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert save(app, entry, 2, {"2": ["A"]})[0] == 200
    assert stored(hall.sitters[0]) == {1: ("B", 2), 2: ("A", 3)}


# --- saves against submission


def test_a_confirmed_save_is_always_scored(app: Answers, world: World) -> None:
    """EXM-05: many save while they submit; each confirmed right answer earned its points, each refused one did not."""
    hall = open_hall(6)
    entries = [at_work(sitter) for sitter in hall.sitters]
    Attempt.objects.update(submit_from=F("admitted_at"))
    keys = [Paper.objects.get(candidate=sitter.candidate).key for sitter in hall.sitters]
    confirmed: list[set[int]] = [set() for _ in entries]
    rng = random.Random(3)
    pauses = [rng.uniform(0.05, 0.4) for _ in entries]

    def saving(place: int, numbers: list[int]) -> None:
        for number in numbers:
            status, answer = save(
                app, entries[place], number, {str(number): keys[place][number - 1]["answer"]}
            )
            if status == 200:
                confirmed[place].add(number)
            else:
                assert (status, answer["code"]) == (409, "over")
                return

    def submitting(place: int) -> None:
        time.sleep(pauses[place])
        attempts.submit(admission.find_entry(entries[place].pk))

    acts: list[Callable[[], Any]] = []
    for place, key in enumerate(keys):
        numbers = list(range(1, len(key) + 1))
        acts += [lambda place=place, part=numbers[part::3]: saving(place, part) for part in range(3)]
        acts.append(lambda place=place: submitting(place))
    together(*acts)
    for place, entry in enumerate(entries):
        attempt = Attempt.objects.get(entry=entry)
        assert attempt.state == AttemptState.SUBMITTED
        earned = {number for number, mark in enumerate(attempt.marks, start=1) if float(mark) > 0}
        assert earned == confirmed[place]
    assert any(0 < len(done) < len(key) for done, key in zip(confirmed, keys, strict=True))


def test_a_seat_that_gave_up_holds_up_nobody(app: Answers, hall: Hall) -> None:
    """EXM-05: whose request was ended while it waited is stored all the same, and the next is answered."""
    first, second = (at_work(sitter) for sitter in hall.sitters[:2])
    go = slow_to_begin(app.batcher)

    change = change_of(first)

    async def give_up() -> None:
        task = asyncio.ensure_future(app.batcher.save(change))
        await asyncio.sleep(0.1)
        task.cancel()
        go.set()

    asyncio.run(give_up())
    assert save(app, second, 0, {"1": ["A"]})[0] == 200
    assert [len(stored(sitter)) for sitter in hall.sitters[:2]] == [1, 1]


# --- in front of Django


@pytest.mark.parametrize("length", [2, MAX_BODY + 1])
def test_whoever_sends_slowly_keeps_no_page_from_others(length: int) -> None:
    """EXM-05, SEC-05: many half-sent bodies, short or long, and a page is answered at once all the same."""
    may_end = threading.Event()
    read: list[int] = []

    def django(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            read.append(len(environ["wsgi.input"].read(length)))
        start_response("200 OK", [])
        return [b"django"]

    app = Front(Threaded(django, 8)).__rsgi__
    headers = Headers([("content-length", str(length))])

    async def ask_meanwhile() -> float:
        slow = [
            asyncio.ensure_future(
                app(Scope("POST", "/exam/api/sign-in", headers), Protocol(b"x" * length, may_end))
            )
            for _ in range(30)
        ]
        await asyncio.sleep(0.2)
        began, page = time.monotonic(), Protocol()
        await app(Scope("GET", "/"), page)
        taken = time.monotonic() - began
        assert page.answer == b"django" and not read
        may_end.set()
        await asyncio.gather(*slow)
        return taken

    assert asyncio.run(ask_meanwhile()) < 5
    assert read == [length] * 30


def test_everything_else_goes_to_django() -> None:
    """EXM-05: only this address and method are taken; Django works on a few requests at a time."""
    at_once, most, mutex = 0, 0, threading.Lock()

    def django(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        nonlocal at_once, most
        with mutex:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with mutex:
            at_once -= 1
        start_response("200 OK", [])
        return [b"django"]

    app = Front(Threaded(django, 8)).__rsgi__
    assert ask_rsgi(app, Scope("GET", "/exam/api/answers")).answer == b"django"

    async def many() -> list[Protocol]:
        pages = [Protocol() for _ in range(30)]
        await asyncio.gather(*(app(Scope("PUT", "/exam/api/start"), page) for page in pages))
        return pages

    assert [page.answer for page in asyncio.run(many())] == [b"django"] * 30
    assert most == 8
    body = json.dumps({"version": 0, "answers": {}}).encode()
    assert ask(app, request_of(uuid.uuid4(), body, cookie=f"csrftoken={SECRET}"))[0] == 401

"""The API's frame: CSRF, methods, sizes, mishaps, cost; and that no answer leaves before the submission (EXM-07)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portals.exam.clocks import pass_time
from tests.portals.exam.machines import API, Machine, at_work
from zhupei.demo.exam_hall import Hall, Sitter
from zhupei.exam.bank.models import QuestionVersion
from zhupei.exam.hall.services import attempts
from zhupei.exam.papers.models import Paper

pytestmark = pytest.mark.django_db
QUESTION_KEYS = {"id", "type", "stem", "options", "points", "picture", "case"}

# Half a character, escaped and not: no text that could be stored.
HALVES = (
    rb'{"ticket": "\ud800", "id_number": "1", "events": [{"kind": "left", "detail": "\udfff"}]}',
    b'{"ticket": "\xed\xa0\x80", "id_number": "1", "events": []}',
)
CALLS = [
    ("GET", "session"),
    ("POST", "sign-in"),
    ("POST", "face"),
    ("POST", "start"),
    ("PUT", "answers"),
    ("POST", "submit"),
    ("POST", "presence"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_everything_wrong_is_answered_in_json(method: str, path: str, sitter: Sitter) -> None:
    """interfaces.md: {"code", "message"} for a wrong method, a missing token, a body too large or no JSON."""
    machine, _ = at_work(sitter)
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {method}:
        assert machine.refused(machine.send(other, path)) == (405, "method_not_allowed")
        assert machine.headers["Allow"] == method
    large = machine.client.generic(
        method, API + path, b"x" * 5_000_000, "application/json", headers={"X-CSRFToken": machine.csrf}
    )
    assert machine.refused(machine._take(large)) == (413, "too_large")
    if method == "GET":
        return
    for token in ("", "x" * 32, "y" * 64):
        assert machine.refused(machine.send(method, path, {}, **{"X-CSRFToken": token})) == (403, "csrf")
    foreign = machine.send(method, path, {}, Origin="https://example.org")
    assert machine.refused(foreign) == (403, "csrf")
    if path in {"sign-in", "answers", "presence"}:
        for body in (b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 60_000, b"1" * 5000, *HALVES):
            answer = machine.client.generic(
                method, API + path, body, "application/json", headers={"X-CSRFToken": machine.csrf}
            )
            assert machine.refused(machine._take(answer)) == (400, "bad_request"), body[:9]


@pytest.mark.parametrize(
    "body", [{}, {"ticket": 1, "id_number": "x"}, {"ticket": "1"}, {"ticket": "1" * 65, "id_number": "1"}]
)
def test_a_sign_in_names_two_numbers(db: None, body: dict[str, Any]) -> None:
    """EXM-03: anything else is no attempt at all."""
    machine = Machine()
    assert machine.refused(machine.post("sign-in", body)) == (400, "bad_request")


def test_unknown_addresses_answer_in_json(db: None) -> None:
    """interfaces.md: 404 like every other refusal."""
    machine = Machine()
    assert machine.refused(machine.get("nothing/here")) == (404, "not_found")
    assert machine.refused(machine.post("nothing")) == (404, "not_found")


@pytest.mark.parametrize(
    ("mishap", "status", "code"),
    [(OperationalError("gone"), 503, "unavailable"), (ZeroDivisionError("oops"), 500, "server_error")],
)
def test_mishaps_say_nothing_of_the_inside(
    sitter: Sitter, monkeypatch: pytest.MonkeyPatch, mishap: Exception, status: int, code: str
) -> None:
    """EXM-05, OPS-02: a database that is away, or a fault of ours: a sentence, no trace."""

    def fail(*args: Any) -> None:
        raise mishap

    machine, _ = at_work(sitter)
    monkeypatch.setattr(attempts, "start", fail)
    assert machine.refused(machine.start()) == (status, code)
    assert str(mishap) not in machine.heard[-1]


def test_a_hall_full_of_people_starts_cheaply(sitter: Sitter) -> None:
    """EXM-04, SCA-01: 5 000 people sign in and start within a minute: few statements each."""
    machine = Machine(sitter)
    for call, most in ((machine.sign_in, 8), (machine.start, 8), (machine.start, 8)):
        with CaptureQueriesContext(connection) as asked:
            call()
        assert machine.status == 200
        assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= most


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)


def drive_everything(machine: Machine, hall: Hall) -> None:
    """Every call in every state before the submission, right and wrong."""
    calls: list[Callable[[], Any]] = [
        lambda: machine.get("session"),
        lambda: machine.start(),
        lambda: machine.save(0, {"1": ["A"], "999": ["A"]}),
        lambda: machine.save(0, {str(n): ["A"] for n in range(1, 60)}),
        lambda: machine.submit(),
        lambda: machine.post("presence", {"events": [{"kind": "left"}]}),
        lambda: machine.post("face"),
        lambda: machine.get("answers"),
        lambda: machine.get("nothing"),
    ]
    for act in calls:
        act()
    machine.sign_in()
    pass_time(hall.plan, 20)
    for act in calls:
        act()
    pass_time(hall.plan, -20)
    for act in calls:
        act()


def test_no_answer_leaves_before_submission(hall: Hall, sitter: Sitter) -> None:
    """EXM-07: no key, explanation, score or version id in anything the server ever says before the end."""
    machine = Machine(sitter)
    drive_everything(machine, hall)
    assert any('"questions"' in text for text in machine.heard)
    everything = "\n".join(machine.heard)
    paper = Paper.objects.get(candidate=sitter.candidate)
    versions = QuestionVersion.objects.in_bulk([entry["version"] for entry in paper.key])
    for version in versions.values():
        texts = [version.content.get("explanation"), version.digest]
        texts += [part.get("explanation") for part in version.content.get("parts", [])]
        assert not any(text and text in everything for text in texts)
    for text in machine.heard:
        told = json.loads(text)
        assert not {"answer", "explanation", "marks", "seed", "digest", "score", "passed"} & set(
            names_in(told)
        )
        for question in told.get("questions", []):
            assert set(question) <= QUESTION_KEYS
            assert set(question.get("case", {})) <= {"number", "part", "parts", "stem", "picture"}
            assert all(set(option) == {"key", "text"} for option in question["options"])
            assert question["id"].isdecimal()
    marked = json.dumps([entry["answer"] for entry in paper.key])
    assert marked not in everything
    pass_time(hall.plan, 60)
    result = machine.submit()
    assert set(result) == {"score", "passed", "has_practical"}


def test_the_page_itself_holds_no_question(hall: Hall) -> None:
    """EXM-07: /exam/ is the same document for everybody."""
    page = Client().get("/exam/")
    assert page.status_code == 200
    stems = [q["stem"] for q in json.loads(attempts._questions(hall.sitters[0].candidate))]
    assert not any(stem in page.content.decode() for stem in stems)

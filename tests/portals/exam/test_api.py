"""The examinee's API (interfaces.md, section 2): every answer and every refusal by its name (EXM-03 … EXM-07)."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.portals.exam.clocks import pass_time
from tests.portals.exam.machines import API, Machine
from tests.world import World
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam import tokens, tries
from zhupei.exam.models import Attempt, AttemptState, Entry, EventKind, ExamEvent, Paper, QuestionVersion
from zhupei.exam.services import admission, attempts
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db
QUESTION_KEYS = {"id", "type", "stem", "options", "points", "picture", "case"}


@pytest.fixture
def sitter(hall: Hall) -> Sitter:
    return hall.sitters[0]


def at_work(sitter: Sitter) -> tuple[Machine, dict[str, Any]]:
    """A machine with the paper before it."""
    machine = Machine(sitter)
    machine.sign_in()
    paper = machine.start()
    assert machine.status == 200, paper
    return machine, paper


def attempt_of(sitter: Sitter) -> Attempt:
    return Attempt.objects.get(candidate=sitter.candidate)


def kinds(sitter: Sitter) -> list[str]:
    return list(ExamEvent.objects.filter(candidate=sitter.candidate).values_list("kind", flat=True))


def right_answers(sitter: Sitter) -> dict[str, list[str]]:
    key = Paper.objects.get(candidate=sitter.candidate).key
    return {str(n): entry["answer"] for n, entry in enumerate(key, start=1)}


def test_the_whole_way(hall: Hall, sitter: Sitter) -> None:
    """EXM-03, EXM-04: sign in, start, save, start again, submit, submit again."""
    machine = Machine(sitter)
    entry = machine.sign_in()
    assert machine.status == 200
    assert (entry["name"], entry["plan"], entry["face_check"]) == (sitter.name, hall.plan.name, "waived")
    assert (entry["state"], entry["ticket"], entry["seat"]) == ("admitted", sitter.ticket, "01-01")
    assert entry["occupation"] == "土建施工员"
    paper = machine.start()
    assert (paper["answers"], paper["version"]) == ({}, 0)
    assert dt.datetime.fromisoformat(paper["ends_at"]) == hall.session.ends_at
    assert dt.datetime.fromisoformat(paper["submit_from"]) == hall.session.starts_at + dt.timedelta(
        minutes=30
    )
    assert paper["ends_at"].endswith("+08:00")
    right = right_answers(sitter)
    assert len(paper["questions"]) == len(right)
    some = dict(list(right.items())[:5])
    saved = machine.save(0, some)
    assert saved["version"] == 1
    assert 7000 < saved["remaining_s"] <= 7140
    again = machine.start()
    assert again["answers"] == some
    assert again["version"] == 1
    assert again["questions"] == paper["questions"]
    assert machine.refused(machine.submit()) == (425, "too_early_to_submit")
    pass_time(hall.plan, 30)
    machine.save(1, right)
    result = machine.submit()
    assert result == {"score": 100.0, "passed": True, "has_practical": False}
    assert machine.submit() == result
    assert machine.refused(machine.save(2, {"1": ["A"]})) == (409, "over")
    assert machine.refused(machine.start()) == (409, "submitted")
    assert machine.refused(machine.post("presence", {"events": []})) == (409, "submitted")
    attempt = attempt_of(sitter)
    assert attempt.state == AttemptState.SUBMITTED
    assert len(attempt.marks) == len(right)
    assert kinds(sitter) == ["signed_in", "admitted", "started", "resumed", "submitted"]


def test_the_session_says_who_sits_here(sitter: Sitter) -> None:
    """EXM-05: after a reload the page knows where it was, by the cookie alone."""
    machine = Machine()
    answer = machine.get("session")
    assert answer["entry"] is None
    assert abs(dt.datetime.fromisoformat(answer["now"]) - timezone.now()) < dt.timedelta(seconds=10)
    machine.sign_in(sitter)
    machine.start()
    entry = machine.get("session")["entry"]
    assert (entry["name"], entry["state"]) == (sitter.name, "in_progress")
    assert entry["attempt"] == str(attempt_of(sitter).public_id)
    cookie = machine.client.cookies[tokens.COOKIE]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"]) == ("/exam/", "Strict")


# --- signing in


def test_a_wrong_pair_is_not_told_apart(hall: Hall, sitter: Sitter) -> None:
    """EXM-03, SEC-04: unknown ticket, foreign ID, both: the same answer."""
    machine = Machine()
    other = hall.sitters[1]
    pairs = [
        (sitter.ticket, other.id_number),
        ("3301261121" + "9999", sitter.id_number),
        ("", ""),
        (sitter.ticket, ""),
        ("None", sitter.id_number),
        ("0", "\0"),
    ]
    heard = {
        json.dumps(machine.post("sign-in", {"ticket": ticket, "id_number": number}))
        for ticket, number in pairs
    }
    assert len(heard) == 1
    assert machine.refused(json.loads(heard.pop())) == (401, "wrong_pair")
    assert not Entry.objects.exists()
    assert machine.get("session")["entry"] is None


def test_numbers_are_read_kindly(sitter: Sitter) -> None:
    """EXM-03: spaces, full-width digits and a small x are no reason to wait for the invigilator."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    machine = Machine()
    ticket = " ".join((sitter.ticket[:4], sitter.ticket[4:])).translate(wide)
    answer = machine.post("sign-in", {"ticket": ticket, "id_number": f" {sitter.id_number.lower()} "})
    assert machine.status == 200, answer


def test_guessing_is_braked_for_a_ticket(hall: Hall, sitter: Sitter) -> None:
    """SEC-05: after ten wrong numbers the ticket rests, for the right number, too; other tickets go on."""
    machine = Machine()
    for _ in range(tries.PER_TICKET):
        machine.post("sign-in", {"ticket": sitter.ticket, "id_number": "330106199001010000"})
        assert machine.status == 401
    assert machine.refused(machine.sign_in(sitter)) == (429, "too_many_tries")
    machine.sign_in(hall.sitters[1])
    assert machine.status == 200


def test_guessing_is_braked_for_an_address(sitter: Sitter, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-05: whoever tries many tickets from one address."""
    monkeypatch.setattr(tries, "PER_ADDRESS", 5)
    machine = Machine()
    for number in range(5):
        machine.post("sign-in", {"ticket": f"33010000000{number}", "id_number": sitter.id_number})
    assert machine.refused(machine.sign_in(sitter)) == (429, "too_many_tries")


def test_sign_in_opens_half_an_hour_before(hall: Hall, sitter: Sitter) -> None:
    """EXM-03, EXM-07: earlier 425 with the time; then signed in, but no paper before the start."""
    pass_time(hall.plan, -41)
    machine = Machine(sitter)
    early = machine.sign_in()
    assert machine.refused(early) == (425, "too_early")
    opens = hall.session.starts_at - dt.timedelta(minutes=30)
    assert dt.datetime.fromisoformat(early["opens_at"]) == opens
    assert not Entry.objects.exists()
    pass_time(hall.plan, 11)
    machine.sign_in()
    assert machine.status == 200
    assert machine.refused(machine.start()) == (425, "too_early")
    assert machine.refused(machine.save(0, {"1": ["A"]})) == (425, "not_started")
    assert machine.refused(machine.submit()) == (425, "not_started")
    stems = [q["stem"] for q in json.loads(attempts._questions(sitter.candidate))]
    assert not any(stem in text for stem in stems for text in machine.heard)
    pass_time(hall.plan, 30)
    machine.start()
    assert machine.status == 200


def test_whoever_comes_too_late_stays_outside(hall: Hall, sitter: Sitter) -> None:
    """EXM-04: later than the programme allows, unless one had been admitted before."""
    early, _ = at_work(hall.sitters[1])
    pass_time(hall.plan, 30)
    machine = Machine(sitter)
    assert machine.refused(machine.sign_in()) == (403, "too_late")
    again = Machine(hall.sitters[1])
    again.sign_in()
    assert again.status == 200
    pass_time(hall.plan, 100)
    assert machine.refused(machine.sign_in()) == (403, "too_late")
    assert early.refused(early.start()) == (401, "moved")


def test_whoever_never_started_has_missed_it(hall: Hall, sitter: Sitter) -> None:
    """EXM-04: signed in, but not begun before the end: no paper any more."""
    machine = Machine(sitter)
    machine.sign_in()
    pass_time(hall.plan, 120)
    assert machine.refused(machine.start()) == (403, "missed")
    assert machine.refused(machine.submit()) == (403, "missed")
    assert machine.refused(machine.sign_in()) == (403, "missed")
    assert attempts.close_due() == 0
    assert attempt_of(sitter).state == AttemptState.ADMITTED


def test_the_barred_hear_why(hall: Hall, sitter: Sitter, world: World) -> None:
    """EXM-03, ORG-15: barred today: 403 with the reason; lifted or of last year: no matter."""
    today = timezone.localdate()
    bar = PersonBar.objects.create(
        id_number=sitter.id_number, name=sitter.name, authority=world.authority(), reason="替考"
    )
    machine = Machine(sitter)
    answer = machine.sign_in()
    assert machine.refused(answer) == (403, "barred")
    assert "替考" in answer["message"]
    bar.starts_on, bar.ends_on = today - dt.timedelta(days=9), today - dt.timedelta(days=1)
    bar.save()
    machine.sign_in()
    assert machine.status == 200


@pytest.mark.parametrize("stage", ["not_reported", "not_reviewed", "reviewed"])
def test_no_exam_before_it_is_confirmed(hall: Hall, sitter: Sitter, stage: str) -> None:
    """ASM-05: a ticket of a plan that is not confirmed for the computer opens nothing."""
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(stage=stage)
    machine = Machine(sitter)
    assert machine.refused(machine.sign_in()) == (401, "wrong_pair")


def test_without_a_seat_nobody_signs_in(hall: Hall, sitter: Sitter) -> None:
    """ASM-03: no room, no session."""
    Candidate.objects.filter(pk=sitter.candidate.pk).update(exam_room=None, seat_number=None)
    machine = Machine(sitter)
    assert machine.refused(machine.sign_in()) == (401, "wrong_pair")


# --- who may answer


def test_another_machine_takes_over(sitter: Sitter) -> None:
    """EXM-05: what was saved goes along; the first machine is told, and changes nothing any more."""
    first, _ = at_work(sitter)
    first.save(0, {"1": ["A"], "2": ["B"]})
    second, paper = at_work(sitter)
    assert paper["answers"] == {"1": ["A"], "2": ["B"]}
    for answer in (
        first.start(),
        first.save(9, {"1": ["B"]}),
        first.submit(),
        first.post("presence", {"events": []}),
    ):
        assert (answer["code"], first.status) == ("moved", 401)
    assert first.get("session")["entry"] is None
    assert second.start()["answers"] == {"1": ["A"], "2": ["B"]}
    assert kinds(sitter).count("machine") == 1


def test_everybody_has_his_own_answers(hall: Hall) -> None:
    """EXM-05, EXM-07: the same numbers, two people: nothing is mixed up, each sees his own paper."""
    (one, paper_1), (two, paper_2) = (at_work(sitter) for sitter in hall.sitters[:2])
    assert paper_1["attempt"] != paper_2["attempt"]
    assert [q["stem"] for q in paper_1["questions"]] != [q["stem"] for q in paper_2["questions"]]
    one.save(0, {"1": ["A"]})
    two.save(0, {"1": ["B"], "2": ["A"]})
    assert one.start()["answers"] == {"1": ["A"]}
    assert two.start()["answers"] == {"1": ["B"], "2": ["A"]}


def test_nobody_gets_in_with_a_cookie_of_his_own_making(hall: Hall, sitter: Sitter) -> None:
    """EXM-07: forged, cut, foreign, outdated and unknown cookies are nobody's."""
    machine, _ = at_work(sitter)
    good = machine.client.cookies[tokens.COOKIE].value
    entry = Entry.objects.get()
    bad = [
        "",
        "x",
        good[:-1],
        good[:-1] + ("0" if good[-1] != "0" else "1"),
        good.replace(entry.pk.hex, uuid.uuid4().hex),
        tokens.make(uuid.uuid4()),
        tokens.make(entry.pk, now=timezone.now().timestamp() - tokens.HOURS * 3600 - 1),
        "é.1.2",
        "..",
    ]
    for value in bad:
        machine.client.cookies[tokens.COOKIE] = value
        for answer in (
            machine.start(),
            machine.save(0, {"1": ["A"]}),
            machine.submit(),
            machine.post("presence", {"events": []}),
            machine.post("face"),
        ):
            assert machine.refused(answer) == (401, "not_signed_in"), value
        assert machine.get("session")["entry"] is None
    machine.client.cookies[tokens.COOKIE] = good
    machine.start()
    assert machine.status == 200


def test_until_admitted_there_is_no_paper(world: World) -> None:
    """EXM-03: with invigilators' admission the entry waits; refused it is worth nothing."""
    hall = open_hall(2, admission="invigilator")
    invigilator = world.actor(hall.plan.institution, "examiner")
    sitter = hall.sitters[0]
    machine = Machine(sitter)
    assert machine.sign_in()["face_check"] == "required"
    for answer in (machine.start(), machine.save(0, {"1": ["A"]}), machine.submit()):
        assert machine.refused(answer) == (403, "not_admitted")
    assert machine.get("session")["entry"]["face_check"] == "required"
    assert machine.refused(machine.post("face")) == (409, "face_unavailable")
    admission.admit(invigilator, sitter.candidate, note="核对身份证原件")
    assert machine.get("session")["entry"]["face_check"] == "waived"
    machine.start()
    assert machine.status == 200
    refused = Machine(hall.sitters[1])
    refused.sign_in()
    admission.refuse_entry(invigilator, Entry.objects.get(candidate=hall.sitters[1].candidate), "人证不符")
    assert refused.get("session")["entry"] is None
    assert refused.refused(refused.start()) == (403, "entry_refused")


def test_a_voided_exam_says_why(hall: Hall, sitter: Sitter, world: World) -> None:
    """EXM-06: from then on nothing is saved, shown or submitted."""
    from zhupei.exam.services import invigilation

    machine, _ = at_work(sitter)
    machine.save(0, {"1": ["A"]})
    invigilation.void(world.actor(hall.plan.institution), sitter.candidate, "cheating", "夹带资料")
    for answer in (
        machine.start(),
        machine.submit(),
        machine.post("presence", {"events": []}),
        machine.sign_in(),
    ):
        assert machine.refused(answer) == (403, "voided")
        assert "夹带资料" in answer["message"]
    assert machine.refused(machine.save(1, {"1": ["B"]}))[0] == 409
    assert attempt_of(sitter).score is None


# --- saving


def test_a_late_change_loses_and_a_repeated_one_is_harmless(sitter: Sitter) -> None:
    """interfaces.md: versions by question."""
    machine, _ = at_work(sitter)
    assert machine.save(0, {"1": ["A"], "2": ["A"]})["version"] == 1
    assert machine.save(1, {"1": ["B"]})["version"] == 2
    assert machine.save(0, {"1": ["A"], "2": ["A"], "3": ["A"]})["version"] == 2
    assert machine.save(1, {"1": ["B"]})["version"] == 2
    assert machine.start()["answers"] == {"1": ["B"], "2": ["A"], "3": ["A"]}
    machine.save(2, {"1": []})
    assert not machine.start()["answers"].get("1")


@pytest.mark.parametrize(
    ("version", "answers", "code"),
    [
        (0, {"0": ["A"]}, "unknown_answer"),
        (0, {"999": ["A"]}, "unknown_answer"),
        (0, {"x": ["A"]}, "unknown_answer"),
        (0, {"01": ["A"]}, "unknown_answer"),
        (0, {"1": ["Z"]}, "unknown_answer"),
        (0, {"1": ["L"]}, "unknown_answer"),
        (0, {"1": ["A", "B"]}, "unknown_answer"),
        (0, {"1": ["A"], "2": ["AB"]}, "unknown_answer"),
        (0, {"1": "A"}, "bad_request"),
        (0, {"1": [1]}, "bad_request"),
        (0, [], "bad_request"),
        (-1, {"1": ["A"]}, "bad_request"),
        (True, {"1": ["A"]}, "bad_request"),
        ("0", {"1": ["A"]}, "bad_request"),
        (2**60, {"1": ["A"]}, "bad_request"),
    ],
)
def test_what_is_not_on_the_paper_is_not_saved(sitter: Sitter, version: Any, answers: Any, code: str) -> None:
    """EXM-05: a change that is wrong anywhere is refused whole."""
    machine, _ = at_work(sitter)
    answer = machine.send("PUT", "answers", {"version": version, "answers": answers})
    assert machine.refused(answer) == ({"unknown_answer": 422, "bad_request": 400}[code], code)
    assert machine.start()["answers"] == {}


# --- the end


def test_at_the_end_everything_is_submitted(hall: Hall) -> None:
    """EXM-04: with what was saved; whoever asks gets the same result; then the plan is complete."""
    working = [at_work(sitter)[0] for sitter in hall.sitters]
    for machine, sitter in zip(working, hall.sitters, strict=True):
        machine.save(0, right_answers(sitter))
    pass_time(hall.plan, 120)
    late = working[0]
    assert late.refused(late.save(1, {"1": []})) == (409, "over")
    assert late.refused(late.start()) == (409, "over")
    assert late.get("session")["entry"]["state"] == "over"
    assert late.refused(late.post("presence", {"events": []})) == (409, "over")
    assert late.submit()["score"] == 100.0
    assert attempts.close_due() == 2
    assert attempts.close_due() == 0
    for machine, sitter in zip(working, hall.sitters, strict=True):
        assert machine.submit() == {"score": 100.0, "passed": True, "has_practical": False}
        attempt = attempt_of(sitter)
        assert attempt.state == AttemptState.AUTO_SUBMITTED
        assert attempt.submitted_at == attempt.ends_at
        assert kinds(sitter).count(EventKind.AUTO_SUBMITTED) == 1
    hall.plan.refresh_from_db()
    assert hall.plan.stage == "completed"
    again = Machine(hall.sitters[0])
    assert again.sign_in()["state"] == "auto_submitted"
    assert again.submit()["score"] == 100.0


def test_the_pass_mark_is_the_plans(hall: Hall, sitter: Sitter) -> None:
    """EXM-04: 60 of 100 by default, whatever the programme says otherwise."""
    machine, _ = at_work(sitter)
    pass_time(hall.plan, 30)
    earned, answers = 0.0, {}
    key = Paper.objects.get(candidate=sitter.candidate).key
    for number, entry in enumerate(key, start=1):
        if earned + float(entry["points"]) <= 60:
            earned += float(entry["points"])
            answers[str(number)] = entry["answer"]
    machine.save(0, answers)
    assert machine.submit() == {"score": 60.0, "passed": True, "has_practical": False}
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(pass_mark=61)
    assert machine.submit()["passed"] is False


# --- presence


def test_leaving_the_window_is_noted(hall: Hall, sitter: Sitter) -> None:
    """EXM-06: counted and recorded, with times inside the exam; an extension comes back to the page."""
    machine, _ = at_work(sitter)
    events = [
        {"kind": "left", "at": "2001-01-01T00:00:00+08:00", "detail": "切换了页面"},
        {"kind": "returned", "at": "2101-01-01T00:00:00+08:00"},
        {"kind": "offline", "at": "no time", "detail": 5},
        {"kind": "online", "at": "2026-11-21T10:00:00"},
    ]
    machine.post("presence", {"events": events})
    assert machine.status == 200
    attempt = attempt_of(sitter)
    assert attempt.left_count == 1
    assert attempt.seen_at is not None
    rows = ExamEvent.objects.filter(candidate=sitter.candidate, kind__in=[e["kind"] for e in events])
    assert rows.count() == 4
    assert attempt.started_at is not None
    assert all(attempt.started_at <= row.at <= timezone.now() for row in rows)
    assert rows.get(kind="left").detail == "切换了页面"
    Attempt.objects.filter(pk=attempt.pk).update(ends_at=attempt.ends_at + dt.timedelta(minutes=5))
    answer = machine.post("presence", {"events": []})
    assert dt.datetime.fromisoformat(answer["ends_at"]) == attempt.ends_at + dt.timedelta(minutes=5)


@pytest.mark.parametrize(
    "events",
    [[{"kind": "started"}], [{"kind": ["left"]}], ["left"], "left", [{}] * 3, [{"kind": "left"}] * 51],
)
def test_a_machine_reports_nothing_but_what_it_may(sitter: Sitter, events: Any) -> None:
    """EXM-06: nobody writes other kinds into the record, or floods it."""
    machine, _ = at_work(sitter)
    assert machine.refused(machine.post("presence", {"events": events})) == (400, "bad_request")
    assert attempt_of(sitter).left_count == 0


def test_the_record_is_not_flooded(sitter: Sitter, monkeypatch: pytest.MonkeyPatch) -> None:
    """EXM-06: the count goes on, the rows do not."""
    monkeypatch.setattr(attempts, "MOST_LEAVES", 50)
    machine, _ = at_work(sitter)
    for _ in range(3):
        machine.post("presence", {"events": [{"kind": "left"}] * 50})
    assert attempt_of(sitter).left_count == 150
    assert kinds(sitter).count("left") == 50


# --- the frame: CSRF, methods, sizes, mishaps

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
        for body in (b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"[" * 60_000, b"1" * 5000):
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


# --- nothing leaks


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

"""The examinee's API (interfaces.md, section 2): answering, machines, saving, the end (EXM-03 … EXM-07)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from tests.portals.exam.clocks import pass_time
from tests.portals.exam.machines import Machine, at_work, attempt_of, kinds, right_answers
from tests.world import World
from zhupei.assessment.models import AssessmentPlan
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam.hall import saving, tokens
from zhupei.exam.hall.models import Attempt, AttemptState, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, attempts
from zhupei.exam.papers.models import Paper

pytestmark = pytest.mark.django_db


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


def test_a_version_at_the_end_of_all_numbers_locks_nobody_out(sitter: Sitter) -> None:
    """interfaces.md, EXM-05: whatever a machine has claimed once, its later saves are stored."""
    machine, _ = at_work(sitter)
    for letter in "AB":
        version = machine.save(saving.MAX_VERSION, {"1": [letter]})["version"]
        assert version == saving.MAX_VERSION
    assert machine.save(version, {"1": ["C"]})["version"] == version
    again = machine.start()
    assert (again["answers"], again["version"]) == ({"1": ["C"]}, version)


def _signed(body: str) -> str:
    """A cookie with our own signature, whatever it says."""
    return f"{body}.{tokens._mac(body)}"


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
        _signed(f"{entry.pk.hex}.never"),
        _signed(f"{entry.pk.hex}.{'9' * 5000}"),
        _signed("nobody.99999999999"),
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
    from zhupei.exam.hall.services import invigilation

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

"""Signing in through the API: every refusal by its name (EXM-03, EXM-04)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.utils import timezone

from tests.portals.exam.clocks import pass_time
from tests.portals.exam.machines import Machine, at_work, attempt_of
from tests.world import World
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.demo.exam_hall import Hall, Sitter
from zhupei.exam.hall.models import AttemptState, Entry
from zhupei.exam.hall.services import admission, attempts
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db


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
    for _ in range(admission.PER_TICKET_AND_ADDRESS.times):
        machine.post("sign-in", {"ticket": sitter.ticket, "id_number": "330106199001010000"})
        assert machine.status == 401
    assert machine.refused(machine.sign_in(sitter)) == (429, "too_many_tries")
    machine.sign_in(hall.sitters[1])
    assert machine.status == 200


def test_a_stranger_cannot_lock_somebody_out(sitter: Sitter, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-05: ticket numbers are in a row; wrong tries from elsewhere brake only elsewhere, until they are very many."""
    stranger, machine = Machine(), Machine()
    stranger.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    wrong = {"ticket": sitter.ticket, "id_number": "330106199001010000"}
    for _ in range(admission.PER_TICKET_AND_ADDRESS.times):
        stranger.post("sign-in", wrong)
    assert stranger.refused(stranger.post("sign-in", wrong)) == (429, "too_many_tries")
    machine.sign_in(sitter)
    assert machine.status == 200
    monkeypatch.setattr(admission, "PER_TICKET", replace(admission.PER_TICKET, times=10))
    assert machine.refused(machine.sign_in(sitter)) == (429, "too_many_tries")


def test_a_room_behind_one_address_signs_in(hall: Hall) -> None:
    """SEC-05, EXM-03: thirty machines with one address, each with some slips, keep nobody out."""
    machine = Machine()
    for number in range(30):
        for _ in range(3):
            machine.post("sign-in", {"ticket": f"3301261121{number:04d}", "id_number": "330106199001010000"})
            assert machine.status == 401
    for sitter in hall.sitters:
        machine.sign_in(sitter)
        assert machine.status == 200


def test_guessing_is_braked_for_an_address(sitter: Sitter, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-05: whoever tries many tickets from one address."""
    monkeypatch.setattr(admission, "PER_ADDRESS", replace(admission.PER_ADDRESS, times=5))
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
    words = f"您已被{bar.authority}列入黑名单（替考，未定解除日期），不能参加考试。"
    assert answer["message"] == words
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

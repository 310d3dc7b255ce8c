"""EXM-03: signing in and being admitted, by the plan or by the invigilator's hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import F

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.scoping import Actor
from tests.world import World
from zhupei.assessment.models import Session
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam.hall.models import Attempt, AttemptState, Entry, EventKind, ExamEvent
from zhupei.exam.hall.refusals import ExamRefusalError
from zhupei.exam.hall.saving import SaveError
from zhupei.exam.hall.services import admission, attempts
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(db: None) -> Hall:
    """A hall whose invigilators admit by hand."""
    return open_hall(2, admission="invigilator")


@pytest.fixture
def invigilator(watched: Hall, world: World) -> Actor:
    return world.actor(watched.plan.institution, "examiner")


def sign_in(sitter: Sitter, address: str = "10.0.0.1") -> Entry:
    return admission.sign_in(sitter.ticket, sitter.id_number, address=address, device="Edge")


def refusal_of(act: Any) -> str:
    with pytest.raises((ExamRefusalError, SaveError)) as refused:
        act()
    return refused.value.code


def open_paper(entry: Entry) -> attempts.OpenPaper:
    return attempts.start(admission.find_entry(entry.pk))


def test_the_first_sign_in_waits_for_the_invigilator(watched: Hall, invigilator: Actor) -> None:
    """EXM-03: admitted with a word how he was verified; who did it and when is kept."""
    sitter = watched.sitters[0]
    entry = sign_in(sitter)
    assert admission.face_check_of(entry) == "required"
    assert not Attempt.objects.exists()
    assert refusal_of(lambda: open_paper(entry)) == "not_admitted"
    attempt = admission.admit(invigilator, sitter.candidate, note="核对身份证原件")
    assert (attempt.entry_id, attempt.admitted_by, attempt.admission_note) == (
        entry.pk,
        invigilator.user,
        "核对身份证原件",
    )
    assert admission.face_check_of(admission.find_entry(entry.pk)) == "waived"
    assert open_paper(entry).attempt == str(attempt.public_id)
    admitted = ExamEvent.objects.get(kind=EventKind.ADMITTED)
    assert "核对身份证原件" in admitted.detail
    assert admitted.user == invigilator.user
    with pytest.raises(DomainError, match="已放行") as refused:
        admission.admit(invigilator, sitter.candidate)
    assert refused.value.code == "already_admitted"


def test_admitted_ahead_the_first_machine_is_his(watched: Hall, invigilator: Actor) -> None:
    """EXM-03: checked at the door: the first sign-in goes straight on, a second one waits."""
    sitter = watched.sitters[0]
    attempt = admission.admit(invigilator, sitter.candidate, note="门口核验")
    assert attempt.entry_id is None
    first = sign_in(sitter)
    assert admission.face_check_of(first) == "waived"
    open_paper(first)
    second = sign_in(sitter, "10.0.0.2")
    assert admission.face_check_of(second) == "required"


def test_until_the_new_machine_is_admitted_the_old_one_goes_on(watched: Hall, invigilator: Actor) -> None:
    """EXM-03, EXM-05: somebody who knows ticket and ID takes nothing away from the person at work."""
    sitter = watched.sitters[0]
    first = sign_in(sitter)
    admission.admit(invigilator, sitter.candidate)
    open_paper(first)
    second = sign_in(sitter, "10.0.0.2")
    assert refusal_of(lambda: open_paper(second)) == "not_admitted"
    open_paper(first)
    assert ExamEvent.objects.filter(kind=EventKind.MACHINE).get().detail.endswith("等待监考员放行")
    admission.admit(invigilator, sitter.candidate, note="机器故障", entry=second)
    open_paper(second)
    assert refusal_of(lambda: open_paper(first)) == "moved"
    assert Attempt.objects.get().state == AttemptState.IN_PROGRESS


def test_a_machine_that_was_sent_away_stays_out(watched: Hall, invigilator: Actor) -> None:
    """EXM-03: with a reason, in the record; a new sign-in may be admitted, the old one never."""
    sitter = watched.sitters[0]
    entry = sign_in(sitter)
    with pytest.raises(DomainError, match="请填写") as refused:
        admission.refuse_entry(invigilator, entry, "  ")
    assert refused.value.code == "reason_required"
    admission.refuse_entry(invigilator, entry, "人证不符")
    admission.refuse_entry(invigilator, entry, "人证不符")
    assert ExamEvent.objects.get(kind=EventKind.REFUSED).detail == "人证不符"
    assert refusal_of(lambda: open_paper(entry)) == "entry_refused"
    with pytest.raises(DomainError, match="已被拒绝"):
        admission.admit(invigilator, sitter.candidate, entry=entry)
    again = sign_in(sitter)
    admission.admit(invigilator, sitter.candidate)
    open_paper(again)
    with pytest.raises(WrongStateError, match="已经放行"):
        admission.refuse_entry(invigilator, again, "太晚")


def test_only_the_schools_invigilators_admit(watched: Hall, world: World) -> None:
    """ORG-14, SEC-01: not another school's, not its cashier, not an authority."""
    sitter = watched.sitters[0]
    entry = sign_in(sitter)
    strangers = [
        world.actor(world.institution(), "examiner"),
        world.actor(watched.plan.institution, "finance"),
        world.actor(world.authority()),
        Actor(),
    ]
    for actor in strangers:
        refusal = NotFoundError if actor in (strangers[0], strangers[3]) else NotAllowedError
        with pytest.raises(refusal):
            admission.admit(actor, sitter.candidate)
        with pytest.raises(refusal):
            admission.refuse_entry(actor, entry, "不行")
    assert not Attempt.objects.exists()


def test_an_entry_of_somebody_else_is_not_admitted(watched: Hall, invigilator: Actor) -> None:
    """EXM-03: the machine must be the person's."""
    other = sign_in(watched.sitters[1])
    with pytest.raises(DomainError, match="重新签到"):
        admission.admit(invigilator, watched.sitters[0].candidate, entry=other)
    assert not Attempt.objects.exists()


def shift(hall: Hall, minutes: int) -> None:
    span = dt.timedelta(minutes=minutes)
    Session.objects.filter(plan=hall.plan).update(
        starts_at=F("starts_at") - span, ends_at=F("ends_at") - span
    )


def test_nobody_is_admitted_out_of_time_or_barred(watched: Hall, invigilator: Actor, world: World) -> None:
    """EXM-03, EXM-04: not before the doors open, not after the end, not when finished, not when barred."""
    sitter = watched.sitters[0]
    shift(watched, -40)
    with pytest.raises(DomainError, match="还没有到签到时间"):
        admission.admit(invigilator, sitter.candidate)
    shift(watched, 40 + 120)
    with pytest.raises(WrongStateError, match="考试已经结束"):
        admission.admit(invigilator, sitter.candidate)
    shift(watched, -120)
    bar = PersonBar.objects.create(
        id_number=sitter.id_number, name=sitter.name, authority=world.authority(), reason="替考"
    )
    words = f"该考生已被{bar.authority}列入黑名单（替考，未定解除日期），不能入场。"
    with pytest.raises(DomainError) as refusal:
        admission.admit(invigilator, sitter.candidate)
    assert refusal.value.message == words
    bar.delete()
    entry = sign_in(sitter)
    admission.admit(invigilator, sitter.candidate)
    open_paper(entry)
    Attempt.objects.update(submit_from=F("admitted_at"))
    attempts.submit(admission.find_entry(entry.pk))
    with pytest.raises(WrongStateError, match="已交卷"):
        admission.admit(invigilator, sitter.candidate)


def test_who_was_admitted_in_time_may_sign_in_late(watched: Hall, invigilator: Actor) -> None:
    """EXM-04: the rule for late arrivals is for those who were not there."""
    admission.admit(invigilator, watched.sitters[0].candidate)
    shift(watched, 60)
    assert admission.face_check_of(sign_in(watched.sitters[0])) == "waived"
    assert refusal_of(lambda: sign_in(watched.sitters[1])) == "too_late"


def test_a_finished_exam_shows_its_result_at_any_machine(watched: Hall, invigilator: Actor) -> None:
    """EXM-04: after submission a new sign-in needs no admission: there is nothing left to answer."""
    sitter = watched.sitters[0]
    entry = sign_in(sitter)
    admission.admit(invigilator, sitter.candidate)
    open_paper(entry)
    Attempt.objects.update(submit_from=F("admitted_at"))
    result = attempts.submit(admission.find_entry(entry.pk))
    shift(watched, 600)
    again = sign_in(sitter)
    assert attempts.submit(admission.find_entry(again.pk)) == result
    assert refusal_of(lambda: open_paper(again)) == "submitted"


def test_an_unknown_machine_is_nobodys(hall: Hall) -> None:
    """EXM-07: no entry, no person."""
    assert refusal_of(lambda: admission.find_entry(None)) == "not_signed_in"

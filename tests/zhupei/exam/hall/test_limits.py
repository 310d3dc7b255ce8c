"""The exam's rules exactly at their limits: what is still taken, and what is not any more (EXM-03 … EXM-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from foundation.errors import DomainError
from foundation.scoping import SYSTEM, Actor
from tests.locks import at_once
from tests.world import World
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam.hall import saving
from zhupei.exam.hall.models import Attempt, AttemptState, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, attempts, invigilation

pytestmark = pytest.mark.django_db

MOMENT = dt.timedelta(microseconds=1)
Clock = Callable[[dt.datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`clock(moment)` makes it that moment, but not for the database."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


def sign_in(sitter: Sitter) -> Entry:
    return admission.sign_in(sitter.ticket, sitter.id_number, address="10.0.0.1")


def code_of(act: Callable[[], Any]) -> str:
    """The refusal's code, or empty."""
    try:
        act()
    except DomainError as refusal:
        return refusal.code
    return ""


def test_the_latest_arrival(hall: Hall, clock: Clock) -> None:
    """EXM-03: on the last minute one comes in, a moment later not; who has an attempt is not late."""
    latest = hall.session.starts_at + dt.timedelta(minutes=hall.plan.late_minutes)
    first, second = hall.sitters[:2]
    clock(latest)
    assert code_of(lambda: sign_in(first)) == ""
    clock(latest + MOMENT)
    assert code_of(lambda: sign_in(second)) == "too_late"
    clock(latest + dt.timedelta(minutes=1))
    assert code_of(lambda: sign_in(second)) == "too_late"
    assert code_of(lambda: sign_in(first)) == ""


def test_the_doors_open_exactly_then(hall: Hall, clock: Clock) -> None:
    """EXM-03: half an hour before the start, for whoever signs in and for the invigilator's hand."""
    opens = hall.session.starts_at - admission.OPENS_BEFORE
    first, second = hall.sitters[:2]
    clock(opens - MOMENT)
    assert code_of(lambda: sign_in(first)) == "too_early"
    assert code_of(lambda: admission.admit(SYSTEM, second.candidate)) == "not_open"
    clock(opens)
    assert code_of(lambda: sign_in(first)) == ""
    assert code_of(lambda: admission.admit(SYSTEM, second.candidate)) == ""


def test_the_paper_opens_at_the_start_and_not_at_the_end(hall: Hall, clock: Clock) -> None:
    """EXM-04: the first moment of the session is its, the last one is not."""
    first, second = (sign_in(sitter) for sitter in hall.sitters[:2])
    clock(hall.session.starts_at - MOMENT)
    assert code_of(lambda: attempts.start(admission.find_entry(first.pk))) == "too_early"
    clock(hall.session.starts_at)
    assert code_of(lambda: attempts.start(admission.find_entry(first.pk))) == ""
    clock(hall.session.ends_at - MOMENT)
    assert code_of(lambda: attempts.start(admission.find_entry(first.pk))) == ""
    clock(hall.session.ends_at)
    assert code_of(lambda: attempts.start(admission.find_entry(first.pk))) == "over"
    assert code_of(lambda: attempts.start(admission.find_entry(second.pk))) == "missed"


def test_the_earliest_submission_and_the_end(hall: Hall, clock: Clock) -> None:
    """EXM-04: submitted exactly when it is allowed; at the end it is the platform that submits."""
    entries = [sign_in(sitter) for sitter in hall.sitters]
    for entry in entries:
        attempts.start(admission.find_entry(entry.pk))
    earliest, end = Attempt.objects.values_list("submit_from", "ends_at")[0]
    assert earliest == hall.session.starts_at + dt.timedelta(minutes=hall.plan.submission_minutes)
    clock(earliest - MOMENT)
    assert code_of(lambda: attempts.submit(admission.find_entry(entries[0].pk))) == "too_early_to_submit"
    for moment, entry, state in (
        (earliest, entries[0], AttemptState.SUBMITTED),
        (end - MOMENT, entries[1], AttemptState.SUBMITTED),
        (end, entries[2], AttemptState.AUTO_SUBMITTED),
    ):
        clock(moment)
        attempts.submit(admission.find_entry(entry.pk))
        attempt = Attempt.objects.get(entry=entry)
        assert (attempt.state, attempt.submitted_at) == (state, moment)


def test_who_is_due_is_closed_at_the_end_not_before(hall: Hall, clock: Clock) -> None:
    """EXM-04: `ends_at` itself is over."""
    entry = sign_in(hall.sitters[0])
    attempts.start(admission.find_entry(entry.pk))
    assert attempts.close_due(hall.session.ends_at - MOMENT) == 0
    assert attempts.close_due(hall.session.ends_at) == 1
    assert Attempt.objects.get().submitted_at == hall.session.ends_at


@pytest.mark.parametrize(("score", "passed"), [("59.9", False), ("60.0", True), ("60.1", True)])
def test_exactly_the_pass_mark(hall: Hall, score: str, passed: bool) -> None:
    """EXM-04: told at once, by the plan's own pass mark."""
    assert hall.plan.pass_mark == 60
    assert attempts.result_of(Attempt(score=Decimal(score)), hall.plan).passed is passed
    hall.plan.has_practical = True
    assert attempts.result_of(Attempt(score=Decimal(score)), hall.plan).passed is passed


def test_the_last_second_of_a_save(hall: Hall) -> None:
    """EXM-05: judged by the database's clock at the moment of storing: time left is zero whole seconds, then none."""
    entry = sign_in(hall.sitters[0])
    attempts.start(admission.find_entry(entry.pk))

    def end_in(seconds: float) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exam_attempt SET ends_at = clock_timestamp() + %s", [dt.timedelta(seconds=seconds)]
            )

    end_in(0.9)
    saved = saving.save(entry.pk, b'{"version": 0, "answers": {"1": ["A"]}}')
    assert (saved.version, saved.remaining_s) == (1, 0)
    end_in(0)
    assert code_of(lambda: saving.save(entry.pk, b'{"version": 1, "answers": {"1": ["B"]}}')) == "over"


def test_more_time_up_to_the_limit(hall: Hall, world: World) -> None:
    """EXM-06: sixty minutes at once and a hundred and twenty in all are given, one more is not."""
    actor = world.actor(hall.plan.institution, "examiner")
    entry = sign_in(hall.sitters[0])
    attempts.start(admission.find_entry(entry.pk))
    attempt = Attempt.objects.get()
    for minutes, refusal in (
        (61, "minutes_wrong"),
        (60, ""),
        (0, "minutes_wrong"),
        (60, ""),
        (1, "minutes_wrong"),
    ):
        assert (
            code_of(lambda minutes=minutes: invigilation.extend(actor, attempt, minutes, "停电")) == refusal
        )
    assert Attempt.objects.get().extra_minutes == invigilation.MOST_IN_ALL


# --- two at the same moment


@pytest.fixture
def watched(world: World) -> tuple[Hall, list[Actor]]:
    """A hall whose invigilators admit by hand, and two of them."""
    hall = open_hall(2, admission="invigilator")
    return hall, [world.actor(hall.plan.institution, "examiner") for _ in range(2)]


@pytest.mark.django_db(transaction=True)
def test_two_invigilators_admit_somebody_once(watched: tuple[Hall, list[Actor]]) -> None:
    """EXM-03: the second is told so; one attempt, one line in the record."""
    hall, actors = watched
    candidate = hall.sitters[0].candidate
    sign_in(hall.sitters[0])
    results = at_once(*(lambda actor=actor: admission.admit(actor, candidate).pk for actor in actors))
    assert results.count("already_admitted") == 1
    assert Attempt.objects.count() == 1
    assert ExamEvent.objects.filter(kind=EventKind.ADMITTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_admitted_or_sent_away(watched: tuple[Hall, list[Actor]]) -> None:
    """EXM-03: of two invigilators who disagree about a machine the second is told."""
    hall, (one, other) = watched
    candidate, entry = hall.sitters[0].candidate, sign_in(hall.sitters[0])
    results = at_once(
        lambda: admission.admit(one, candidate, entry=entry).pk,
        lambda: admission.refuse_entry(other, entry, "照片不符").pk,
    )
    entry.refresh_from_db()
    assert (entry.admitted_at is None) != (entry.refused_at is None)
    assert results.count("wrong_state") + results.count("entry_refused") == 1


@pytest.mark.django_db(transaction=True)
def test_two_invigilators_void_somebody_once(watched: tuple[Hall, list[Actor]]) -> None:
    """EXM-06: also somebody who never came in: one attempt is made for it, and the second is told."""
    hall, actors = watched
    candidate = hall.sitters[0].candidate
    results = at_once(
        *(lambda actor=actor: invigilation.void(actor, candidate, "cheating", "替考").pk for actor in actors)
    )
    assert results.count("wrong_state") == 1
    assert Attempt.objects.get().state == AttemptState.VOIDED
    assert ExamEvent.objects.filter(kind=EventKind.VOIDED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_give_more_than_all(watched: tuple[Hall, list[Actor]]) -> None:
    """EXM-06: the limit of all extra minutes holds when two give them together."""
    hall, actors = watched
    entry = sign_in(hall.sitters[0])
    admission.admit(actors[0], hall.sitters[0].candidate)
    attempts.start(admission.find_entry(entry.pk))
    Attempt.objects.update(extra_minutes=60)
    attempt = Attempt.objects.get()
    results = at_once(
        *(lambda actor=actor: invigilation.extend(actor, attempt, 60, "停电").pk for actor in actors)
    )
    assert results.count("minutes_wrong") == 1
    assert Attempt.objects.get().extra_minutes == 120

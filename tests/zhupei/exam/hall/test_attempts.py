"""EXM-04, EXM-05: submission and the end of the time, also when several things happen at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from tests.locks import until_somebody_waits
from tests.world import World
from zhupei.assessment.models import AssessmentPlan, Session
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam import tasks
from zhupei.exam.hall import saving
from zhupei.exam.hall.models import Answer, Attempt, AttemptState, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, attempts
from zhupei.exam.papers.models import Paper

pytestmark = pytest.mark.django_db


def body(version: int, answers: dict[str, list[str]]) -> bytes:
    return json.dumps({"version": version, "answers": answers}).encode()


def at_work(sitter: Sitter) -> Entry:
    entry = admission.sign_in(sitter.ticket, sitter.id_number)
    attempts.start(admission.find_entry(entry.pk))
    return entry


def right_answers(sitter: Sitter) -> dict[str, list[str]]:
    key = Paper.objects.get(candidate=sitter.candidate).key
    return {str(n): entry["answer"] for n, entry in enumerate(key, start=1)}


def end_now(**only: Any) -> None:
    """The time of these attempts is over."""
    Attempt.objects.filter(**only).update(ends_at=F("admitted_at"), submit_from=F("admitted_at"))


def test_a_whole_hall_is_closed_in_few_statements() -> None:
    """EXM-04, SCA-01: 230 people: three batches, each with the same few statements."""
    hall = open_hall(230)
    for sitter in hall.sitters:
        at_work(sitter)
    best = hall.sitters[7]
    saving.save(Entry.objects.get(candidate=best.candidate).pk, body(0, right_answers(best)))
    end_now()
    with CaptureQueriesContext(connection) as asked:
        assert attempts.close_due() == 230
    assert len(asked) < 60
    done = Attempt.objects.all()
    assert set(done.values_list("state", flat=True)) == {"auto_submitted"}
    assert done.get(candidate=best.candidate).score == 100
    assert done.filter(score=0).count() == 229
    assert ExamEvent.objects.filter(kind=EventKind.AUTO_SUBMITTED).count() == 230


def test_one_that_cannot_be_scored_keeps_nobody_waiting(hall: Hall) -> None:
    """EXM-04: the others are submitted; it stays for people to look at."""
    for sitter in hall.sitters:
        at_work(sitter)
    Paper.objects.filter(candidate=hall.sitters[1].candidate).delete()
    end_now()
    assert attempts.close_due() == 2
    left = Attempt.objects.get(state=AttemptState.IN_PROGRESS)
    assert left.candidate_id == hall.sitters[1].candidate.pk


def test_an_extension_keeps_the_plan_running(hall: Hall) -> None:
    """EXM-06, ASM-05: the plan is complete when the last session is over and nobody works any more."""
    for sitter in hall.sitters[:2]:
        at_work(sitter)
    span = hall.session.ends_at - hall.session.starts_at
    Session.objects.filter(plan=hall.plan).update(
        starts_at=F("starts_at") - span, ends_at=F("ends_at") - span
    )
    end_now(candidate=hall.sitters[1].candidate)

    def stage() -> str:
        return AssessmentPlan.objects.get(pk=hall.plan.pk).stage

    assert attempts.close_due() == 1
    assert stage() == "running"
    end_now(candidate=hall.sitters[0].candidate)
    tasks.close_due(0)
    assert stage() == "completed"


def test_happenings_are_noted(hall: Hall) -> None:
    """EXM-06: one line each, with what it was about."""
    entry = at_work(hall.sitters[0])
    attempts.be_present(
        admission.find_entry(entry.pk), [attempts.Report(EventKind.OFFLINE, detail="网线松动")]
    )
    assert ExamEvent.objects.get(kind=EventKind.OFFLINE).detail == "网线松动"


def test_partitions_are_made_by_the_daily_task(db: None) -> None:
    """architecture.md: this month and the next three."""
    tasks.answers_partitions(0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'exam_answer'::regclass")
        assert cursor.fetchone()[0] == 5


# --- at the same time


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run these in threads of their own; their results, or what they raised."""
    found: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            found[place] = acts[place]()
        except Exception as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


@pytest.mark.django_db(transaction=True)
def test_a_save_under_way_is_in_the_score(world: World) -> None:
    """EXM-05: the submission waits for it, and what comes after it is refused."""
    hall = open_hall(1)
    sitter = hall.sitters[0]
    entry = at_work(sitter)
    end = Attempt.objects.get()
    Attempt.objects.update(submit_from=F("admitted_at"))
    order: list[str] = []
    is_saved = threading.Event()

    def save_slowly() -> Any:
        with transaction.atomic():
            saved = saving.save(entry.pk, body(0, right_answers(sitter)))
            is_saved.set()
            until_somebody_waits()
            order.append("saved")
        return saved

    def submit() -> Any:
        is_saved.wait(10)
        result = attempts.submit(admission.find_entry(entry.pk))
        order.append("submitted")
        return result

    saved, result = together(save_slowly, submit)
    assert isinstance(saved, saving.Saved), saved
    assert result == attempts.Result(Decimal("100.0"), True)
    assert order == ["saved", "submitted"]
    with pytest.raises(saving.SaveError) as refused:
        saving.save(entry.pk, body(1, {"1": []}))
    assert refused.value.code == "over"
    assert Answer.objects.filter(attempt=end.pk).count() == len(right_answers(sitter))


@pytest.mark.django_db(transaction=True)
def test_the_same_thing_twice_at_once_happens_once(world: World) -> None:
    """EXM-04: two starts, two submissions and the clock, two sign-ins: one attempt, one start, one result."""
    hall = open_hall(1)
    sitter = hall.sitters[0]

    def sign_in() -> Entry:
        return admission.sign_in(sitter.ticket, sitter.id_number)

    entries = together(sign_in, sign_in, sign_in)
    assert Attempt.objects.count() == 1
    assert all(isinstance(entry, Entry) for entry in entries), entries
    mine = admission.find_entry(Attempt.objects.values_list("entry", flat=True).get())
    opened = together(*[lambda: attempts.start(admission.find_entry(mine.pk))] * 3)
    assert all(isinstance(paper, attempts.OpenPaper) for paper in opened), opened
    assert ExamEvent.objects.filter(kind=EventKind.STARTED).count() == 1
    end_now()

    def submit() -> attempts.Result:
        return attempts.submit(admission.find_entry(mine.pk))

    found = together(submit, attempts.close_due, submit, attempts.close_due)
    assert found[0] == found[2] == attempts.Result(Decimal("0.0"), False)
    assert found[1] + found[3] <= 1
    assert ExamEvent.objects.filter(kind=EventKind.AUTO_SUBMITTED).count() == 1

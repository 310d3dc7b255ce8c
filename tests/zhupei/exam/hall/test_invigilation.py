"""EXM-06: more time, another seat, void, and the state of a room; all of it in the record."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.review.models import Review, ReviewState
from foundation.workflow.models import TransitionLog
from tests.zhupei.exam.rooms import Watched, sit
from zhupei.assessment.models import Candidate, ExamRoom
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.hall import live, saving
from zhupei.exam.hall.live import SeatState
from zhupei.exam.hall.models import Answer, Attempt, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, attempts, invigilation
from zhupei.exam.scores.models import ScoreReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(world: Any) -> Watched:
    hall = open_hall(4, admission="invigilator")
    return Watched(hall, world.actor(hall.plan.institution))


def events(candidate: Candidate) -> list[tuple[str, str]]:
    return list(ExamEvent.objects.filter(candidate=candidate).values_list("kind", "detail"))


def test_more_time_holds_at_once_and_is_recorded(watched: Watched) -> None:
    """EXM-06: the end moves, the record names minutes and reason."""
    attempt = sit(watched.people[0])
    end = attempt.ends_at
    invigilation.extend(watched.actor, attempt, 10, "机器重启")
    attempt.refresh_from_db()
    assert attempt.ends_at == end + dt.timedelta(minutes=10) and attempt.extra_minutes == 10
    assert events(watched.people[0]) == [(EventKind.EXTENDED, "延长 10 分钟：机器重启")]
    assert watched.actor.user.name in ExamEvent.objects.get().actor_label


@pytest.mark.parametrize("minutes", [0, 61, -5])
def test_minutes_have_limits(watched: Watched, minutes: int) -> None:
    """EXM-06: 1 to 60 at a time."""
    with pytest.raises(DomainError, match="1 至 60"):
        invigilation.extend(watched.actor, sit(watched.people[0]), minutes, "机器重启")


def test_no_more_than_two_hours_in_all(watched: Watched) -> None:
    """EXM-06: 120 minutes in sum, and it says what is left."""
    attempt = sit(watched.people[0], extra_minutes=100)
    with pytest.raises(DomainError, match="还可延长 20 分钟"):
        invigilation.extend(watched.actor, attempt, 30, "停电")
    invigilation.extend(watched.actor, attempt, 20, "停电")


@pytest.mark.parametrize("state", ["admitted", "submitted", "auto_submitted", "voided"])
def test_only_somebody_who_answers_gets_more_time(watched: Watched, state: str) -> None:
    """EXM-06: not before the start, not after the end."""
    with pytest.raises(WrongStateError):
        invigilation.extend(watched.actor, sit(watched.people[0], state), 5, "停电")


def test_no_time_after_the_end(watched: Watched) -> None:
    """EXM-04: what is over stays over."""
    attempt = sit(watched.people[0], ends_at=timezone.now() - dt.timedelta(seconds=1))
    with pytest.raises(WrongStateError, match="时间已到"):
        invigilation.extend(watched.actor, attempt, 5, "停电")


def test_the_whole_room_gets_more_time(watched: Watched, django_assert_max_num_queries: Any) -> None:
    """EXM-06: those who are in and not done; up to the limit."""
    people = watched.people
    sit(people[0]), sit(people[1], extra_minutes=110), sit(people[2], "submitted")
    with django_assert_max_num_queries(12):
        assert invigilation.extend_room(watched.actor, watched.room, 15, "停电") == 2
    assert list(Attempt.objects.order_by("candidate").values_list("extra_minutes", flat=True)) == [15, 120, 0]
    assert events(people[1]) == [(EventKind.EXTENDED, "全考场延长 10 分钟：停电")]
    assert events(people[2]) == []


def test_a_free_seat_is_taken(watched: Watched) -> None:
    """EXM-06: another machine in the room."""
    mover = watched.people[0]
    assert invigilation.move_seat(watched.actor, mover, watched.room, 20, "键盘坏了") is None
    mover.refresh_from_db()
    assert mover.seat_label == "01-20"
    assert events(mover) == [(EventKind.MOVED, "座位由 01-01 换到 01-20：键盘坏了")]


def test_two_people_change_seats(watched: Watched) -> None:
    """EXM-06: a seat that is taken is changed for one's own, both are recorded."""
    first, second = watched.people[:2]
    assert invigilation.move_seat(watched.actor, first, watched.room, 2, "键盘坏了") == second
    assert [row.pk for row in watched.people[:2]] == [second.pk, first.pk]
    assert events(second) == [(EventKind.MOVED, "与他人互换，座位由 01-02 换到 01-01：键盘坏了")]


@pytest.mark.parametrize(("seat", "words"), [(1, "已经在这个座位"), (31, "1 至 30"), (0, "1 至 30")])
def test_seats_that_are_none(watched: Watched, seat: int, words: str) -> None:
    """EXM-06: refused in words."""
    with pytest.raises(DomainError, match=words):
        invigilation.move_seat(watched.actor, watched.people[0], watched.room, seat, "键盘坏了")


def test_nobody_moves_to_another_occupation_or_exam(watched: Watched, world: Any) -> None:
    """ASM-02: a room is one occupation's."""
    other = ExamRoom.objects.get(session=open_hall(1).session)
    with pytest.raises(DomainError, match="同一场次"):
        invigilation.move_seat(watched.actor, watched.people[0], other, 5, "键盘坏了")
    mixed = open_hall(4, occupations=2)
    rooms = list(ExamRoom.objects.filter(session=mixed.session))
    candidate = Candidate.objects.filter(exam_room=rooms[0])[0]
    with pytest.raises(DomainError, match="同一岗位"):
        invigilation.move_seat(world.actor(mixed.plan.institution), candidate, rooms[1], 5, "键盘坏了")
    assert Candidate.objects.get(pk=candidate.pk).exam_room == rooms[0]


def test_who_is_done_stays(watched: Watched) -> None:
    """EXM-06: a submitted paper has its seat."""
    sit(watched.people[0], "submitted")
    with pytest.raises(WrongStateError):
        invigilation.move_seat(watched.actor, watched.people[0], watched.room, 9, "键盘坏了")


@pytest.mark.parametrize("state", ["admitted", "in_progress", "submitted", "auto_submitted"])
def test_void_with_kind_and_reason(watched: Watched, state: str) -> None:
    """EXM-06: through the machine, with what was answered left alone."""
    attempt = sit(watched.people[0], state)
    Answer.objects.create(
        month=attempt.month, attempt=attempt, number=1, choice="A", version=1, saved_at=timezone.now()
    )
    invigilation.void(watched.actor, watched.people[0], "cheating", "夹带资料")
    attempt.refresh_from_db()
    assert (attempt.state, attempt.void_kind, attempt.void_reason) == ("voided", "cheating", "夹带资料")
    assert events(watched.people[0]) == [(EventKind.VOIDED, "作弊：夹带资料")]
    assert TransitionLog.objects.get(machine="exam_attempt", action="void").remark == "夹带资料"
    assert Answer.objects.count() == 1


def put(entry: Entry, version: int, letter: str) -> saving.Saved:
    return saving.save(entry.pk, json.dumps({"version": version, "answers": {"1": [letter]}}).encode())


def test_more_time_opens_saves_again_and_void_closes_them(watched: Watched) -> None:
    """EXM-05, EXM-06: both hold for the very next save; what was confirmed stays, and who is void cannot submit."""
    candidate = watched.people[0]
    sitter = watched.hall.sitters[0]
    entry = admission.sign_in(sitter.ticket, sitter.id_number)
    attempt = admission.admit(watched.actor, candidate, note="核对本人", entry=entry)
    attempts.start(admission.find_entry(entry.pk))
    saved = put(entry, 0, "A")
    Attempt.objects.filter(pk=attempt.pk).update(ends_at=timezone.now() + dt.timedelta(seconds=30))
    attempt.refresh_from_db()
    invigilation.extend(watched.actor, attempt, 10, "停电")
    later = put(entry, saved.version, "B")
    assert 600 < later.remaining_s <= 630
    invigilation.void(watched.actor, candidate, "cheating", "夹带")
    with pytest.raises(DomainError):
        put(entry, later.version, "C")
    with pytest.raises(DomainError):
        attempts.submit(admission.find_entry(entry.pk))
    assert Answer.objects.get(attempt=attempt).choice == "B"
    assert attempts.close_due(timezone.now() + dt.timedelta(days=1)) == 0
    attempt.refresh_from_db()
    assert attempt.state == "voided"


def test_an_impostor_at_the_door_is_void(watched: Watched) -> None:
    """EXM-06: nobody signed in, yet the record and the score list have it."""
    attempt = invigilation.void(watched.actor, watched.people[0], "cheating", "替考")
    assert attempt.state == "voided" and attempt.admission_note == "未入场"
    logs = TransitionLog.objects.filter(machine="exam_attempt", subject_id=attempt.pk)
    assert set(logs.values_list("action", flat=True)) == {"create", "void"}
    with pytest.raises(WrongStateError):
        invigilation.void(watched.actor, watched.people[0], "void", "再来一次")


def test_void_needs_a_kind_a_reason_and_scores_not_reported(watched: Watched) -> None:
    """SCO-01: what has been reported is settled there."""
    candidate = watched.people[0]
    with pytest.raises(DomainError, match="作废类别"):
        invigilation.void(watched.actor, candidate, "normal", "替考")
    with pytest.raises(DomainError, match="请填写原因"):
        invigilation.void(watched.actor, candidate, "void", "  ")
    review = Review.objects.create(kind="score_report", state=ReviewState.SUBMITTED, subject_label="成绩")
    ScoreReport.objects.create(plan=watched.hall.plan, review=review)
    with pytest.raises(WrongStateError, match="已上报"):
        invigilation.void(watched.actor, candidate, "void", "替考")
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(("role", "allowed"), [("examiner", True), ("clerk", True), ("finance", False)])
def test_roles(watched: Watched, world: Any, role: str, allowed: bool) -> None:
    """ORG-14: examiners invigilate, finance does not."""
    actor = world.actor(watched.hall.plan.institution, role=role)
    attempt = sit(watched.people[0])
    if allowed:
        invigilation.extend(actor, attempt, 5, "停电")
    else:
        with pytest.raises(NotAllowedError):
            invigilation.extend(actor, attempt, 5, "停电")


def test_strangers_and_the_authority_do_nothing(watched: Watched, world: Any) -> None:
    """SEC-01: another institution, and whoever only looks on."""
    attempt = sit(watched.people[0])
    for body, refusal in (
        (world.institution(), NotFoundError),
        (watched.hall.plan.institution.supervisor, NotAllowedError),
    ):
        actor = world.actor(body)
        for act in (
            lambda who=actor: invigilation.extend(who, attempt, 5, "停电"),
            lambda who=actor: invigilation.extend_room(who, watched.room, 5, "停电"),
            lambda who=actor: invigilation.move_seat(who, watched.people[0], watched.room, 9, "停电"),
            lambda who=actor: invigilation.void(who, watched.people[0], "void", "停电"),
        ):
            with pytest.raises(refusal):
                act()
    assert not ExamEvent.objects.exists()


def test_the_room_as_it_is(watched: Watched) -> None:
    """EXM-06: who is where, how far, silent, away, waiting; empty seats too."""
    now, people = timezone.now(), watched.people
    working = sit(people[0], left_count=2, seen_at=now - dt.timedelta(seconds=20))
    for number, choice in ((1, "A"), (2, "BC"), (3, "")):
        Answer.objects.create(
            month=working.month, attempt=working, number=number, choice=choice, version=1, saved_at=now
        )
    sit(people[1], seen_at=now - dt.timedelta(seconds=61))
    Entry.objects.create(candidate=people[2])
    seats = live.room_state(watched.room)
    assert len(seats) == 30 and [seat.number for seat in seats] == list(range(1, 31))
    first, second, third, fourth, fifth = seats[:5]
    assert (first.state, first.answered, first.left_count, first.is_silent) == (
        SeatState.ANSWERING,
        2,
        2,
        False,
    )
    assert first.questions > 10 and first.minutes_left in {119, 120}
    assert second.is_silent and second.label == "断线"
    assert third.state == SeatState.WAITING and third.waiting is not None and not third.is_other_machine
    assert fourth.state == SeatState.EXPECTED and fifth.state == SeatState.FREE
    counted = dict(live.counts(seats))
    assert (counted[SeatState.ANSWERING], counted[SeatState.WAITING], counted[SeatState.EXPECTED]) == (
        2,
        1,
        1,
    )


def test_a_save_is_a_contact(watched: Watched) -> None:
    """EXM-06: who saves answers is there, whatever the page reports of itself."""
    attempt = sit(watched.people[0], seen_at=timezone.now() - dt.timedelta(minutes=5))
    Attempt.objects.filter(pk=attempt.pk).update(started_at=attempt.seen_at)
    assert live.room_state(watched.room)[0].label == "断线"
    Answer.objects.create(
        month=attempt.month, attempt=attempt, number=1, choice="A", version=1, saved_at=timezone.now()
    )
    assert live.room_state(watched.room)[0].label == "答题中"


def test_who_has_left_the_window(watched: Watched) -> None:
    """EXM-06: until coming back, or beginning again at another machine."""
    first, now = watched.people[0], timezone.now()
    sit(first, left_count=1)

    def happens(kind: EventKind, seconds: int) -> str:
        ExamEvent.objects.create(candidate=first, kind=kind, at=now + dt.timedelta(seconds=seconds))
        return live.room_state(watched.room)[0].label

    assert happens(EventKind.LEFT, 1) == "离开窗口"
    assert happens(EventKind.RETURNED, 2) == "答题中"
    assert happens(EventKind.LEFT, 3) == "离开窗口"
    assert happens(EventKind.EXTENDED, 4) == "离开窗口"
    assert happens(EventKind.RESUMED, 5) == "答题中"
    happens(EventKind.LEFT, 6)
    Attempt.objects.update(state="submitted")
    assert live.room_state(watched.room)[0].away_since is None


def test_who_waits_for_admission(watched: Watched) -> None:
    """EXM-03: the newest sign-in only; another machine is said to be one; nothing once it is answered."""
    first, second, third = watched.people[:3]
    sit(first)
    other = Entry.objects.create(candidate=first)
    sit(second, "submitted")
    Entry.objects.create(candidate=second)
    Entry.objects.create(candidate=third)
    Entry.objects.create(candidate=third, refused_at=timezone.now())
    seats = live.room_state(watched.room)
    assert seats[0].waiting == other and seats[0].is_other_machine and seats[0].state == SeatState.ANSWERING
    assert not any(seat.waiting for seat in seats[1:])


def test_the_state_of_a_full_room_takes_few_queries(world: Any, django_assert_num_queries: Any) -> None:
    """PRF: five, whatever the number of people."""
    hall = open_hall(30, admission="invigilator")
    for sitter in hall.sitters[:20]:
        sit(sitter.candidate)
    room = ExamRoom.objects.select_related("room").get(session=hall.session)
    with django_assert_num_queries(5):
        assert len([seat for seat in live.room_state(room) if seat.attempt]) == 20

"""What the invigilator does to people in the room: more time, another seat, void; all of it with a reason (EXM-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from foundation.errors import DomainError, WrongStateError
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom
from zhupei.exam.hall.machine import ATTEMPT
from zhupei.exam.hall.models import HELD, OPEN, OVER, Attempt, AttemptState, EventKind, ExamEvent, VoidKind
from zhupei.exam.hall.services import attempts
from zhupei.exam.hall.services.admission import make_attempt
from zhupei.organizations.roles import Capability, require

# Ours, where the rules are silent: more than two hours in all would be another exam.
MOST_AT_ONCE = 60
MOST_IN_ALL = 120
LONGEST_REASON = 200

Guard = Callable[[AssessmentPlan], None]
_GUARDS: list[Guard] = []


def guard_void(guard: Guard) -> None:
    """`guard(plan)` is asked before anybody of the plan is voided; it refuses by raising a DomainError."""
    _GUARDS.append(guard)


def extend(actor: Actor, attempt: Attempt, minutes: int, reason: str) -> Attempt:
    """延长时间 of one person who is answering, by 1 to MOST_AT_ONCE minutes; holds for the next save at once.

    Raises DomainError `minutes_wrong`, `no_reason`; WrongStateError when the person is not answering or time is up.
    """
    words = _checked(actor, attempt.candidate.plan, reason)
    _check_minutes(minutes)
    with transaction.atomic():
        locked = _locked(attempt)
        if locked.state != AttemptState.IN_PROGRESS:
            raise WrongStateError(f"考生状态为“{locked.get_state_display()}”，只有答题中的考生能延长时间。")
        if locked.ends_at <= timezone.now():
            raise WrongStateError("该考生的考试时间已到，不能再延长。")
        if locked.extra_minutes + minutes > MOST_IN_ALL:
            left = MOST_IN_ALL - locked.extra_minutes
            raise DomainError(
                "minutes_wrong",
                f"每人最多共延长 {MOST_IN_ALL} 分钟，已延长 {locked.extra_minutes} 分钟，还可延长 {left} 分钟。",
            )
        _give(locked, minutes)
        note(actor, [locked.candidate_id], EventKind.EXTENDED, f"延长 {minutes} 分钟：{words}")
        attempt.ends_at, attempt.extra_minutes = locked.ends_at, locked.extra_minutes
    return locked


def extend_room(actor: Actor, exam_room: ExamRoom, minutes: int, reason: str) -> int:
    """延长时间 of everybody in a room who has signed in and not finished; returns how many.

    Somebody who would get more than MOST_IN_ALL minutes gets what is left to that. Raises as `extend`, and
    DomainError `nobody` when there is nobody to give time to.
    """
    words = _checked(actor, exam_room.session.plan, reason)
    _check_minutes(minutes)
    with transaction.atomic():
        found = Attempt.objects.filter(
            candidate__exam_room=exam_room,
            state__in=OPEN,
            ends_at__gt=timezone.now(),
            extra_minutes__lt=MOST_IN_ALL,
        )
        keys = list(found.order_by("pk").values_list("pk", flat=True))
        attempts.lock(keys)
        locked = list(Attempt.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
        given = [row for row in locked if row.state in OPEN and row.ends_at > timezone.now()]
        if not given:
            raise DomainError("nobody", "本考场没有可以延长时间的考生。")
        rows = []
        for attempt in given:
            more = min(minutes, MOST_IN_ALL - attempt.extra_minutes)
            attempt.extra_minutes += more
            attempt.ends_at += dt.timedelta(minutes=more)
            detail = f"全考场延长 {more} 分钟：{words}"
            rows.append(_event(actor, attempt.candidate_id, EventKind.EXTENDED, detail))
        Attempt.objects.bulk_update(given, ["extra_minutes", "ends_at"])
        ExamEvent.objects.bulk_create(rows)
    return len(given)


def move_seat(
    actor: Actor, candidate: Candidate, exam_room: ExamRoom, seat_number: int, reason: str
) -> Candidate | None:
    """更换座位 within the occupation and the session; returns who sat there and has changed seats, if anybody.

    Raises DomainError `seat_wrong`, `no_reason`; WrongStateError when the person has finished.
    """
    words = _checked(actor, candidate.plan, reason)
    with transaction.atomic():
        mine = _candidate(candidate)
        _check_place(mine, exam_room, seat_number)
        other = (
            Candidate.objects.select_for_update(no_key=True, of=("self",))
            .select_related("exam_room")
            .filter(exam_room=exam_room, seat_number=seat_number)
            .first()
        )
        if other is not None and other.pk == mine.pk:
            raise DomainError("seat_wrong", "考生已经在这个座位上，请选择另一个座位。")
        before, room_before, seat_before = mine.seat_label, mine.exam_room, mine.seat_number
        Candidate.objects.filter(pk=mine.pk).update(seat_number=None)
        if other is not None:
            Candidate.objects.filter(pk=other.pk).update(exam_room=room_before, seat_number=seat_before)
        Candidate.objects.filter(pk=mine.pk).update(exam_room=exam_room, seat_number=seat_number)
        after = f"{exam_room.number:02d}-{seat_number:02d}"
        note(actor, [mine.pk], EventKind.MOVED, f"座位由 {before} 换到 {after}：{words}")
        if other is not None:
            note(actor, [other.pk], EventKind.MOVED, f"与他人互换，座位由 {after} 换到 {before}：{words}")
        candidate.exam_room, candidate.seat_number = exam_room, seat_number
    return other


def void(actor: Actor, candidate: Candidate, kind: str, reason: str) -> Attempt:
    """作废 somebody's exam: `kind` is cheating or void. Also somebody's who has not signed in (替考 at the door).

    What has been saved stays, no later save is taken. Raises DomainError `kind_wrong`, `no_reason`; WrongStateError
    when it is void already, or whatever a guard refuses it for.
    """
    words = _checked(actor, candidate.plan, reason)
    if kind not in VoidKind.values:
        raise DomainError("kind_wrong", "请选择作废类别：作弊或作废。")
    with transaction.atomic():
        mine = _candidate(candidate)
        if mine.exam_room is None:
            raise WrongStateError("该考生没有座位，不能作废。")
        for guard in _GUARDS:
            guard(mine.plan)
        attempt = Attempt.objects.filter(candidate=mine).first() or make_attempt(actor, mine, None, "未入场")
        attempts.lock([attempt.pk])
        ATTEMPT.perform(actor, attempt, "void", remark=words, reasons={"kind": str(VoidKind(kind).label)})
        attempt.void_kind, attempt.void_reason = kind, words
        attempt.save(update_fields=["void_kind", "void_reason"])
        note(actor, [mine.pk], EventKind.VOIDED, f"{VoidKind(kind).label}：{words}")
    return attempt


def note(actor: Actor, candidates: Iterable[int], kind: EventKind, detail: str) -> None:
    """Write into the room's record what the actor did to these candidates (primary keys)."""
    ExamEvent.objects.bulk_create([_event(actor, key, kind, detail) for key in candidates])


def _event(actor: Actor, candidate: int, kind: EventKind, detail: str) -> ExamEvent:
    return ExamEvent(
        candidate_id=candidate, kind=kind, detail=detail[:300], actor_label=actor.label[:200], user=actor.user
    )


def _checked(actor: Actor, plan: AssessmentPlan, reason: str) -> str:
    """The reason in words; refuses who may not, plans that are not held, and silence."""
    require(actor, Capability.INVIGILATE, plan)
    if plan.stage not in HELD:
        raise WrongStateError("考核计划还没有确认线上考核，不能办理考场事务。")
    words = " ".join(reason.split())
    if not words:
        raise DomainError("no_reason", "请填写原因，原因会记入考场记录。", items={"reason": "请填写原因。"})
    return words[:LONGEST_REASON]


def _check_minutes(minutes: int) -> None:
    if not 1 <= minutes <= MOST_AT_ONCE:
        sentence = f"每次延长 1 至 {MOST_AT_ONCE} 分钟。"
        raise DomainError("minutes_wrong", sentence, items={"minutes": sentence})


def _locked(attempt: Attempt) -> Attempt:
    attempts.lock([attempt.pk])
    return Attempt.objects.select_for_update(no_key=True).get(pk=attempt.pk)


def _give(attempt: Attempt, minutes: int) -> None:
    attempt.extra_minutes += minutes
    attempt.ends_at += dt.timedelta(minutes=minutes)
    attempt.save(update_fields=["extra_minutes", "ends_at"])


def _candidate(candidate: Candidate) -> Candidate:
    rows = Candidate.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("plan", "exam_room__session").get(pk=candidate.pk)


def _check_place(candidate: Candidate, exam_room: ExamRoom, seat_number: int) -> None:
    """Raise unless the candidate may sit there."""
    attempt = Attempt.objects.filter(candidate=candidate).first()
    if attempt is not None and attempt.state in OVER:
        raise WrongStateError(f"考生状态为“{attempt.get_state_display()}”，不用再更换座位。")
    here = candidate.exam_room
    if here is None or here.session_id != exam_room.session_id:
        raise DomainError("seat_wrong", "只能换到同一场次的考场。")
    if (here.occupation_id, here.level_id) != (exam_room.occupation_id, exam_room.level_id):
        raise DomainError("seat_wrong", "只能换到同一岗位（工种）的考场。")
    if not 1 <= seat_number <= exam_room.room.seats:
        sentence = f"{exam_room}有 {exam_room.room.seats} 个座位，请填写 1 至 {exam_room.room.seats}。"
        raise DomainError("seat_wrong", sentence, items={"seat": sentence})

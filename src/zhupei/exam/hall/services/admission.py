"""Signing in at a machine and being admitted to the paper (EXM-03)."""

from __future__ import annotations

import datetime as dt
import hmac
import uuid
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from foundation.crypto import blind_index
from foundation.errors import DomainError, WrongStateError
from foundation.identifiers import id_number as id_numbers
from foundation.identifiers.text import squeeze
from foundation.limits import services as limits
from foundation.limits.services import Limit
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment.models import (
    AdmissionRule,
    Candidate,
    Session,
)
from zhupei.exam.hall import refusals, saving
from zhupei.exam.hall.machine import ATTEMPT
from zhupei.exam.hall.models import (
    FINISHED,
    HELD,
    OVER,
    Attempt,
    AttemptState,
    Entry,
    EventKind,
    ExamEvent,
    attempt_of,
)
from zhupei.exam.hall.partitions import month_of
from zhupei.organizations.roles import Capability, require
from zhupei.people.queries import barred

Row = TypeVar("Row", bound=Model)

OPENS_BEFORE = dt.timedelta(minutes=30)
# Wrong pairs of ticket and ID number (SEC-05). A room full of examinees may come from one address, so right pairs are
# not counted there and the limit is wide. Ticket numbers are easily guessed: whoever types somebody's ticket wrongly
# over and over locks out only the address that he comes from, and the ticket everywhere only after so many tries
# that no slip explains them.
PER_TICKET_AND_ADDRESS = Limit("exam-ticket-address", 10, dt.timedelta(minutes=5))
PER_TICKET = Limit("exam-ticket", 500, dt.timedelta(minutes=5))
PER_ADDRESS = Limit("exam-address", 1000, dt.timedelta(minutes=5))
# What belongs to an entry and is read with it in one query; who it is only where that is shown.
BELONGINGS = ("candidate__plan", "candidate__exam_room__session", "candidate__attempt")
PERSON = ("candidate__enrollment__occupation", "candidate__enrollment__level")
# The columns of it that sign-in, start and the page need: wide rows cost more than the look-up.
_CANDIDATE = (
    *("plan", "enrollment", "exam_room", "seat_number", "ticket_number"),
    *(f"plan__{name}" for name in ("name", "stage", "admission", "institution", "has_practical")),
    *(f"plan__{name}_minutes" for name in ("exam", "submission", "late")),
    *("plan__pass_mark", "plan__practical_pass_mark", "plan__seed"),
    *("exam_room__number", "exam_room__session", "exam_room__occupation", "exam_room__level"),
    *("exam_room__session__starts_at", "exam_room__session__ends_at"),
)
_PERSON = (
    *("enrollment__name", "enrollment__id_number_index", "enrollment__occupation", "enrollment__level"),
    *("enrollment__occupation__name", "enrollment__level__name"),
)
_ATTEMPT = tuple(f"attempt__{field.name}" for field in Attempt._meta.concrete_fields if field.name != "marks")
_ENTRY = ("candidate", "address", "admitted_at", "refused_at")


def _only(rows: QuerySet[Row]) -> Row | None:
    """The row that a key names, with its many belongings.

    They are joined as they are written: to plan every other order costs several times what the query does, and
    thousands sign in within a minute.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit = 1")
        return next(iter(rows.order_by()), None)


def session_of(candidate: Candidate) -> Session | None:
    return candidate.exam_room.session if candidate.exam_room is not None else None


def sign_in(ticket: str, id_number: str, *, address: str = "", device: str = "") -> Entry:
    """One sign-in at one machine. Raises ExamRefusalError: 401, 403, 425 or 429, see the rules there.

    With AdmissionRule.WAIVED the entry is admitted at once and takes the place of an earlier one; with INVIGILATOR
    it waits, unless the invigilator admitted the person before anybody had signed in.
    """
    ticket, number = squeeze(ticket), id_numbers.normalize(id_number)
    brakes = _brakes(ticket, address)
    with transaction.atomic():
        candidate = _candidate(ticket, number, brakes)
        if candidate is not None:
            if candidate.is_braked:  # type: ignore[attr-defined]
                raise refusals.too_many_tries()
            attempt = attempt_of(candidate)
            _check(candidate, attempt, timezone.now())
            return _enter(candidate, attempt, address=address, device=device)
    raise refusals.too_many_tries() if limits.spend(brakes) else refusals.wrong_pair()


def _brakes(ticket: str, address: str) -> list[limits.Asked]:
    return [(PER_TICKET_AND_ADDRESS, f"{ticket}@{address}"), (PER_TICKET, ticket), (PER_ADDRESS, address)]


def _candidate(ticket: str, id_number: str, brakes: list[limits.Asked]) -> Candidate | None:
    """Whom ticket and ID number name together, locked, and whether `is_braked`; equal work whatever is wrong.

    The attempt is not read along: what one waited for would not be in it.
    """
    digest = blind_index(id_number)
    found = _only(
        Candidate.objects.filter(ticket_number=ticket or "-", plan__stage__in=HELD)
        .select_related("plan", "exam_room__session", "enrollment__occupation", "enrollment__level")
        .only(*_CANDIDATE, *_PERSON)
        .annotate(is_braked=limits.is_full(brakes))
        .select_for_update(of=("self",), no_key=True)
    )
    known = found.enrollment.id_number_index if found is not None else "-"
    fits = hmac.compare_digest(digest.encode(), known.encode())
    return found if fits and found is not None and found.exam_room is not None else None


def _check(candidate: Candidate, attempt: Attempt | None, now: dt.datetime) -> None:
    """Refuse whoever may not come in now."""
    session = session_of(candidate)
    assert session is not None
    if attempt is not None and attempt.state == AttemptState.VOIDED:
        raise refusals.voided(attempt.void_reason)
    if attempt is not None and attempt.state in FINISHED:
        return
    if now < session.starts_at - OPENS_BEFORE:
        raise refusals.sign_in_too_early(session.starts_at - OPENS_BEFORE)
    if bar := _bar(candidate):
        raise refusals.barred(bar)
    if attempt is None and now > session.starts_at + dt.timedelta(minutes=candidate.plan.late_minutes):
        raise refusals.too_late(candidate.plan.late_minutes)
    started = attempt is not None and attempt.state != AttemptState.ADMITTED
    if not started and now >= (attempt.ends_at if attempt is not None else session.ends_at):
        raise refusals.missed()


def _enter(candidate: Candidate, attempt: Attempt | None, *, address: str, device: str) -> Entry:
    now = timezone.now()
    free = (
        candidate.plan.admission == AdmissionRule.WAIVED
        or (attempt is not None and attempt.entry_id is None)
        or (attempt is not None and attempt.state in FINISHED)
    )
    entry = Entry.objects.create(
        candidate=candidate,
        address=address[:64],
        device=device[:200],
        signed_in_at=now,
        admitted_at=now if free else None,
    )
    events = [_event(candidate, EventKind.SIGNED_IN, now, address)]
    if attempt is not None and attempt.entry_id is not None and attempt.state not in FINISHED:
        words = "换到这台机器" if free else "等待监考员放行"
        events = [_event(candidate, EventKind.MACHINE, now, f"{address} {words}".strip())]
    if free and attempt is None:
        make_attempt(SYSTEM, candidate, entry, "")
        events.append(_event(candidate, EventKind.ADMITTED, now, "凭准考证号和身份证号入场"))
    elif free and attempt is not None:
        _bind(attempt, entry)
    ExamEvent.objects.bulk_create(events)
    return entry


def _event(candidate: Candidate, kind: str, at: dt.datetime, detail: str, actor: Actor = SYSTEM) -> ExamEvent:
    return ExamEvent(
        candidate=candidate,
        kind=kind,
        at=at,
        detail=detail[:300],
        actor_label="" if actor.is_system else actor.label[:200],
        user=actor.user,
    )


def make_attempt(actor: Actor, candidate: Candidate, entry: Entry | None, note: str) -> Attempt:
    """The attempt of somebody who has none, with its times by session and plan; `entry` may answer it."""
    session = session_of(candidate)
    assert session is not None
    attempt = Attempt.objects.create(
        candidate=candidate,
        entry=entry,
        month=month_of(timezone.localdate(session.starts_at)),
        admitted_by=actor.user,
        admission_note=note[:200],
        ends_at=session.ends_at,
        submit_from=session.starts_at + dt.timedelta(minutes=candidate.plan.submission_minutes),
    )
    ATTEMPT.record_start(actor, [attempt])
    return attempt


def _bind(attempt: Attempt, entry: Entry) -> None:
    """From now on this machine answers, and no other."""
    attempt.entry = entry
    attempt.save(update_fields=["entry"])


def admit(actor: Actor, candidate: Candidate, *, note: str = "", entry: Entry | None = None) -> Attempt:
    """Admit somebody by hand: the machine of `entry`, or the latest that waits, or the one to come.

    `note` says how the person was verified. Raises NotAllowedError; DomainError with codes not_open, barred,
    already_admitted, entry_refused; WrongStateError once the exam of this person is over.
    """
    require(actor, Capability.INVIGILATE, candidate)
    with transaction.atomic():
        locked = _locked(candidate.pk)
        attempt = attempt_of(locked)
        now = timezone.now()
        _check_admission(locked, attempt, now)
        waiting = _waiting(locked, entry)
        if attempt is not None and waiting is None:
            raise DomainError("already_admitted", "该考生已放行，没有等待放行的机位。")
        if waiting is not None:
            waiting.admitted_at = now
            waiting.save(update_fields=["admitted_at"])
        if attempt is None:
            attempt = make_attempt(actor, locked, waiting, note)
        elif waiting is not None:
            _bind(attempt, waiting)
        detail = " ".join(part for part in (note.strip(), waiting.address if waiting else "") if part)
        _event(locked, EventKind.ADMITTED, now, detail, actor).save()
        return attempt


def _locked(candidate: int) -> Candidate:
    return (
        Candidate.objects.select_related("plan", "exam_room__session", "enrollment")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=candidate)
    )


def _check_admission(candidate: Candidate, attempt: Attempt | None, now: dt.datetime) -> None:
    session = session_of(candidate)
    if session is None or candidate.plan.stage not in HELD or now < session.starts_at - OPENS_BEFORE:
        raise DomainError("not_open", "还没有到签到时间，开考前 30 分钟起可以放行。")
    if attempt is not None and attempt.state in OVER:
        raise WrongStateError(f"该考生{attempt.get_state_display()}，不能再放行。")
    if now >= (attempt.ends_at if attempt is not None else session.ends_at):
        raise WrongStateError("考试已经结束，不能再放行。")
    if bar := _bar(candidate):
        raise DomainError("barred", f"该考生{bar}，不能入场。")


def _bar(candidate: Candidate) -> str:
    """That the candidate is barred today, by whom and why; empty when not (ORG-15)."""
    index = candidate.enrollment.id_number_index
    return barred([index]).get(index, "")


def _waiting(candidate: Candidate, entry: Entry | None) -> Entry | None:
    """The machine to be admitted: the given one, or the latest that waits."""
    if entry is None:
        return Entry.objects.filter(candidate=candidate, admitted_at=None, refused_at=None).first()
    found = Entry.objects.filter(candidate=candidate, pk=entry.pk).first()
    if found is None or found.refused_at is not None:
        raise DomainError("entry_refused", "这次签到已被拒绝，请考生重新签到。")
    return found if found.admitted_at is None else None


def refuse_entry(actor: Actor, entry: Entry, reason: str) -> Entry:
    """Send a machine away that waits. Raises NotAllowedError, WrongStateError, DomainError reason_required."""
    require(actor, Capability.INVIGILATE, entry)
    if not reason.strip():
        raise DomainError("reason_required", "请填写拒绝放行的原因。", items={"reason": "请填写原因。"})
    with transaction.atomic():
        _locked(entry.candidate_id)  # as `admit` does: of two who disagree the second is told
        locked = Entry.objects.get(pk=entry.pk)
        if locked.admitted_at is not None:
            raise WrongStateError("这台机器已经放行，不能再拒绝。")
        if locked.refused_at is None:
            locked.refused_at = timezone.now()
            locked.save(update_fields=["refused_at"])
            _event(entry.candidate, EventKind.REFUSED, locked.refused_at, reason.strip(), actor).save()
        return locked


def face_check_of(entry: Entry) -> str:
    """What the page shows: "required" until the entry is admitted, "waived" once it is (by hand or by the plan)."""
    return "waived" if entry.admitted_at is not None else "required"


def find_entry(key: uuid.UUID | None, *, with_person: bool = False) -> Entry:
    """The entry of a cookie with what belongs to it, one query. Raises 401 not_signed_in."""
    rows = Entry.objects.select_related(*BELONGINGS, *(PERSON if with_person else ()))
    columns = (*_CANDIDATE, *(_PERSON if with_person else ()))
    rows = rows.only(*_ENTRY, *(f"candidate__{name}" for name in (*columns, *_ATTEMPT)))
    found = _only(rows.filter(pk=key)) if key is not None else None
    if found is None or found.candidate.exam_room is None:
        raise saving.refusal("not_signed_in")
    return found


def require_machine(entry: Entry) -> Attempt:
    """The attempt that this machine may answer. Raises 401 moved, 403 not_admitted, entry_refused, voided."""
    attempt = attempt_of(entry.candidate)
    if entry.refused_at is not None:
        raise refusals.entry_refused()
    if entry.admitted_at is None or attempt is None:
        raise saving.refusal("not_admitted")
    if attempt.entry_id != entry.pk:
        raise saving.refusal("moved")
    if attempt.state == AttemptState.VOIDED:
        raise refusals.voided(attempt.void_reason)
    return attempt

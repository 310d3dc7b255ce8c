"""The state of an exam room as of now: one view a seat, a constant number of queries (EXM-06)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from foundation.scoping import Actor
from zhupei.assessment.models import Candidate, ExamRoom
from zhupei.enrollment.models import Material, MaterialKind
from zhupei.exam.hall.models import (
    OPEN,
    Answer,
    Attempt,
    AttemptState,
    Entry,
    EventKind,
    ExamEvent,
    attempt_of,
)

# The examinee's page makes itself heard at least every 20 s.
SILENT_AFTER = dt.timedelta(seconds=60)
# As long as the examinee's cookie.
SIGN_IN_HOLDS = dt.timedelta(hours=12)


class SeatState(StrEnum):
    """What the invigilator sees of a seat."""

    FREE = "空位"
    EXPECTED = "未到"
    WAITING = "待放行"
    ADMITTED = "已签到"
    ANSWERING = "答题中"
    SUBMITTED = "已交卷"
    VOIDED = "作废"


_OF_ATTEMPT = {
    AttemptState.ADMITTED: SeatState.ADMITTED,
    AttemptState.IN_PROGRESS: SeatState.ANSWERING,
    AttemptState.SUBMITTED: SeatState.SUBMITTED,
    AttemptState.AUTO_SUBMITTED: SeatState.SUBMITTED,
    AttemptState.VOIDED: SeatState.VOIDED,
}
_TONES = {
    SeatState.FREE: "free",
    SeatState.EXPECTED: "mute",
    SeatState.WAITING: "wait",
    SeatState.ADMITTED: "info",
    SeatState.ANSWERING: "work",
    SeatState.SUBMITTED: "ok",
    SeatState.VOIDED: "bad",
}
# The order of the counts on top of the screen.
COUNTED = [state for state in SeatState if state is not SeatState.FREE]


@dataclass(frozen=True)
class SeatView:
    """One seat; without `candidate` nobody is placed there. Times are aware, `minutes_left` rounds up."""

    number: int
    state: SeatState
    candidate: Candidate | None = None
    attempt: Attempt | None = None
    waiting: Entry | None = None
    is_other_machine: bool = False
    is_silent: bool = False
    answered: int = 0
    questions: int = 0
    seen_at: dt.datetime | None = None
    left_count: int = 0
    away_since: dt.datetime | None = None
    minutes_left: int | None = None
    portrait: uuid.UUID | None = None

    @property
    def tone(self) -> str:
        return "silent" if self.is_silent else _TONES[self.state]

    @property
    def percent(self) -> int:
        return round(100 * self.answered / self.questions) if self.questions else 0

    @property
    def label(self) -> str:
        """The state in a word."""
        if self.is_silent:
            return "断线"
        return "离开窗口" if self.away_since else str(self.state)


def room_state(exam_room: ExamRoom, now: dt.datetime | None = None) -> list[SeatView]:
    """Every seat of the room in order, empty ones too; five queries."""
    now = now or timezone.now()
    candidates = list(
        Candidate.objects.filter(exam_room=exam_room)
        .select_related("enrollment", "attempt")
        .annotate(questions=F("paper__question_count"))
        .order_by("seat_number")
    )
    for candidate in candidates:
        candidate.exam_room = exam_room  # the seat's label asks for it
    waiting = _waiting(candidates)
    answered = _answered(candidates)
    portraits = portraits_of(candidates)
    away = _away(candidates)
    taken = {
        candidate.seat_number: _seat(
            candidate,
            waiting.get(candidate.pk),
            answered,
            portraits.get(candidate.enrollment_id),
            away.get(candidate.pk),
            now,
        )
        for candidate in candidates
    }
    last = max([exam_room.room.seats, *(number or 0 for number in taken)])
    return [taken.get(number) or SeatView(number, SeatState.FREE) for number in range(1, last + 1)]


def counts(seats: Sequence[SeatView]) -> list[tuple[SeatState, int]]:
    """How many are in each state, in the order of the journey through the room."""
    found = Counter(seat.state for seat in seats)
    return [(state, found[state]) for state in COUNTED]


def portraits_of(candidates: Iterable[Candidate]) -> dict[int, uuid.UUID]:
    """Enrollment → document of the portrait."""
    keys = [candidate.enrollment_id for candidate in candidates]
    found = Material.objects.filter(enrollment__in=keys, kind=MaterialKind.PORTRAIT)
    return dict(found.values_list("enrollment_id", "document_id"))


def waiting_entries() -> QuerySet[Entry]:
    """Sign-ins that wait for an invigilator: the newest of each candidate, unanswered, newer than the machine in use."""
    newer = Entry.objects.filter(candidate=OuterRef("candidate"), signed_in_at__gt=OuterRef("signed_in_at"))
    attempt = "candidate__attempt"
    open_ = Q(**{f"{attempt}__isnull": True}) | Q(
        Q(**{f"{attempt}__entry__isnull": True}) | ~Q(**{f"{attempt}__entry": F("pk")}),
        **{f"{attempt}__state__in": OPEN},
    )
    unanswered = Entry.objects.filter(open_, ~Exists(newer), admitted_at=None, refused_at=None)
    return unanswered.order_by("signed_in_at")


def to_admit(actor: Actor) -> QuerySet[Entry]:
    """Sign-ins that wait for an invigilator of the actor's institution now."""
    since = timezone.now() - SIGN_IN_HOLDS
    mine = Candidate.objects.visible_to(actor).filter(exam_room__session__ends_at__gte=since)
    return waiting_entries().filter(signed_in_at__gte=since, candidate__in=mine.values("pk"))


def _waiting(candidates: Sequence[Candidate]) -> dict[int, Entry]:
    """Candidate → the sign-in that waits."""
    found = waiting_entries().filter(candidate__in=[candidate.pk for candidate in candidates])
    return {entry.candidate_id: entry for entry in found}


def _answered(candidates: Sequence[Candidate]) -> dict[int, tuple[int, dt.datetime]]:
    """Attempt → number of questions that have an answer, and when the last change was saved."""
    attempts = [attempt for candidate in candidates if (attempt := attempt_of(candidate))]
    rows = (
        Answer.objects.filter(
            month__in={attempt.month for attempt in attempts},
            attempt__in=[attempt.pk for attempt in attempts],
        )
        .values("attempt_id")
        .annotate(n=Count("number", filter=~Q(choice="")), last=Max("saved_at"))
    )
    return {row["attempt_id"]: (row["n"], row["last"]) for row in rows}


def _away(candidates: Sequence[Candidate]) -> dict[int, dt.datetime]:
    """Candidate → when the examination window was left; who has come back or begun anew is not in it."""
    kinds = (EventKind.LEFT, EventKind.RETURNED, EventKind.STARTED, EventKind.RESUMED)
    latest = (
        ExamEvent.objects.filter(candidate__in=[candidate.pk for candidate in candidates], kind__in=kinds)
        .order_by("candidate_id", "-at", "-pk")
        .distinct("candidate_id")
    )
    rows = latest.values_list("candidate_id", "kind", "at")
    return {candidate: at for candidate, kind, at in rows if kind == EventKind.LEFT}


def _seat(
    candidate: Candidate,
    waiting: Entry | None,
    answered: dict[int, tuple[int, dt.datetime]],
    portrait: uuid.UUID | None,
    away_since: dt.datetime | None,
    now: dt.datetime,
) -> SeatView:
    attempt = attempt_of(candidate)
    if attempt is None:
        state = SeatState.WAITING if waiting else SeatState.EXPECTED
    else:
        state = _OF_ATTEMPT[AttemptState(attempt.state)]
    count, saved_at = answered.get(attempt.pk, (0, None)) if attempt else (0, None)
    contacts = (attempt.seen_at, attempt.started_at, saved_at) if attempt else ()
    seen_at = max((at for at in contacts if at), default=None)
    is_answering = state is SeatState.ANSWERING
    is_silent = is_answering and seen_at is not None and now - seen_at > SILENT_AFTER
    return SeatView(
        number=candidate.seat_number or 0,
        state=state,
        candidate=candidate,
        attempt=attempt,
        waiting=waiting,
        is_other_machine=bool(waiting and attempt and attempt.entry_id),
        is_silent=is_silent,
        answered=count,
        questions=getattr(candidate, "questions", 0) or 0,
        seen_at=seen_at,
        left_count=attempt.left_count if attempt else 0,
        away_since=away_since if is_answering and not is_silent else None,
        minutes_left=_minutes(attempt.ends_at - now) if attempt and is_answering else None,
        portrait=portrait,
    )


def _minutes(left: dt.timedelta) -> int:
    return max(0, -int(-left.total_seconds() // 60))

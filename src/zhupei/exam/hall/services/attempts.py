"""Answering, submitting, the end of the time; what the machine reports of itself (EXM-04 … EXM-07)."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from foundation.errors import WrongStateError
from foundation.scoping import SYSTEM
from zhupei.assessment.machine import ASSESSMENT
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate, Session
from zhupei.exam.hall import refusals, saving
from zhupei.exam.hall.machine import ATTEMPT
from zhupei.exam.hall.models import FINISHED, Answer, Attempt, AttemptState, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services.admission import require_machine, session_of
from zhupei.exam.papers import drawing, scoring
from zhupei.exam.papers.models import Paper
from zhupei.exam.papers.services import paper_of

logger = structlog.get_logger(__name__)
AT_ONCE = 100
# A machine that reports leaving over and over fills no table; the count goes on.
MOST_LEAVES = 500
REPORTED = (EventKind.LEFT, EventKind.RETURNED, EventKind.OFFLINE, EventKind.ONLINE)


@dataclass(frozen=True)
class OpenPaper:
    """What `start` answers: `questions` is the prepared JSON of the paper, without the key."""

    attempt: str
    ends_at: dt.datetime
    submit_from: dt.datetime
    questions: bytes
    answers: dict[str, list[str]]
    version: int

    def body(self) -> bytes:
        """The JSON of the API; the prepared questions are put in as they are."""
        head = {
            "attempt": self.attempt,
            "now": timezone.localtime().isoformat(),
            "ends_at": timezone.localtime(self.ends_at).isoformat(),
            "submit_from": timezone.localtime(self.submit_from).isoformat(),
            "answers": self.answers,
            "version": self.version,
        }
        return json.dumps(head)[:-1].encode() + b', "questions": ' + self.questions + b"}"


@dataclass(frozen=True)
class Result:
    """The score of the theory paper, known at once."""

    score: Decimal
    passed: bool


def start(entry: Entry) -> OpenPaper:
    """Open the paper, for the first time or again with what is saved. `entry` as `find_entry` gives it.

    Raises 401 moved, 403 not_admitted, entry_refused, voided or missed, 409 submitted or over, 425 too_early.
    """
    attempt = require_machine(entry)
    session = session_of(entry.candidate)
    now = timezone.now()
    if attempt.state in FINISHED:
        raise refusals.submitted()
    if session is not None and now < session.starts_at:
        raise refusals.start_too_early(session.starts_at)
    if now >= attempt.ends_at:
        raise refusals.missed() if attempt.state == AttemptState.ADMITTED else saving.refusal("over")
    questions = _questions(entry.candidate)
    answers: dict[str, list[str]] = {}
    version = 0
    if attempt.state != AttemptState.ADMITTED or not _begin(attempt):
        _note(attempt, [_event(attempt, EventKind.RESUMED, now, entry.address)], now)
        for number, choice, its in _answers(attempt):
            answers[str(number)] = list(choice)
            version = max(version, its)
    return OpenPaper(
        str(attempt.public_id), attempt.ends_at, attempt.submit_from, questions, answers, version
    )


def _begin(attempt: Attempt) -> bool:
    """Move it to IN_PROGRESS; False when another request of this machine did so a moment ago."""
    try:
        ATTEMPT.perform(SYSTEM, attempt, "start")
    except WrongStateError:
        attempt.refresh_from_db()
        if attempt.state != AttemptState.IN_PROGRESS:
            raise
        return False
    return True


def _questions(candidate: Candidate) -> bytes:
    packed = Paper.objects.filter(candidate=candidate.pk).values_list("body", flat=True).first()
    return drawing.unpack(packed if packed is not None else paper_of(candidate).body)


def _answers(attempt: Attempt) -> list[tuple[int, str, int]]:
    rows = Answer.objects.filter(month=attempt.month, attempt=attempt.pk)
    return list(rows.order_by("number").values_list("number", "choice", "version"))


def lock(attempts: Sequence[int]) -> None:
    """Wait until no save of these attempts is under way and let none begin, until the transaction ends.

    To be called before the answers are read or the state is changed, and before any row of an attempt is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(id)) FROM unnest(%s::bigint[]) AS id", [sorted(attempts)]
        )


def submit(entry: Entry) -> Result:
    """Submit and score; again: the same result. After the end it is what `close_due` makes.

    Raises 401 moved, 403 not_admitted, entry_refused, voided or missed, 425 not_started or too_early_to_submit.
    """
    attempt = require_machine(entry)
    if attempt.state in FINISHED:
        return result_of(attempt, entry.candidate.plan)
    if attempt.state == AttemptState.ADMITTED:
        raise refusals.missed() if timezone.now() >= attempt.ends_at else saving.refusal("not_started")
    with transaction.atomic():
        lock([attempt.pk])
        attempt.refresh_from_db()
        require_machine(entry)
        if attempt.state == AttemptState.IN_PROGRESS:
            now = timezone.now()
            is_over = now >= attempt.ends_at
            if not is_over and now < attempt.submit_from:
                raise refusals.submission_too_early(attempt.submit_from)
            attempt = _finish([attempt.pk], "close" if is_over else "submit", now)[0]
    return result_of(attempt, entry.candidate.plan)


def result_of(attempt: Attempt, plan: AssessmentPlan) -> Result:
    """Score and verdict of a finished attempt by the plan's pass mark."""
    score = attempt.score if attempt.score is not None else Decimal(0)
    return Result(score, scoring.PassRule.of(plan).theory_passes(score))


def _finish(keys: Sequence[int], action: str, now: dt.datetime) -> list[Attempt]:
    """Score attempts whose locks the transaction holds, and move them on; a constant number of statements."""
    attempts: list[Attempt] = ATTEMPT.perform_many(SYSTEM, Attempt.objects.filter(pk__in=keys), action)
    choices: dict[int, dict[int, str]] = defaultdict(dict)
    rows = Answer.objects.filter(month__in={row.month for row in attempts}, attempt__in=keys)
    for attempt, number, choice in rows.values_list("attempt_id", "number", "choice"):
        choices[attempt][number] = choice
    found = Paper.objects.filter(candidate__in=[row.candidate_id for row in attempts])
    sheets = {paper.candidate_id: paper.key for paper in found.only("candidate_id", "key")}
    kind = EventKind.SUBMITTED if action == "submit" else EventKind.AUTO_SUBMITTED
    for row in attempts:
        scored = scoring.score(sheets[row.candidate_id], choices[row.pk])
        row.score, row.marks = scored.score, scored.as_strings()
        row.submitted_at = now if action == "submit" else min(now, row.ends_at)
    Attempt.objects.bulk_update(attempts, ["score", "marks", "submitted_at"])
    ExamEvent.objects.bulk_create(_event(row, kind, row.submitted_at or now, "") for row in attempts)
    return attempts


def close_due(now: dt.datetime | None = None) -> int:
    """Submit for everybody whose time is over, complete the plans whose last session is over; returns how many.

    Runs every minute; whoever submits himself meanwhile is left alone.
    """
    moment = now or timezone.now()
    closed = 0
    stuck: list[int] = []
    while True:
        due = Attempt.objects.filter(state=AttemptState.IN_PROGRESS, ends_at__lte=moment).exclude(
            pk__in=stuck
        )
        keys = list(due.order_by("ends_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
        if not keys:
            break
        try:
            closed += _close(keys, moment)
        except Exception:
            # One that cannot be scored must not keep the others waiting.
            for key in keys:
                try:
                    closed += _close([key], moment)
                except Exception:
                    logger.exception("attempt_not_closed", attempt=key)
                    stuck.append(key)
    _complete_plans(moment)
    return closed


def _close(keys: Sequence[int], moment: dt.datetime) -> int:
    with transaction.atomic():
        lock(keys)
        still = Attempt.objects.filter(pk__in=keys, state=AttemptState.IN_PROGRESS, ends_at__lte=moment)
        due = list(still.values_list("pk", flat=True))
        if due:
            _finish(due, "close", moment)
        return len(due)


def _complete_plans(moment: dt.datetime) -> None:
    attempts = Attempt.objects.filter(candidate__plan=OuterRef("pk"))
    plans = AssessmentPlan.objects.filter(
        ~Exists(Session.objects.filter(plan=OuterRef("pk"), ends_at__gt=moment)),
        ~Exists(attempts.filter(state=AttemptState.IN_PROGRESS)),
        ~Exists(attempts.filter(state=AttemptState.ADMITTED, ends_at__gt=moment)),
        stage=AssessmentStage.RUNNING,
    )
    for plan in plans:
        ASSESSMENT.perform(SYSTEM, plan, "complete")


@dataclass(frozen=True)
class Report:
    """What a machine reports of itself: one of REPORTED, when by the examinee's clock, a few words."""

    kind: str
    at: dt.datetime | None = None
    detail: str = ""


def be_present(entry: Entry, reports: Sequence[Report] = ()) -> Attempt:
    """The machine is there; remember when, and what it reports. Times outside the exam are set right.

    Raises 401 moved, 403 not_admitted, entry_refused or voided, 409 submitted or over.
    """
    attempt = require_machine(entry)
    now = timezone.now()
    if attempt.state in FINISHED:
        raise refusals.submitted()
    if now >= attempt.ends_at:
        raise saving.refusal("over")
    earliest = attempt.started_at or attempt.admitted_at
    events = [
        _event(attempt, report.kind, min(max(report.at or now, earliest), now), report.detail)
        for report in reports
    ]
    if attempt.left_count >= MOST_LEAVES:
        events = [event for event in events if event.kind not in (EventKind.LEFT, EventKind.RETURNED)]
    _note(attempt, events, now, sum(report.kind == EventKind.LEFT for report in reports))
    return attempt


def _note(attempt: Attempt, events: list[ExamEvent], now: dt.datetime, left: int = 0) -> None:
    changes: dict[str, Any] = {"seen_at": now}
    if left:
        changes["left_count"] = F("left_count") + left
    Attempt.objects.filter(pk=attempt.pk).update(**changes)
    if events:
        ExamEvent.objects.bulk_create(events)


def _event(attempt: Attempt, kind: str, at: dt.datetime, detail: str) -> ExamEvent:
    return ExamEvent(candidate_id=attempt.candidate_id, kind=kind, at=at, detail=detail[:300])

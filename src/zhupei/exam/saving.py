"""Saving answers (EXM-05): what a change may say, and the SQL that stores changes in batches.

A save and a submission of the same attempt exclude each other: a save holds the attempt's advisory lock shared
until it is committed, whoever submits, closes or voids takes it exclusively before reading the answers. So a
confirmed save is always in the score.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from foundation.errors import DomainError

LETTERS = "ABCDEFGHIJKL"
MAX_BODY = 64 * 1024
MAX_VERSION = 2**53  # what a browser's numbers hold exactly
MAX_QUESTIONS = 999
MOVED = "已在另一台机器上登录，请在那台机器上继续作答，或举手联系监考员。"


class SaveError(DomainError):
    """A change that is not stored; `status` is what HTTP says."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status


def refusal(code: str) -> SaveError:
    """The refusal of this code, with its status and sentence."""
    return SaveError(*_REFUSALS[code])


_REFUSALS: Mapping[str, tuple[int, str, str]] = {
    code: (status, code, message)
    for status, code, message in (
        (400, "bad_request", "提交的内容不符合格式，请刷新页面后再试。"),
        (401, "not_signed_in", "请先用准考证号和身份证号登录。"),
        (401, "moved", MOVED),
        (403, "csrf", "页面已经失效，请刷新页面后再试。"),
        (403, "not_admitted", "还没有放行入场，请等待监考员核验。"),
        (409, "over", "考试已经结束，不能再修改答案。"),
        (413, "too_large", "提交的内容太大，请刷新页面后再试。"),
        (422, "unknown_answer", "题号或选项不在您的试卷里，请刷新页面后再试。"),
        (425, "not_started", "还没有开始答题，请先点开始答题。"),
        (503, "unavailable", "暂时不能保存，答案已留在本机，稍后会自动再试。"),
    )
}


@dataclass(frozen=True, slots=True)
class Seat:
    """What a change is checked against: the attempt and, question by question, (options, may be several)."""

    attempt_id: int
    questions: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One save of one machine, checked: `choices` = [(question number, letters as "AC" or "")]."""

    entry: uuid.UUID
    attempt_id: int
    version: int
    choices: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Saved:
    """The answer to a change that is on disk."""

    version: int
    saved_at: float
    remaining_s: int

    def body(self) -> bytes:
        """The JSON of the API."""
        return (
            f'{{"version": {self.version}, "saved_at": "{_clock(self.saved_at)}",'
            f' "remaining_s": {self.remaining_s}}}'
        ).encode()


@lru_cache(maxsize=64)
def _clock(seconds: float) -> str:
    moment = dt.datetime.fromtimestamp(seconds, ZoneInfo(settings.TIME_ZONE))
    return moment.isoformat(timespec="milliseconds")


# What is done with a change: stored, refused by a code, or to be tried again (somebody is just submitting).
BUSY = "busy"
Outcome = Saved | SaveError | str


def read_change(body: bytes) -> tuple[int, dict[str, Any]]:
    """The version and answers of a request's body. Raises SaveError (400, 413)."""
    if len(body) > MAX_BODY:
        raise refusal("too_large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise refusal("bad_request") from None
    if not isinstance(document, dict) or document.keys() != {"version", "answers"}:
        raise refusal("bad_request")
    version, answers = document["version"], document["answers"]
    if type(version) is not int or not 0 <= version < MAX_VERSION or not isinstance(answers, dict):
        raise refusal("bad_request")
    return version, answers


_NUMBERS = {str(number): number for number in range(1, MAX_QUESTIONS + 1)}


def check_change(entry: uuid.UUID, seat: Seat, version: int, answers: Mapping[str, Any]) -> Change:
    """Question numbers and letters against the seat's paper. Raises SaveError (400, 422)."""
    choices = []
    for key, letters in answers.items():
        if not isinstance(letters, list) or not all(isinstance(letter, str) for letter in letters):
            raise refusal("bad_request")
        number = _NUMBERS.get(key, 0)
        if not 0 < number <= len(seat.questions):
            raise refusal("unknown_answer")
        options, several = seat.questions[number - 1]
        known = frozenset(LETTERS[:options])
        if len(set(letters)) != len(letters) or not known.issuperset(letters):
            raise refusal("unknown_answer")
        if len(letters) > 1 and not several:
            raise refusal("unknown_answer")
        choices.append((number, "".join(sorted(letters))))
    return Change(entry, seat.attempt_id, version, choices)


class Cursor(Protocol):
    """The part of a cursor of psycopg or Django that is used here."""

    def execute(self, query: str, params: Sequence[Any] | None = ...) -> Any: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


SEAT = """
SELECT attempt.id, attempt.entry_id, attempt.state, entry.admitted_at, paper.body
FROM exam_entry AS entry
LEFT JOIN exam_attempt AS attempt ON attempt.candidate_id = entry.candidate_id
LEFT JOIN exam_paper AS paper ON paper.candidate_id = entry.candidate_id
WHERE entry.id = %s
"""


def find_seat(row: Sequence[Any] | None, entry: uuid.UUID) -> Seat:
    """The seat of an entry from the row that SEAT found. Raises SaveError (401, 403, 425)."""
    if row is None:
        raise refusal("not_signed_in")
    attempt_id, machine, state, admitted_at, body = row
    if attempt_id is None or (machine != entry and admitted_at is None):
        raise refusal("not_admitted")
    if machine != entry:
        raise refusal("moved")
    if state == "admitted" or body is None:
        raise refusal("not_started")
    questions = json.loads(zlib.decompress(body))
    return Seat(
        attempt_id,
        tuple((len(question["options"]), question["type"] == "multiple") for question in questions),
    )


# The locks are taken in a statement of their own: what the next statement sees was committed before we had them.
# Nobody is waited for: whose attempt is being submitted is tried again later and holds nobody up.
# The settings hold for the transaction only, so that a pooler may give the next one another session.
LOCK = """
SELECT set_config(
    'zhupei.held',
    coalesce(array_agg(id) FILTER (WHERE pg_try_advisory_xact_lock_shared(id)), '{}')::text,
    true
),
set_config('statement_timeout', '5s', true),
set_config('plan_cache_mode', 'force_generic_plan', true),
set_config('enable_seqscan', 'off', true)
FROM unnest(%s::bigint[]) AS id
"""

SAVE = """
WITH clock AS MATERIALIZED (
    SELECT clock_timestamp() AS now
),
held AS MATERIALIZED (
    SELECT unnest(current_setting('zhupei.held')::bigint[]) AS id
),
change AS MATERIALIZED (
    SELECT sent.place, sent.version, sent.attempt_id, attempt.month, clock.now,
        floor(extract(epoch FROM attempt.ends_at - clock.now))::int AS remaining_s,
        CASE
            WHEN held.id IS NULL THEN 'busy'
            WHEN attempt.id IS NULL THEN 'not_signed_in'
            WHEN attempt.entry_id IS DISTINCT FROM sent.entry_id THEN 'moved'
            WHEN attempt.state = 'admitted' THEN 'not_started'
            WHEN attempt.state <> 'in_progress' OR attempt.ends_at <= clock.now THEN 'over'
            ELSE 'saved'
        END AS verdict
    FROM clock
    CROSS JOIN unnest(%s::bigint[], %s::uuid[], %s::bigint[])
        WITH ORDINALITY AS sent (attempt_id, entry_id, version, place)
    LEFT JOIN held ON held.id = sent.attempt_id
    LEFT JOIN exam_attempt AS attempt ON attempt.id = sent.attempt_id
),
stored AS (
    INSERT INTO exam_answer (month, attempt_id, number, choice, version, saved_at)
    SELECT change.month, change.attempt_id, choice.number, choice.letters, change.version + 1, change.now
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[]) AS choice (place, number, letters)
    JOIN change ON change.place = choice.place
    WHERE change.verdict = 'saved'
    ORDER BY change.month, change.attempt_id, choice.number
    ON CONFLICT (month, attempt_id, number) DO UPDATE
    SET choice = excluded.choice, version = excluded.version, saved_at = excluded.saved_at
    WHERE exam_answer.version <= excluded.version
)
SELECT change.verdict,
    greatest(
        change.version + 1,
        (
            SELECT max(answer.version) FROM exam_answer AS answer
            WHERE answer.month = change.month AND answer.attempt_id = change.attempt_id
        )
    ),
    extract(epoch FROM change.now)::float8,
    change.remaining_s
FROM change
ORDER BY change.place
"""


def lock_parameters(changes: Sequence[Change]) -> list[str]:
    """Parameters of LOCK."""
    return [_array(change.attempt_id for change in changes)]


def save_parameters(changes: Sequence[Change]) -> list[str]:
    """Parameters of SAVE: PostgreSQL's text of arrays, which costs least to make and read."""
    places, numbers, letters = [], [], []
    for place, change in enumerate(changes, start=1):
        for number, choice in change.choices:
            places.append(place)
            numbers.append(number)
            letters.append(f'"{choice}"')
    return [
        _array(change.attempt_id for change in changes),
        _array(change.entry.hex for change in changes),
        _array(change.version for change in changes),
        _array(places),
        _array(numbers),
        _array(letters),
    ]


def _array(items: Any) -> str:
    return "{" + ",".join(map(str, items)) + "}"


def outcomes(rows: Sequence[Sequence[Any]]) -> list[Outcome]:
    """What SAVE's rows say, change by change."""
    return [
        Saved(version, now, remaining_s)
        if verdict == "saved"
        else (BUSY if verdict == BUSY else refusal(verdict))
        for verdict, version, now, remaining_s in rows
    ]


def save_batch(cursor: Cursor, changes: Sequence[Change]) -> list[Outcome]:
    """Store changes of different attempts in the cursor's transaction, which the caller commits before answering.

    One that is refused does not touch the others. Needs READ COMMITTED.
    """
    cursor.execute(LOCK, lock_parameters(changes))
    cursor.fetchone()
    cursor.execute(SAVE, save_parameters(changes))
    return outcomes(cursor.fetchall())


def save(entry: uuid.UUID, body: bytes) -> Saved:
    """One change through Django's connection; as `zhupei.exam.wsgi` does it for many. Raises SaveError."""
    version, answers = read_change(body)
    with connection.cursor() as cursor:
        cursor.execute(SEAT, [entry])
        seat = find_seat(cursor.fetchone(), entry)
        change = check_change(entry, seat, version, answers)
        with transaction.atomic():
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [seat.attempt_id])
            outcome = save_batch(cursor, [change])[0]
    if isinstance(outcome, Saved):
        return outcome
    raise outcome if isinstance(outcome, SaveError) else refusal("unavailable")

"""Saving answers (EXM-05): what a change may say, and the SQL that stores changes in batches.

The stored function is `exam_save`, made by migration 0002. It decides, change by change and at the moment of storing,
whether the seat is `moved`, the exam `not_started` or `over`, or the attempt `busy`; here stand their sentences.

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
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from foundation.errors import DomainError
from zhupei.exam.bank.content import LETTERS

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


@dataclass(slots=True)
class Seat:
    """What a change is checked against: who answers at which attempt, and question by question (options, may be several).

    `latest` is the attempt's version when this process last stored a change of this seat.
    """

    entry: str
    attempt_id: int
    questions: tuple[tuple[tuple[str, ...], bool], ...]
    latest: int = -1


class Change(NamedTuple):
    """One save of one machine, checked.

    `entry` is a UUID as text, `choices` = [(question number, letters as "AC" or "")]. `is_in_step`: `version` is known to be the
    attempt's latest; otherwise it is looked up.
    """

    entry: str
    attempt_id: int
    version: int
    choices: list[tuple[int, str]]
    is_in_step: bool = False


class Saved(NamedTuple):
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
        document = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise refusal("bad_request") from None
    if not isinstance(document, dict) or document.keys() != {"version", "answers"}:
        raise refusal("bad_request")
    version, answers = document["version"], document["answers"]
    if type(version) is not int or not 0 <= version <= MAX_VERSION or not isinstance(answers, dict):
        raise refusal("bad_request")
    # Stored is one more: whoever has come to the end can still be answered, each save as good as the last.
    return min(version, MAX_VERSION - 1), answers


_NUMBERS = {str(number): number for number in range(1, MAX_QUESTIONS + 1)}


def check_change(seat: Seat, version: int, answers: Mapping[str, Any]) -> Change:
    """Question numbers and letters against the seat's paper. Raises SaveError (400, 422)."""
    choices = []
    for key, letters in answers.items():
        number = _NUMBERS.get(key, 0)
        if not 0 < number <= len(seat.questions):
            raise refusal("unknown_answer")
        options, several = seat.questions[number - 1]
        if type(letters) is list and len(letters) == 1 and letters[0] in options:
            choices.append((number, letters[0]))
        else:
            choices.append((number, _choice(letters, options, several)))
    return Change(seat.entry, seat.attempt_id, version, choices, version == seat.latest)


def _choice(letters: Any, options: tuple[str, ...], several: bool) -> str:
    """Letters in order, each one of the options and there once; one at most unless `several`."""
    if not isinstance(letters, list) or not all(isinstance(letter, str) for letter in letters):
        raise refusal("bad_request")
    if not all(letter in options for letter in letters) or len(set(letters)) != len(letters):
        raise refusal("unknown_answer")
    if len(letters) > 1 and not several:
        raise refusal("unknown_answer")
    return "".join(sorted(letters))


# A tuple, because `"" in "ABCD"` and `"AB" in "ABCD"` are true.
_OPTIONS = [tuple(LETTERS[:count]) for count in range(len(LETTERS) + 1)]


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
    questions = tuple(
        (_OPTIONS[len(question["options"])], question["type"] == "multiple")
        for question in json.loads(zlib.decompress(body))
    )
    return Seat(entry.hex, attempt_id, questions)


# The function of migration 0002: one row a change, in their order.
SAVE = """
SELECT verdict, stored_version, moment, remaining_s
FROM exam_save(
    %s::bigint[], %s::uuid[], %s::bigint[], %s::boolean[], %s::integer[], %s::smallint[], %s::text[]
)
"""


def save_parameters(changes: Sequence[Change]) -> list[str]:
    """Parameters of SAVE: PostgreSQL's text of arrays, which costs least to make and to read."""
    places, numbers, letters = [], [], []
    for place, change in enumerate(changes, start=1):
        for number, choice in change.choices:
            places.append(place)
            numbers.append(number)
            letters.append(choice or '""')
    return [
        _array([change.attempt_id for change in changes]),
        _array([change.entry for change in changes]),
        _array([change.version for change in changes]),
        _array([change.is_in_step for change in changes]),
        _array(places),
        _array(numbers),
        _array(letters),
    ]


def _array(items: Sequence[object]) -> str:
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
    """Store changes of different attempts. They hold once the transaction is committed: answer after that.

    One that is refused does not touch the others. Needs READ COMMITTED.
    """
    cursor.execute(SAVE, save_parameters(changes))
    return outcomes(cursor.fetchall())


def save(entry: uuid.UUID, body: bytes) -> Saved:
    """One change through Django's connection; as `zhupei.exam.hall.front` does it for many. Raises SaveError."""
    version, answers = read_change(body)
    with connection.cursor() as cursor:
        cursor.execute(SEAT, [entry])
        seat = find_seat(cursor.fetchone(), entry)
        change = check_change(seat, version, answers)
        with transaction.atomic():
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [seat.attempt_id])
            outcome = save_batch(cursor, [change])[0]
    if isinstance(outcome, Saved):
        return outcome
    raise outcome if isinstance(outcome, SaveError) else refusal("unavailable")

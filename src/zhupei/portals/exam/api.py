"""/exam/api/: the examinee's API (interfaces.md, section 2). JSON both ways, refusals with status, code and sentence."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from foundation.errors import DomainError
from zhupei.exam.hall import refusals, saving, tokens
from zhupei.exam.hall.csrf import require_csrf
from zhupei.exam.hall.models import AttemptState, Entry, attempt_of
from zhupei.exam.hall.services import admission, attempts
from zhupei.portals.shared.middleware import client_address

logger = structlog.get_logger(__name__)

MOST_EVENTS = 50
LONGEST_DETAIL = 60
LONGEST_NUMBER = 64
FRAME_BYTES = 4 * 1024 * 1024
RETRY_AFTER_S = 2

View = Callable[[HttpRequest], HttpResponse]


def endpoint(method: str, *, most_bytes: int = saving.MAX_BODY) -> Callable[[View], View]:
    """A view of one method whose every answer is JSON: refusals, wrong methods, bodies too large, mishaps."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def respond(request: HttpRequest) -> HttpResponse:
            try:
                if request.method != method:
                    answer = failure(405, "method_not_allowed", "这个地址不支持这种请求。")
                    answer["Allow"] = method
                    return answer
                _check_size(request, most_bytes)
                if method != "GET":
                    require_csrf(request)
                return view(request)
            except Exception as error:
                return _failure_of(error)

        return respond

    return decorate


def _check_size(request: HttpRequest, most_bytes: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        raise saving.refusal("bad_request")
    if int(length) > most_bytes:
        raise saving.refusal("too_large")


def _failure_of(error: Exception) -> HttpResponse:
    if isinstance(error, (refusals.ExamRefusalError, saving.SaveError)):
        return failure(error.status, error.code, error.message, **error.items)
    if isinstance(error, DomainError):
        return failure(403, error.code, error.message)
    if isinstance(error, RequestDataTooBig):
        return _failure_of(saving.refusal("too_large"))
    if isinstance(error, UnreadablePostError):
        return _failure_of(saving.refusal("bad_request"))
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.warning("exam_api_unavailable", error=type(error).__name__)
        answer = failure(503, "unavailable", "服务器暂时没有响应，请稍候，正在重试。")
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    logger.error("exam_api_failed", exc_info=error)
    return failure(500, "server_error", "服务器出现意外，请稍后再试，仍不成功请举手告知监考员。")


def failure(status: int, code: str, message: str, **more: Any) -> HttpResponse:
    """{"code", "message"} and what else belongs to the refusal."""
    return reply({"code": code, "message": message, **more}, status)


def reply(data: dict[str, Any], status: int = HTTPStatus.OK) -> HttpResponse:
    return _bytes(json.dumps(data, ensure_ascii=False).encode(), status)


def _bytes(body: bytes, status: int = HTTPStatus.OK) -> HttpResponse:
    answer = HttpResponse(body, content_type="application/json", status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _document(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the body. Raises 400, 413."""
    body = request.body
    if len(body) > saving.MAX_BODY:
        raise saving.refusal("too_large")
    try:
        document = json.loads(body.decode())
        if b"\\u" in body:  # half a character (a lone surrogate) is no text that could be stored
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise saving.refusal("bad_request") from None
    if not isinstance(document, dict):
        raise saving.refusal("bad_request")
    return document


def _entry(request: HttpRequest, *, with_person: bool = False) -> Entry:
    """The entry of the request's cookie with what belongs to it. Raises 401."""
    key = tokens.read(request.COOKIES.get(tokens.COOKIE, ""))
    return admission.find_entry(key, with_person=with_person)


def _iso(moment: dt.datetime) -> str:
    return timezone.localtime(moment).isoformat()


def _described(entry: Entry) -> dict[str, Any]:
    """What the page shows of who sits here, and where this entry stands."""
    candidate = entry.candidate
    plan, enrollment, room = candidate.plan, candidate.enrollment, candidate.exam_room
    attempt = attempt_of(candidate)
    state = str(attempt.state) if attempt is not None else ""
    if attempt is not None and state == AttemptState.IN_PROGRESS and timezone.now() >= attempt.ends_at:
        state = "over"
    return {
        "name": enrollment.name,
        "plan": plan.name,
        "starts_at": _iso(room.session.starts_at) if room is not None else None,
        "face_check": admission.face_check_of(entry),
        "state": state,
        "attempt": str(attempt.public_id) if attempt is not None else None,
        "ticket": candidate.ticket_number,
        "seat": candidate.seat_label,
        "occupation": str(enrollment.trade),
        "minutes": plan.exam_minutes,
        "submission_minutes": plan.submission_minutes,
        "has_practical": plan.has_practical,
    }


def _present(request: HttpRequest) -> dict[str, Any] | None:
    """The entry of this browser while it is good: it waits, or it is the machine that answers."""
    try:
        entry = _entry(request, with_person=True)
    except saving.SaveError:
        return None
    attempt = attempt_of(entry.candidate)
    is_replaced = entry.admitted_at is not None and (attempt is None or attempt.entry_id != entry.pk)
    if entry.refused_at is not None or is_replaced:
        return None
    return _described(entry)


@endpoint("GET")
def session(request: HttpRequest) -> HttpResponse:
    """The CSRF token, the server's time, and the entry of this browser if there is one."""
    return reply({"csrf": get_token(request), "now": _iso(timezone.now()), "entry": _present(request)})


@endpoint("POST")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ticket and ID number; sets the examinee's cookie."""
    document = _document(request)
    ticket, id_number = document.get("ticket"), document.get("id_number")
    for text in (ticket, id_number):
        if not isinstance(text, str) or len(text) > LONGEST_NUMBER:
            raise saving.refusal("bad_request")
    entry = admission.sign_in(
        str(ticket),
        str(id_number),
        address=client_address(request),
        device=request.headers.get("User-Agent", ""),
    )
    answer = reply({**_described(entry), "now": _iso(timezone.now())})
    answer.set_cookie(
        tokens.COOKIE,
        tokens.make(entry.pk),
        max_age=tokens.HOURS * 3600,
        path=tokens.PATH,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Strict",
    )
    return answer


@endpoint("POST", most_bytes=FRAME_BYTES)
def face(request: HttpRequest) -> HttpResponse:
    """Faces are compared by the invigilator here, and the page is told so."""
    _entry(request)
    raise refusals.face_unavailable()


@endpoint("POST")
def start(request: HttpRequest) -> HttpResponse:
    """The paper, without the key; again: with what is saved."""
    return _bytes(attempts.start(_entry(request)).body())


@endpoint("PUT")
def answers(request: HttpRequest) -> HttpResponse:
    """What `zhupei.exam.hall.front` answers in front of Django, for servers that run without it."""
    key = tokens.read(request.COOKIES.get(tokens.COOKIE, ""))
    if key is None:
        raise saving.refusal("not_signed_in")
    return _bytes(saving.save(key, request.body).body())


@endpoint("POST")
def submit(request: HttpRequest) -> HttpResponse:
    """The result; the same however often it is asked for."""
    entry = _entry(request)
    result = attempts.submit(entry)
    return reply(
        {
            "score": float(result.score),
            "passed": result.passed,
            "has_practical": entry.candidate.plan.has_practical,
        }
    )


@endpoint("POST")
def presence(request: HttpRequest) -> HttpResponse:
    """The machine is there; what it reports of itself; what has changed about the time."""
    events = _document(request).get("events", [])
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise saving.refusal("bad_request")
    attempt = attempts.be_present(_entry(request), [_report(event) for event in events])
    return reply(
        {
            "now": _iso(timezone.now()),
            "state": attempt.state,
            "ends_at": _iso(attempt.ends_at),
            "submit_from": _iso(attempt.submit_from),
        }
    )


def _report(event: Any) -> attempts.Report:
    if not isinstance(event, dict) or event.get("kind") not in attempts.REPORTED:
        raise saving.refusal("bad_request")
    stated, detail = event.get("at"), event.get("detail", "")
    try:
        at = parse_datetime(stated) if isinstance(stated, str) else None
    except ValueError:
        at = None
    words = detail.replace("\0", "")[:LONGEST_DETAIL] if isinstance(detail, str) else ""
    return attempts.Report(event["kind"], at if at is not None and timezone.is_aware(at) else None, words)


@csrf_exempt
def unknown(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Anything else below /exam/api/."""
    return failure(404, "not_found", "没有这个地址。")

"""PUT /exam/api/answers, answered in front of Django: the one request that thousands send every few seconds (EXM-05).

It is checked as Django would do it (signed cookie, CSRF token, origin), against the paper from memory, and
committed in batches. Everything else goes to Django, a few requests at a time: the many threads are for saves,
which only wait.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
from django.conf import settings
from django.middleware.csrf import InvalidTokenFormat, _check_token_format, _does_token_match
from django.utils.http import is_same_domain

from zhupei.exam import saving, tokens
from zhupei.exam.batching import PATIENCE, Batcher, Lane
from zhupei.exam.saving import SaveError, Seat

logger = structlog.get_logger(__name__)

PATH = "/exam/api/answers"
SEATS = 20_000
RETRY_AFTER_S = 1

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def in_front_of(application: Application) -> Application:
    """The WSGI application that answers saves itself and hands everything else to Django's."""
    pool = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    slots = threading.BoundedSemaphore(pool["max_size"] if isinstance(pool, dict) else 8)
    answers = Answers()

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "PUT":
            return answers(environ, start_response)
        with slots:
            return application(environ, start_response)

    return front


class Answers:
    """The WSGI application of one address."""

    def __init__(self, batcher: Batcher | None = None, seats: Seats | None = None) -> None:
        self.batcher = batcher or Batcher()
        self.seats = seats or Seats()

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        headers = [("Content-Type", "application/json"), *_HEADERS]
        try:
            body = self._save(environ)
            status = "200 OK"
        except SaveError as error:
            body = _error_body(error.code, error.message)
            status = f"{error.status} {HTTPStatus(error.status).phrase}"
            if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers.append(("Retry-After", str(RETRY_AFTER_S)))
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _save(self, environ: Environ) -> bytes:
        cookies = _cookies(environ.get("HTTP_COOKIE", ""))
        _check_csrf(environ, cookies)
        entry = tokens.read(cookies.get(tokens.COOKIE, ""))
        if entry is None:
            raise saving.refusal("not_signed_in")
        version, answers = saving.read_change(_body(environ))
        try:
            seat = self.seats.of(entry)
            outcome = self.batcher.save(saving.check_change(entry, seat, version, answers))
        except SaveError:
            raise
        except Exception as error:
            if not isinstance(error, psycopg.Error):
                logger.exception("save_failed")
            raise saving.refusal("unavailable") from error
        if isinstance(outcome, saving.Saved):
            return outcome.body()
        raise outcome if isinstance(outcome, SaveError) else saving.refusal("unavailable")


_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))


@lru_cache(maxsize=32)
def _error_body(code: str, message: str) -> bytes:
    return f'{{"code": "{code}", "message": "{message}"}}'.encode()


def _cookies(header: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _check_csrf(environ: Environ, cookies: dict[str, str]) -> None:
    """As Django's middleware: the origin, where the browser names one, and the token against the cookie."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and not _is_trusted(origin, environ):
        raise saving.refusal("csrf")
    try:
        secret = _secret_of(cookies.get(settings.CSRF_COOKIE_NAME, ""))
        token = environ.get(settings.CSRF_HEADER_NAME, "")
        _check_token_format(token)
    except InvalidTokenFormat:
        raise saving.refusal("csrf") from None
    if not _does_token_match(token, secret):
        raise saving.refusal("csrf")


def _secret_of(cookie: str) -> str:
    """The cookie holds the secret, or, from an older Django, a masked one."""
    from django.middleware.csrf import CSRF_TOKEN_LENGTH, _unmask_cipher_token

    _check_token_format(cookie)
    return _unmask_cipher_token(cookie) if len(cookie) == CSRF_TOKEN_LENGTH else cookie


def _is_trusted(origin: str, environ: Environ) -> bool:
    scheme = environ.get("wsgi.url_scheme", "http")
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        scheme = "https" if environ.get(header, "").split(",")[0].strip() == secure else scheme
    if origin == f"{scheme}://{environ.get('HTTP_HOST', '')}":
        return True
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    return any(
        asked.scheme == trusted.scheme
        and (
            asked.netloc == trusted.netloc
            or ("*" in trusted.netloc and is_same_domain(asked.netloc, trusted.netloc.lstrip("*")))
        )
        for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS)
    )


def _body(environ: Environ) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdecimal() or int(length) > saving.MAX_BODY):
        raise saving.refusal("too_large" if length.isdecimal() else "bad_request")
    # A body without a length ends by itself (chunked); one byte more than allowed tells that it is too long.
    return environ["wsgi.input"].read(int(length) if length else saving.MAX_BODY + 1)


class Seats:
    """The seats of recent entries, in memory; an entry that is admitted later is looked up again then."""

    def __init__(self, lane: Callable[[], Lane] = Lane, limit: int = SEATS) -> None:
        self._lane_maker = lane
        self._limit = limit
        self._process = 0
        self._mutex = threading.Lock()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._mutex = threading.Lock()
        self._reading = threading.Lock()
        self._lane = self._lane_maker()
        self._known: OrderedDict[uuid.UUID, Seat] = OrderedDict()
        self._process = os.getpid()

    def of(self, entry: uuid.UUID) -> Seat:
        """The seat of an entry. Raises SaveError, psycopg.Error when the database is away."""
        if self._process != os.getpid():
            self._begin_anew()
        seat = self._known.get(entry)
        if seat is not None:
            return seat
        until = time.monotonic() + PATIENCE
        with self._reading:
            row = self._lane.run(
                lambda connection: connection.execute(saving.SEAT, [entry]).fetchone(), until
            )
        seat = saving.find_seat(row, entry)
        with self._mutex:
            self._known[entry] = seat
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return seat

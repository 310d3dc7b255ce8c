"""PUT /exam/api/answers, answered in front of Django: the one request that thousands send every few seconds (EXM-05).

It is checked as Django would do it (signed cookie, CSRF token, origin), against the paper from memory, and
committed in batches. Everything else goes to Django, a few requests at a time: the many threads are for saves,
which only wait.
"""

from __future__ import annotations

import io
import os
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from http import HTTPStatus
from secrets import compare_digest
from typing import Any
from urllib.parse import urlsplit

import psycopg
import structlog
from django.conf import settings
from django.http import HttpResponse
from django.http.cookie import parse_cookie
from django.middleware.csrf import (  # type: ignore[attr-defined]
    CSRF_TOKEN_LENGTH,
    CsrfViewMiddleware,
    InvalidTokenFormat,
    _check_token_format,
    _unmask_cipher_token,
)
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
    size = pool["max_size"] if isinstance(pool, dict) else 8
    slots = threading.BoundedSemaphore(size)
    uploads = threading.BoundedSemaphore(max(1, size // 2))
    answers = Answers()

    def front(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "PUT":
            return answers(environ, start_response)
        share: AbstractContextManager[object] = nullcontext() if _takes_in(environ) else uploads
        with share, slots:
            return application(environ, start_response)

    return front


def _takes_in(environ: Environ) -> bool:
    """Read a short body before a slot is taken; whether there is nothing left that could keep a slot waiting.

    Whoever sends slowly keeps a thread of many waiting, not all the pages; long bodies share half of the slots.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > saving.MAX_BODY:
        return False
    if int(length):
        try:
            body = environ["wsgi.input"].read(int(length))
        except OSError:  # gone; what reads it finds it too short
            body = b""
        environ["wsgi.input"] = io.BytesIO(body)
    return True


class Answers:
    """The WSGI application of one address."""

    def __init__(self, batcher: Batcher | None = None, seats: Seats | None = None) -> None:
        self.batcher = batcher or Batcher()
        self.seats = seats or Seats()

    def __call__(self, environ: Environ, start_response: StartResponse) -> list[bytes]:
        status, headers = "200 OK", _HEADERS
        try:
            body = self._save(environ)
        except SaveError as error:
            body = _error_body(error.code, error.message)
            status = f"{error.status} {HTTPStatus(error.status).phrase}"
            if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers = [*_HEADERS, ("Retry-After", str(RETRY_AFTER_S))]
        start_response(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def close(self) -> None:
        """End threads and connections; another use begins anew."""
        self.batcher.close()
        self.seats.close()

    def _save(self, environ: Environ) -> bytes:
        try:
            seat = self.seats.of(environ)
            version, answers = saving.read_change(_body(environ))
            outcome = self.batcher.save(saving.check_change(seat, version, answers))
        except psycopg.Error as error:
            raise saving.refusal("unavailable") from error
        if isinstance(outcome, saving.Saved):
            seat.latest = max(outcome.version, seat.latest)
            return outcome.body()
        raise outcome if isinstance(outcome, SaveError) else saving.refusal("unavailable")


_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


@lru_cache(maxsize=32)
def _error_body(code: str, message: str) -> bytes:
    return f'{{"code": "{code}", "message": "{message}"}}'.encode()


def credentials_of(environ: Environ) -> tuple[str | None, ...]:
    """All that `entry_of` looks at; a browser sends the same every time."""
    get = environ.get
    return (
        get("HTTP_COOKIE"),
        get(_CSRF_HEADER),
        get("HTTP_ORIGIN"),
        get("HTTP_HOST"),
        get("wsgi.url_scheme"),
        get(_PROXY_HEADER),
    )


_CSRF_HEADER = settings.CSRF_HEADER_NAME
_PROXY_HEADER = (settings.SECURE_PROXY_SSL_HEADER or ("HTTP_X_FORWARDED_PROTO", ""))[0]


def entry_of(environ: Environ) -> tuple[uuid.UUID, int]:
    """The entry that a request comes from and until when its cookie is good. Raises SaveError (401, 403)."""
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    _check_csrf(environ, cookies)
    cookie = cookies.get(tokens.COOKIE, "")
    entry = tokens.read(cookie)
    if entry is None:
        raise saving.refusal("not_signed_in")
    return entry, tokens.expires_at(cookie)


def _check_csrf(environ: Environ, cookies: dict[str, str]) -> None:
    """As Django's middleware: the origin, where the browser names one, and the token against the cookie."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and not _is_trusted(origin, environ):
        raise saving.refusal("csrf")
    try:
        secret = _secret_of(cookies.get(settings.CSRF_COOKIE_NAME, ""))
        token = _secret_of(environ.get(settings.CSRF_HEADER_NAME, ""))
    except InvalidTokenFormat:
        raise saving.refusal("csrf") from None
    if not compare_digest(token, secret):
        raise saving.refusal("csrf")


def _secret_of(token: str) -> str:
    """The secret in a token, which may be masked; raises InvalidTokenFormat."""
    _check_token_format(token)
    return _unmask_cipher_token(token) if len(token) == CSRF_TOKEN_LENGTH else token


def _is_trusted(origin: str, environ: Environ) -> bool:
    scheme = environ.get("wsgi.url_scheme", "http")
    if settings.SECURE_PROXY_SSL_HEADER:
        header, secure = settings.SECURE_PROXY_SSL_HEADER
        scheme = "https" if environ.get(header, "").split(",")[0].strip() == secure else scheme
    if origin == f"{scheme}://{environ.get('HTTP_HOST', '')}" or origin in _trusted().allowed_origins_exact:
        return True
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    return any(
        is_same_domain(asked.netloc, domain)
        for domain in _trusted().allowed_origin_subdomains.get(asked.scheme, ())
    )


@lru_cache(maxsize=1)
def _trusted() -> CsrfViewMiddleware:
    """Django's middleware, for what it reads from CSRF_TRUSTED_ORIGINS."""
    return CsrfViewMiddleware(lambda request: HttpResponse())


def _body(environ: Environ) -> bytes:
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdecimal() or int(length) > saving.MAX_BODY):
        raise saving.refusal("too_large" if length.isdecimal() else "bad_request")
    # A body without a length ends by itself (chunked); one byte more than allowed tells that it is too long.
    return environ["wsgi.input"].read(int(length) if length else saving.MAX_BODY + 1)


class Seats:
    """Who sits where, in memory: credentials and paper are looked at once.

    Only what was found good is kept. Whether a seat may still answer is decided with every change, in SQL.
    """

    def __init__(self, lane: Callable[[], Lane] = Lane, limit: int = SEATS) -> None:
        self._make_lane = lane
        self._limit = limit
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._mutex = threading.Lock()
        self._reading = threading.Lock()
        self._lane = self._make_lane()
        self._known: OrderedDict[tuple[str | None, ...], tuple[Seat, int]] = OrderedDict()

    def of(self, environ: Environ) -> Seat:
        """The seat of a request. Raises SaveError (401, 403, 425), psycopg.Error when the database is away."""
        credentials = credentials_of(environ)
        seat, until = self._known.get(credentials, (None, 0))
        if seat is not None and time.time() < until:
            return seat
        entry, until = entry_of(environ)
        seat = self._read(entry)
        with self._mutex:
            self._known[credentials] = seat, until
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return seat

    def close(self) -> None:
        """Close the connection; another use makes a new one."""
        with self._reading:
            self._lane.close()

    def _read(self, entry: uuid.UUID) -> Seat:
        until = time.monotonic() + PATIENCE
        with self._reading:
            row = self._lane.run(
                lambda connection: connection.execute(saving.SEAT, [entry]).fetchone(), until
            )
        return saving.find_seat(row, entry)

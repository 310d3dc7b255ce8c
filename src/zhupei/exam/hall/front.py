"""PUT /exam/api/answers, answered in front of Django: the one request that thousands send every few seconds (EXM-05).

Its signed cookie is checked, by Django itself its CSRF token and origin, both once a seat; then it is checked against
the paper from memory and committed in batches. Whoever waits for the commit costs a coroutine. Everything else goes to Django.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

import psycopg
import structlog
from django.conf import settings
from django.http import HttpRequest, parse_cookie
from granian.rsgi import ProtocolClosed

from foundation.serving import Protocol, Scope
from zhupei.exam.hall import saving, tokens
from zhupei.exam.hall.batching import PATIENCE, Batcher, Lane
from zhupei.exam.hall.csrf import require_csrf
from zhupei.exam.hall.saving import SaveError, Seat

logger = structlog.get_logger(__name__)

PATH = "/exam/api/answers"
SEATS = 20_000
RETRY_AFTER_S = 1


class Front:
    """The RSGI application that answers saves itself and hands everything else to `others`."""

    def __init__(self, others: Callable[[Scope, Protocol], Awaitable[None]]) -> None:
        self._others = others
        self._answers = Answers()

    async def __rsgi__(self, scope: Scope, protocol: Protocol) -> None:
        if scope.path == PATH and scope.method == "PUT":
            await self._answers(scope, protocol)
        else:
            await self._others(scope, protocol)


class Answers:
    """The RSGI application of one address."""

    def __init__(self, batcher: Batcher | None = None, seats: Seats | None = None) -> None:
        self.batcher = batcher or Batcher()
        self.seats = seats or Seats()

    async def __call__(self, scope: Scope, protocol: Protocol) -> None:
        status, headers = 200, _HEADERS
        try:
            body = await self._save(scope, protocol)
        except SaveError as error:
            status, body = error.status, _error_body(error.code, error.message)
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers = [*_HEADERS, ("retry-after", str(RETRY_AFTER_S))]
        except ProtocolClosed:  # gone before the change was complete
            return
        protocol.response_bytes(status, headers, body)

    def close(self) -> None:
        """End threads and connections; another use begins anew."""
        self.batcher.close()
        self.seats.close()

    async def _save(self, scope: Scope, protocol: Protocol) -> bytes:
        credentials = credentials_of(scope)
        try:
            seat = self.seats.known(credentials) or await self.seats.find(credentials)
        except psycopg.Error as error:
            raise saving.refusal("unavailable") from error
        version, answers = saving.read_change(await _body(scope, protocol))
        outcome = await self.batcher.save(saving.check_change(seat, version, answers))
        if isinstance(outcome, saving.Saved):
            seat.latest = max(outcome.version, seat.latest)
            return outcome.body()
        raise outcome if isinstance(outcome, SaveError) else saving.refusal("unavailable")


_HEADERS = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
]


@lru_cache(maxsize=32)
def _error_body(code: str, message: str) -> bytes:
    return f'{{"code": "{code}", "message": "{message}"}}'.encode()


class Credentials(NamedTuple):
    """All that `entry_of` looks at; a browser sends the same every time. `referer` where no origin is named."""

    cookie: str | None
    token: str | None
    origin: str | None
    host: str | None
    referer: str | None
    scheme: str
    proxy_scheme: str | None


def _header(variable: str) -> str:
    """The name of a header that Django's settings name as a variable: HTTP_X_CSRFTOKEN."""
    return variable.removeprefix("HTTP_").replace("_", "-").lower()


_CSRF_HEADER = _header(settings.CSRF_HEADER_NAME)
_PROXY_HEADER = _header(settings.SECURE_PROXY_SSL_HEADER[0]) if settings.SECURE_PROXY_SSL_HEADER else ""


def credentials_of(scope: Scope) -> Credentials:
    """What a request shows of itself."""
    get = scope.headers.get
    origin = get("origin")
    return Credentials(
        get("cookie"),
        get(_CSRF_HEADER),
        origin,
        get("host"),
        get("referer") if origin is None else None,
        scope.scheme,
        get(_PROXY_HEADER) if _PROXY_HEADER else None,
    )


class _Shown(HttpRequest):
    """A save as Django's CSRF check asks about it: its credentials, and nothing else of it."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self.method = "PUT"
        self.COOKIES = parse_cookie(credentials.cookie or "")
        shown = {
            "HTTP_HOST": credentials.host or "",
            "HTTP_ORIGIN": credentials.origin,
            "HTTP_REFERER": credentials.referer,
            settings.CSRF_HEADER_NAME: credentials.token,
        }
        if settings.SECURE_PROXY_SSL_HEADER:
            shown[settings.SECURE_PROXY_SSL_HEADER[0]] = credentials.proxy_scheme
        self.META = {name: value for name, value in shown.items() if value is not None}
        self._scheme = credentials.scheme

    def _get_scheme(self) -> str:
        return self._scheme


def entry_of(credentials: Credentials) -> tuple[uuid.UUID, int]:
    """The entry that a request comes from and until when its cookie is good. Raises SaveError (401, 403)."""
    request = _Shown(credentials)
    require_csrf(request)
    cookie = request.COOKIES.get(tokens.COOKIE, "")
    entry = tokens.read(cookie)
    if entry is None:
        raise saving.refusal("not_signed_in")
    return entry, tokens.expires_at(cookie)


async def _body(scope: Scope, protocol: Protocol) -> bytes:
    """The body. Raises SaveError (413) before too long a one has been received, ProtocolClosed."""
    length = scope.headers.get("content-length")
    if length is not None:
        if int(length) > saving.MAX_BODY:  # the server has refused what is no number
            raise saving.refusal("too_large")
        return await protocol()
    body = b""
    async for piece in protocol:  # without a length it ends by itself
        body += piece
        if len(body) > saving.MAX_BODY:
            raise saving.refusal("too_large")
    return body


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
        self._known: OrderedDict[Credentials, tuple[Seat, int]] = OrderedDict()

    def known(self, credentials: Credentials) -> Seat | None:
        """The seat, when it was looked at before and the cookie is still good."""
        seat, until = self._known.get(credentials, (None, 0))
        return seat if time.time() < until else None

    async def find(self, credentials: Credentials) -> Seat:
        """The seat, looked at. Raises SaveError (401, 403, 425), psycopg.Error when the database is away."""
        entry, until = entry_of(credentials)
        seat = await asyncio.to_thread(self._read, entry)
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

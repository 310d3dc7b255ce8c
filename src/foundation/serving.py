"""A WSGI application behind an RSGI server (granian): whoever waits costs a coroutine, whoever works a thread.

Bodies are received and answers are sent by the server itself. A thread is taken once a short body is there as a
whole, and given back when the answer has been made: people with slow lines keep nobody else waiting. Long bodies
are read while the application works on them, by half of the threads at most.

The server holds what it could not send yet, so an answer should either fit into memory or be a stored file, which
it reads from the disk itself.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from wsgiref.util import FileWrapper

from granian.rsgi import ProtocolClosed

SHORT_BODY = 64 * 1024
PIECE = 256 * 1024

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
# What the server hands over; granian.rsgi names the types, whose stubs leave out half of what they can.
Scope = Any
Protocol = Any
T = TypeVar("T")


def environ_of(scope: Scope) -> Environ:
    """The variables of PEP 3333, without the body.

    Header names with an underscore are left out: `X_Forwarded_For` must not pass for `X-Forwarded-For`.
    """
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ


class Threaded:
    """The RSGI application that runs a WSGI application in `threads` threads."""

    def __init__(self, application: Application, threads: int) -> None:
        self._application = application
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._uploads = asyncio.Semaphore(max(1, threads // 2))

    async def __call__(self, scope: Scope, protocol: Protocol) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        length = int(environ.get("CONTENT_LENGTH") or 0)  # the server has refused what is no number
        turn: AbstractAsyncContextManager[Any] = nullcontext()
        if length > SHORT_BODY:
            turn = self._uploads
            upload = _Upload(protocol, length, asyncio.get_running_loop())
            environ["wsgi.input"] = io.BufferedReader(upload, SHORT_BODY)
        else:
            try:
                environ["wsgi.input"] = io.BytesIO(await protocol() if length else b"")
            except ProtocolClosed:  # gone before the body was complete
                return
        async with turn:
            answer = _Answer(protocol, asyncio.get_running_loop())
            await asyncio.get_running_loop().run_in_executor(
                self._executor, answer.make, self._application, environ
            )

    def close(self) -> None:
        """Let the threads finish and end."""
        self._executor.shutdown()


class _Upload(io.RawIOBase):
    """A long body as a file, for the one thread that works on it. It waits for the sender."""

    def __init__(self, protocol: Protocol, length: int, loop: asyncio.AbstractEventLoop) -> None:
        self._pieces = aiter(protocol)
        self._missing = length
        self._loop = loop
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises OSError when the sender went away: half of a file is none."""
        if not self._rest and self._missing:
            self._rest = memoryview(_wait_for(self._next(), self._loop))
            if not self._rest:
                raise OSError("the body ended early")
            self._missing -= len(self._rest)
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    async def _next(self) -> bytes:
        """The next piece; nothing at the end."""
        try:
            while True:
                # Not `anext(…, None)`: with an iterator that is not Python's own it takes the process down.
                if piece := await self._pieces.__anext__():
                    return piece
        except (StopAsyncIteration, ProtocolClosed):
            return b""


class _Answer:
    """What a WSGI application answers, handed to the server."""

    def __init__(self, protocol: Protocol, loop: asyncio.AbstractEventLoop) -> None:
        self._protocol = protocol
        self._loop = loop
        self._status = 0
        self._headers: Headers = []
        self._written: list[bytes] = []

    def make(self, application: Application, environ: Environ) -> None:
        """Run the application; in a thread."""
        body = application(environ, self._start)
        try:
            if (path := _stored_file(body)) is not None:
                self._call(self._protocol.response_file, self._status, self._headers, str(path))
            else:
                self._send(body)
        finally:
            if close := getattr(body, "close", None):
                close()

    def _start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], Any]:
        self._status = int(status.partition(" ")[0])
        self._headers = [(name.lower(), value) for name, value in headers]
        return self._written.append

    def _send(self, body: Iterable[bytes]) -> None:
        """As one answer when it is short, in pieces otherwise."""
        transport = None
        gathered = bytearray()
        for chunk in chain(self._written, body):
            gathered += chunk
            if len(gathered) >= PIECE:
                if transport is None:
                    transport = self._call(self._protocol.response_stream, self._status, self._headers)
                _wait_for(_finished(transport.send_bytes(bytes(gathered))), self._loop)
                gathered.clear()
        if transport is not None:
            _wait_for(_finished(transport.send_bytes(bytes(gathered))), self._loop)
        elif gathered:
            self._call(self._protocol.response_bytes, self._status, self._headers, bytes(gathered))
        else:
            self._call(self._protocol.response_empty, self._status, self._headers)

    def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        """In the loop's own thread."""

        async def call() -> T:
            return function(*arguments)

        return _wait_for(call(), self._loop)


def _stored_file(body: Iterable[bytes]) -> Path | None:
    """Where the file lies that is the whole answer, when it stays there.

    Stored files know their path; temporary ones, which are gone once they are closed, only a name.
    """
    file = body.filelike if isinstance(body, FileWrapper) else None
    path = getattr(file, "path", None)
    if file is None or path is None or file.tell() != 0:
        return None
    is_this_one = os.path.samestat(os.fstat(file.fileno()), Path(path).stat())
    return Path(path) if is_this_one else None


async def _finished(work: Awaitable[T]) -> T:
    return await work


def _wait_for(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """From a thread."""
    return asyncio.run_coroutine_threadsafe(work, loop).result()

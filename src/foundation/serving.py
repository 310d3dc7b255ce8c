"""A WSGI application behind an RSGI server (granian): whoever waits costs a coroutine, whoever works a thread.

Bodies are received and answers are sent by the server itself. A thread is taken once the body is there as a whole
(a long one in a temporary file), and given back when the answer has been made: people with slow lines keep nobody
else waiting.

The server holds what it could not send yet, so an answer should either fit into memory or be a stored file, which
it reads from the disk itself.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from wsgiref.util import FileWrapper

from granian.rsgi import ProtocolClosed

SHORT_BODY = 64 * 1024
PIECE = 256 * 1024
FEW = 4

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
    """The RSGI application that runs a WSGI application in `threads` threads.

    Bodies of more than `longest` bytes are refused with 413. Long ones lie in temporary files in `folder`; once a few
    times `longest` has been received there, further ones are refused with 503.
    """

    def __init__(
        self, application: Application, threads: int, *, longest: int = 2**30, folder: str | None = None
    ) -> None:
        self._application = application
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._longest = longest
        self._folder = folder
        self._room = FEW * longest

    async def __call__(self, scope: Scope, protocol: Protocol) -> None:
        """Answer one request."""
        environ = environ_of(scope)
        length = int(environ.get("CONTENT_LENGTH") or 0)  # the server has refused what is no number
        if length > self._longest:
            protocol.response_str(413, _PLAIN, "提交的内容太大，请返回上一页，换小一些的文件。")
        elif length > SHORT_BODY:
            await self._receive_long(environ, protocol, length)
        else:
            try:
                environ["wsgi.input"] = io.BytesIO(await protocol() if length else b"")
            except ProtocolClosed:  # gone before the body was complete
                return
            await self._answer(environ, protocol)

    async def _receive_long(self, environ: Environ, protocol: Protocol, length: int) -> None:
        if length > self._room:
            busy = "正在上传的人太多，请过一分钟返回上一页再试。"
            protocol.response_str(503, [*_PLAIN, ("retry-after", "60")], busy)
            return
        with tempfile.TemporaryFile(dir=self._folder) as body:
            received = 0
            try:
                async for piece in _gathered(protocol):
                    received += len(piece)
                    self._room -= len(piece)
                    await asyncio.to_thread(body.write, piece)
                if received == length:  # half of a file is none
                    body.seek(0)
                    environ["wsgi.input"] = body
                    await self._answer(environ, protocol)
            finally:
                self._room += received

    async def _answer(self, environ: Environ, protocol: Protocol) -> None:
        loop = asyncio.get_running_loop()
        answer = _Answer(protocol, loop)
        await loop.run_in_executor(self._executor, answer.make, self._application, environ)


async def _gathered(protocol: Protocol) -> AsyncIterator[bytes]:
    """The body in pieces that are worth a step to the disk; it ends early when the sender goes away."""
    gathered = bytearray()
    try:
        async for piece in protocol:
            gathered += piece
            if len(gathered) >= PIECE:
                yield bytes(gathered)
                gathered.clear()
    except ProtocolClosed:
        return
    yield bytes(gathered)


_PLAIN = [("content-type", "text/plain; charset=utf-8")]


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

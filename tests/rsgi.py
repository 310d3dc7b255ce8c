"""What an RSGI server hands to an application, in memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


class Headers:
    """Names in lower case, in order, perhaps twice."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def get(self, name: str, default: str | None = None) -> str | None:
        return next((value for key, value in self.pairs if key == name), default)

    def items(self) -> list[tuple[str, str]]:
        return self.pairs


@dataclass
class Scope:
    """A request without its body."""

    method: str
    path: str
    headers: Headers = field(default_factory=lambda: Headers([]))
    scheme: str = "http"
    query_string: str = ""
    http_version: str = "1.1"
    server: str = "127.0.0.1:80"
    client: str = "127.0.0.1:50000"


@dataclass
class Protocol:
    """The body, sent once `may_end` is set, and what was answered."""

    body: bytes = b""
    may_end: threading.Event | None = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""

    async def __call__(self) -> bytes:
        while self.may_end and not self.may_end.is_set():
            await asyncio.sleep(0.01)
        return self.body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield await self()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.answer = status, dict(headers), body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.response_bytes(status, headers, b"")


def ask(application: Any, scope: Scope, body: bytes = b"") -> Protocol:
    """One request, in an event loop of its own."""
    protocol = Protocol(body)
    asyncio.run(application(scope, protocol))
    return protocol

"""The machines of a large exam keep their connections open; somebody more is answered all the same (EXM-05)."""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack

import pytest

from tests.exam_platform import exam_platform

MACHINES = 4500  # by its own defaults the server ends at about a thousand
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_a_whole_exam_stays_connected() -> None:
    """EXM-05: each connection is answered while all before it stay open, and the first one still is at the end."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2 * MACHINES:
        pytest.skip("this machine allows too few open files")
    with exam_platform(1) as platform, ExitStack() as opened:
        lines: list[socket.socket] = []
        for _ in range(MACHINES):
            line = socket.create_connection(("127.0.0.1", platform.port), timeout=20)
            lines.append(opened.enter_context(line))
            assert answered(line)
        assert answered(lines[0])


def answered(line: socket.socket) -> bool:
    line.sendall(REQUEST)
    return line.recv(4096).startswith(b"HTTP/1.1 200")

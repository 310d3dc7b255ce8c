"""WSGI behind the real server: variables, bodies, answers, files, people who go away (EXM-05, SEC-05)."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foundation.serving import FEW, PIECE, SHORT_BODY
from tests.exam_platform import free_port
from tests.foundation.served import LONGEST

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """A running one; `log` is what it printed."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer, answer.read()

    def say(self, data: bytes) -> socket.socket:
        """Send this as it is."""
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        line.sendall(data)
        return line

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + 10
        while words not in self.log.read_text():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """granian with the small application."""
    yield from _serve(tmp_path_factory.mktemp("served"))


def _serve(folder: Path) -> Iterator[Server]:
    port, log = free_port(), folder / "log"
    command = [
        *(sys.executable, "-m", "granian", "tests.foundation.served:application"),
        *("--interface", "rsgi", "--loop", "uvloop", "--http", "1", "--no-ws"),
        *("--port", str(port), "--workers", "1"),
    ]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=out
        )
    found = Server(port, log, process)
    try:
        found.wait_for("Started worker-1 runtime")
        yield found
    finally:
        process.terminate()
        process.wait(20)


def test_the_variables_of_a_request(server: Server) -> None:
    """Chinese paths, queries, doubled headers; a name with an underscore does not pass for one with a hyphen."""
    headers = b"Host: zhupei.example\r\nX-A: 1\r\nX-A: 2\r\nX_Forwarded_For: 1.2.3.4\r\nCookie: a=1\r\nCookie: b=2\r\n"
    line = server.say(
        b"GET /environ?%E7%AD%91=%2F HTTP/1.1\r\n" + headers + b"X-Bad: \xe7\r\nConnection: close\r\n\r\n"
    )
    head, _, body = line.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200") and head.count(b"set-cookie: ") == 2
    found = json.loads(body)
    assert found["QUERY_STRING"] == "%E7%AD%91=%2F"
    assert (found["HTTP_HOST"], found["HTTP_X_A"], found["HTTP_COOKIE"]) == (
        "zhupei.example",
        "1,2",
        "a=1; b=2",
    )
    assert "HTTP_X_FORWARDED_FOR" not in found and "HTTP_X_BAD" not in found
    assert (found["REMOTE_ADDR"], found["SERVER_PORT"]) == ("127.0.0.1", str(server.port))
    assert (found["REQUEST_METHOD"], found["SERVER_PROTOCOL"]) == ("GET", "HTTP/1.1")
    server.wait_for("closed")


@pytest.mark.parametrize("size", [0, 1, SHORT_BODY, SHORT_BODY + 1, 5_000_000])
def test_bodies_arrive_whole(server: Server, size: int) -> None:
    """Short ones in memory, long ones while they are sent."""
    body = os.urandom(size)
    answer, shown = server.ask("POST", "/body", body)
    assert (answer.status, shown.decode()) == (200, f"{size} {hashlib.sha256(body).hexdigest()}")


def test_a_long_body_is_read_by_lines(server: Server) -> None:
    """What a multipart parser may do."""
    assert server.ask("POST", "/lines", b"abc\n" * 50_000)[1] == b"50000"


@pytest.mark.parametrize("size", [100, SHORT_BODY * 8])
def test_half_a_body_is_no_body(server: Server, size: int) -> None:
    """A line that breaks in the middle of an upload: the application is not given the half as if it were all."""
    before = server.log.read_text().count("read ")
    line = server.say(
        b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * (size // 2)
    )
    line.shutdown(socket.SHUT_WR)
    assert line.recv(4096).startswith(b"HTTP/1.1 50")  # the server has noticed, and gives up by itself
    line.close()
    assert server.ask("GET", "/environ")[0].status == 200
    assert server.log.read_text().count("read ") == before


def test_too_long_a_body_is_refused_unread(server: Server) -> None:
    """SEC-05: with a sentence."""
    line = server.say(b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (LONGEST + 1))
    answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413") and "换小一些的文件".encode() in answer


def test_half_sent_uploads_leave_room_for_pages(server: Server) -> None:
    """SEC-05: many senders that say nothing more keep no page waiting; what they may fill of the disk is limited."""
    head = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\nx"
    lines = [server.say(head % (SHORT_BODY * 4)) for _ in range(30)]
    lines += [server.say(head % LONGEST + b"x" * (LONGEST - 2)) for _ in range(FEW)]
    try:
        began = time.monotonic()
        assert server.ask("GET", "/environ")[0].status == 200
        assert server.ask("POST", "/body", b"x" * SHORT_BODY)[0].status == 200
        assert time.monotonic() - began < 5
        answer = eventually(lambda: refused(server, head % LONGEST))
        assert answer.startswith(b"HTTP/1.1 503") and b"retry-after: 60" in answer
        assert "请过一分钟".encode() in answer
    finally:
        for line in lines:
            line.close()
    # Once the server has noticed that they are gone.
    assert eventually(lambda: not refused(server, head % LONGEST))
    assert server.ask("POST", "/body", b"x" * LONGEST)[0].status == 200


def refused(server: Server, start: bytes) -> bytes:
    """What is answered to a body that has just begun; nothing when the server goes on receiving it."""
    with server.say(start) as line:
        line.settimeout(0.5)
        try:
            return line.recv(4096)
        except TimeoutError:
            return b""


def eventually(act: Callable[[], Any], seconds: float = 15) -> Any:
    """The first result that is true."""
    deadline = time.monotonic() + seconds
    while not (found := act()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def test_a_stored_file_is_sent_from_the_disk(server: Server, tmp_path: Path) -> None:
    """Closed once it was handed over; whoever reads slowly costs no memory."""
    stored = tmp_path / "stored.bin"
    stored.write_bytes(os.urandom(3_000_000))
    answer, body = server.ask("GET", f"/stored?{stored}")
    assert (answer.status, answer.headers["x-kind"]) == (200, "file")
    assert answer.headers.get_all("content-length") == ["3000000"]
    assert body == stored.read_bytes()


def test_a_temporary_file_is_sent_before_it_goes(server: Server) -> None:
    """In pieces."""
    answer, body = server.ask("GET", "/temporary")
    assert answer.headers.get_all("content-length") == [str(3 * PIECE)]
    assert body == b"t" * (3 * PIECE)


def test_answers_without_a_body(server: Server) -> None:
    """304 has none; HEAD says the length and sends nothing; what fails is a 500 and not a hanging line."""
    answer, body = server.ask("GET", "/nothing")
    assert (answer.status, answer.headers["etag"], body) == (304, '"1"', b"")
    answer, body = server.ask("HEAD", "/environ")
    assert (answer.status, body) == (200, b"")
    assert server.ask("GET", "/unknown")[0].status == 500


def test_what_has_begun_is_answered_before_the_end(tmp_path: Path) -> None:
    """A restart of the platform cuts nobody's answer off."""
    for server in _serve(tmp_path):
        line = server.say(b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        server.wait_for("slow one begun")
        server.process.send_signal(signal.SIGTERM)
        assert line.makefile("rb").read().startswith(b"HTTP/1.1 200")

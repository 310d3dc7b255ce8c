"""A platform of its own for load and fault tests: durable PostgreSQL, an exam hall, real web processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from foundation.database import EmbeddedPostgres
from zhupei.config.serve import allow_open_files, web_command

# A throwaway server is fast and unsafe unless it is told otherwise.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "shared_buffers": "256MB",
}
READY_SECONDS = 60


@dataclass
class Platform:
    """Where it is, and how to hurt it."""

    server: EmbeddedPostgres
    port: int
    environ: dict[str, str]
    sitters: list[dict[str, str]] = field(default_factory=list)
    web: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> str:
        """The output of a `zhupei` command on this platform."""
        done = subprocess.run(
            [sys.executable, "-m", "zhupei.config.cli", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def web_processes(self) -> list[int]:
        """Process numbers of the web processes that serve now."""
        assert self.web is not None
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]

    @property
    def postgres(self) -> int:
        """PostgreSQL's first process."""
        return int((self.server.place / "data/postmaster.pid").read_text().split()[0])

    def kill_web_process(self) -> int:
        """kill -9 one of the web processes."""
        victim = self.web_processes()[0]
        os.kill(victim, signal.SIGKILL)
        return victim

    def kill_postgres(self) -> int:
        """kill -9 PostgreSQL's first process; its keeper starts it again."""
        victim = self.postgres
        os.kill(victim, signal.SIGKILL)
        return victim


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def exam_platform(people: int, *, minutes: int = 120, web_workers: int = 2) -> Iterator[Platform]:
    """Everything started and an exam of `people` under way; all of it is gone afterwards."""
    var = tempfile.mkdtemp(prefix="zhupei-exam-")
    Path(var, "static").mkdir()
    try:
        with EmbeddedPostgres(throwaway=True, settings=DURABLE) as server:
            port = free_port()
            environ = {
                **os.environ,
                "ZHUPEI_ENV": "development",
                "ZHUPEI_VAR": var,
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "zhupei.config.settings",
                "LOG_LEVEL": "ERROR",
                "HOST": "127.0.0.1",
                "PORT": str(port),
                "WEB_WORKERS": str(web_workers),
            }
            platform = Platform(server, port, environ)
            platform.command("migrate", "--verbosity", "0")
            hall = platform.command("exam_hall", "--people", str(people), "--minutes", str(minutes))
            platform.sitters = json.loads(hall)["sitters"]
            with _web(platform):
                yield platform
    finally:
        shutil.rmtree(var, ignore_errors=True)


@contextmanager
def _web(platform: Platform) -> Iterator[None]:
    allow_open_files()  # as `zhupei serve` does
    host, port = "127.0.0.1", platform.port
    command = web_command(host, port, int(platform.environ["WEB_WORKERS"]))
    platform.web = subprocess.Popen(command, env=platform.environ, start_new_session=True)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5):
                    break
            except OSError:
                assert time.monotonic() < deadline, "the web processes do not answer"
                time.sleep(0.1)
        yield
    finally:
        platform.web.terminate()
        try:
            platform.web.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(platform.web.pid, signal.SIGKILL)
            platform.web.wait()

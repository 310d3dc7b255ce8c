"""The `zhupei` command: OPS-01 (one command runs everything), OPS-02 (settings), interfaces 0 and 1."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "zhupei.config.cli"]
ROOT = Path(__file__).resolve().parent.parent
SECRET = "k" * 50


def environ(**values: str) -> dict[str, str]:
    """The test run's environment without its database, as an operator's shell would have it."""
    left_out = {"DATABASE_URL", "ZHUPEI_VAR", "DJANGO_SETTINGS_MODULE"}
    clean = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**clean, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1", **values}


def zhupei(*words: str, **values: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=environ(**values), capture_output=True, text=True, timeout=120, cwd="/"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(root: int) -> list[int]:
    """All living descendants of a process."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def living(pids: list[int]) -> list[int]:
    alive = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            alive.append(pid)
    return alive


def wait_until_gone(pids: list[int], seconds: float = 40) -> list[int]:
    deadline = time.monotonic() + seconds
    while living(pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return living(pids)


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


class Serving:
    """A running `zhupei serve` with a database of its own."""

    def __init__(self, var: Path, **values: str) -> None:
        self.port = free_port()
        self.log = var / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve"],
                env=environ(ZHUPEI_VAR=str(var), PORT=str(self.port), ZHUPEI_ENV="test", **values),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_words(self, words: str, seconds: float = 120) -> str:
        deadline = time.monotonic() + seconds
        while words not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)
        return self.log.read_text()

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
            return int(response.status)


@pytest.fixture
def var(tmp_path: Path) -> Path:
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp") and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o755)
    return tmp_path


@pytest.fixture
def serving(var: Path) -> Iterator[Serving]:
    running = Serving(var)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(60)


def test_serve_runs_everything_and_stops_it_cleanly(serving: Serving) -> None:
    """OPS-01: one command brings up database, web and worker; SIGTERM takes all of them down, exit code 0."""
    said = serving.await_words("按 Ctrl-C 停止")
    assert f"http://127.0.0.1:{serving.port}/" in said
    assert "短信收件箱" in said
    assert serving.get("/healthz") == 200
    assert serving.get("/readyz") == 200
    children = family(serving.process.pid)
    commands = " ".join(map(command_line, children))
    for part in ("granian", "procrastinate worker", "postgres"):
        assert part in commands
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(60) == 0
    assert wait_until_gone(children) == []


def test_serve_mends_what_dies_and_leaves_no_orphan_when_killed(serving: Serving) -> None:
    """A killed web server comes back; after kill -9 of the parent nothing runs on."""
    serving.await_words("按 Ctrl-C 停止")
    web = next(
        pid
        for pid in family(serving.process.pid)
        if "granian" in command_line(pid) and os.getpgid(pid) == pid
    )
    workers = family(web)
    os.kill(web, signal.SIGKILL)
    serving.await_words("网站服务意外退出")
    assert wait_until_gone(workers) == []
    deadline = time.monotonic() + 60
    while True:
        try:
            assert serving.get("/healthz") == 200
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    children = family(serving.process.pid)
    serving.process.kill()
    serving.process.wait()
    assert wait_until_gone(children) == []


def test_serve_says_that_the_port_is_taken(var: Path) -> None:
    """A second `make run` says at once what is wrong and how to mend it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = zhupei("serve", ZHUPEI_VAR=str(var), PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "PORT=" in done.stderr
    assert "Traceback" not in done.stderr


def test_management_commands_bring_their_own_database(var: Path) -> None:
    """`zhupei migrate` works without a running server, and the data are there for the next command."""
    assert zhupei("migrate", "-v0", ZHUPEI_VAR=str(var)).returncode == 0
    done = zhupei("showmigrations", "--plan", ZHUPEI_VAR=str(var))
    assert done.returncode == 0
    assert "[X]" in done.stdout
    assert "[ ]" not in done.stdout


def test_file_commands_need_neither_django_nor_a_database(var: Path) -> None:
    """Interfaces 1: a refusal is JSON with exit code 2; nothing is started or written."""
    done = zhupei("check-roster", str(var / "absent.xlsx"), ZHUPEI_VAR=str(var), DATABASE_URL="nonsense")
    assert done.returncode == 2
    assert json.loads(done.stdout)["refused"]
    done = zhupei("check-materials", str(var / "absent.zip"), "--roster", str(var / "absent.xlsx"))
    assert done.returncode == 2
    assert json.loads(done.stdout)["refused"]
    assert not (var / "postgres").exists()


@pytest.mark.parametrize("module", ["check_roster", "check_materials"])
def test_file_commands_do_not_load_django(module: str) -> None:
    """They answer at once because the framework stays out."""
    code = (
        f"import sys; from zhupei.cli.{module} import run; run(['/nowhere', '--roster', '/nowhere'] "
        f"if '{module}' == 'check_materials' else ['/nowhere']); sys.exit('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ(), capture_output=True, timeout=60)
    assert done.returncode == 0


def test_without_words_it_explains_itself() -> None:
    """A newcomer types the bare command first."""
    done = zhupei()
    assert done.returncode == 0
    assert "zhupei 命令" in done.stdout
    assert "serve" in done.stdout


def test_production_with_unsafe_settings_does_not_start() -> None:
    """OPS-02: every unsafe setting is named in one go."""
    done = zhupei("serve", ZHUPEI_ENV="production", ZHUPEI_DEBUG="1")
    assert done.returncode == 1
    for name in (
        "ZHUPEI_DEBUG",
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "BLIND_INDEX_KEY",
        "ALLOWED_HOSTS",
        "SMS_GATEWAY",
        "DATABASE_URL",
    ):
        assert f"\n  {name}（" in done.stderr
    assert "Traceback" not in done.stderr

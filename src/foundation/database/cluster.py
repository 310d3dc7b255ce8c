"""One data folder and the `postgres` process that serves it: prepare, start, stop, mend after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from foundation.database.errors import DatabaseServerError
from foundation.database.programs import Account, Programs
from foundation.processes import die_with_parent

SUPERUSER = "zhupei"
PORT = 5432  # only part of the socket's file name; the server opens no network port
START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_LIMIT = 5_000_000

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


@dataclass
class Cluster:
    """A data folder below `place`; `sockets` is the private folder through which clients reach the server."""

    place: Path
    sockets: Path
    throwaway: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data = self.place / "data"
        self.log = self.place / "postgres.log"
        self.account = Account.for_data(self.data)
        self.programs = Programs(self.account)

    def prepare(self) -> None:
        """Make the data folder once (`initdb`); an interrupted attempt is thrown away and made anew."""
        self.account.own(self.sockets)
        if (self.data / "PG_VERSION").is_file():
            self._check_version()
            self.account.own(self.data)
            return
        partial = self.place / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        self.account.own(partial)
        done = subprocess.run(
            self.programs.command(
                "initdb",
                *("--pgdata", partial, "--username", SUPERUSER, "--encoding", "UTF8"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C.UTF-8"),
                *("--auth-local", "trust", "--auth-host", "reject", "--no-instructions"),
                *(("--no-sync",) if self.throwaway else ("--data-checksums",)),
            ),
            cwd="/",
            capture_output=True,
            text=True,
            **self.account.popen,
        )
        if done.returncode != 0:
            raise DatabaseServerError(
                f"PostgreSQL's data folder {self.data} could not be made:\n{done.stderr}"
            )
        partial.rename(self.data)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != self.programs.major:
            raise DatabaseServerError(
                f"The data in {self.data} were made by PostgreSQL {made_by}, the installed one is "
                f"{self.programs.major}: dump them with the old version and load them with the new one, "
                "or move the folder away to begin anew."
            )

    def start(self) -> None:
        """Start `postgres` as a direct child and return when it takes connections."""
        self._end_leftover()
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        settings = {
            **SETTINGS,
            **(THROWAWAY_SETTINGS if self.throwaway else {}),
            "unix_socket_directories": str(self.sockets),
            **self.settings,
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.programs.command("postgres", "-D", self.data, *arguments),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we end the server when its users are gone
                preexec_fn=die_with_parent(signal.SIGINT),
                **self.account.popen,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None:
                raise DatabaseServerError(f"PostgreSQL did not start:\n{self.last_words()}")
            if time.monotonic() > deadline:
                self.stop()
                raise DatabaseServerError(
                    f"PostgreSQL was not ready within {START_SECONDS:.0f} s: {self.log}"
                )
            time.sleep(0.01)

    def is_ready(self) -> bool:
        """Does the running server take connections? It writes so into its lock file, as `pg_ctl` reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        mine = self.process is not None and lines[:1] == [str(self.process.pid)]
        return mine and len(lines) >= 8 and lines[7].strip() == "ready"

    def is_running(self) -> bool:
        """Is our `postgres` process there?"""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop the server (clients are disconnected, nothing committed is lost) and reap it."""
        if self.process is None:
            return
        for word, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is None:
                self.process.send_signal(word)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue
        self.process = None

    def last_words(self) -> str:
        """The end of the server's log."""
        try:
            return self.log.read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def _end_leftover(self) -> None:
        """Wait for a server that lost its keeper to stop; remove the lock file that a killed one left behind.

        The caller holds the keeper's lock, so nobody else looks after this data folder.
        """
        lock = self.data / "postmaster.pid"
        deadline = time.monotonic() + STOP_SECONDS
        told = False
        while (pid := _pid_in(lock)) is not None:
            if not _serves(pid, self.data):
                lock.unlink(missing_ok=True)
                return
            if not told:
                os.kill(pid, signal.SIGINT)
                told = True
            if time.monotonic() > deadline:
                raise DatabaseServerError(
                    f"Another PostgreSQL (process {pid}) holds {self.data}: end it first."
                )
            time.sleep(0.05)


def _pid_in(lock: Path) -> int | None:
    try:
        return int(lock.read_text().splitlines()[0])
    except (OSError, IndexError, ValueError):
        return None


def _serves(pid: int, data: Path) -> bool:
    """Is process `pid` a living `postgres` that serves `data`? A zombie (killed, not reaped) is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and Path(f"/proc/{pid}/cwd").resolve() == data.resolve()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    except OSError:
        return False  # not ours, so not our server
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True

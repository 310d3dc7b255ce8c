"""The embedded PostgreSQL as its users see it: enter, connect by `url`, leave."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, unquote, urlsplit

from foundation.database.cluster import SUPERUSER
from foundation.database.errors import DatabaseServerError
from foundation.database.keeper import READY, SOCKET_NAME
from foundation.database.programs import SYSTEM_PLACE, reachable_by_others

SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432.lock")
CONNECT_SECONDS = 90.0
STOP_SECONDS = 45.0
SOURCE_FOLDER = Path(__file__).resolve().parents[2]


class EmbeddedPostgres:
    """A PostgreSQL server kept in `var` (a folder of the checkout), shared by all commands of this checkout.

    `with EmbeddedPostgres(var) as server:` starts it or joins the running one; it stops when the last user
    has left, however that user ended. `server.url` names the database; the file `var/postgres.url` holds it
    while the server runs.

    As root the server runs as `nobody`, with the data in `/var/lib/zhupei` where `nobody` can't reach `var`.
    `throwaway=True` makes a fast, unsafe server for tests in a folder of its own that is removed afterwards.
    """

    def __init__(
        self,
        var: Path | None = None,
        *,
        database: str = "zhupei",
        throwaway: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.database = database
        self.throwaway = throwaway
        self.settings = dict(settings or {})
        if throwaway:
            self.var = None
            self.place = Path(tempfile.mkdtemp(prefix="zhupei-test-", dir=var))
            if os.geteuid() == 0:
                self.place.chmod(0o711)
        else:
            if var is None:
                raise ValueError("A server that is kept needs a folder")
            self.var = var.resolve()
            self.var.mkdir(parents=True, exist_ok=True)
            self.place = place_for(self.var)
            self.place.mkdir(parents=True, exist_ok=True)
        self.sockets = sockets_for(self.place)
        self._keeper: subprocess.Popen[bytes] | None = None
        self._hold: socket.socket | None = None

    @property
    def url(self) -> str:
        """The address of the platform's database, for libpq, psycopg and Django alike."""
        return self.url_for(self.database)

    def url_for(self, database: str) -> str:
        """The address of another database of the same server."""
        return f"postgresql://{SUPERUSER}@{quote(str(self.sockets), safe='')}/{quote(database, safe='')}"

    def start(self) -> None:
        """Start the server, or join the one that runs; returns when it takes connections.

        Raises DatabaseServerError when the data can't be made or served.
        """
        deadline = time.monotonic() + CONNECT_SECONDS
        while self._hold is None:
            self._hold = self._join()
            if self._hold is None:
                if time.monotonic() > deadline:
                    raise DatabaseServerError(f"The embedded PostgreSQL in {self.place} does not answer.")
                if self._keeper is None or self._keeper.poll() is not None:
                    self._keeper = self._spawn()
                time.sleep(0.02)
        if self.database != "postgres":
            ensure_database(self.url)

    def is_alive(self) -> bool:
        """False once the server has been stopped under us; `start()` then starts it again."""
        if self._hold is None:
            return False
        self._hold.setblocking(False)
        try:
            gone = self._hold.recv(64) == b""
        except BlockingIOError:
            return True
        if gone:
            self.stop()
        return not gone

    def stop(self) -> None:
        """Leave. If nobody else uses the server, it is stopped, and this returns when it has stopped."""
        if self._hold is None:
            return
        with contextlib.suppress(OSError), self._hold as hold:
            hold.settimeout(STOP_SECONDS)
            hold.shutdown(socket.SHUT_WR)
            while hold.recv(64):
                pass
        self._hold = None
        if self._keeper is not None and self._keeper.poll() is not None:
            self._keeper = None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _join(self) -> socket.socket | None:
        """A connection to the keeper whose server is ready, or None when there is no keeper."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(str(self.sockets / SOCKET_NAME))
            answer = connection.recv(65536)
        except (FileNotFoundError, ConnectionError):
            connection.close()
            return None
        except PermissionError as error:
            connection.close()
            raise DatabaseServerError(
                f"The database in {self.place} belongs to another user: run this as that user."
            ) from error
        if answer == READY:
            return connection
        connection.close()
        if answer:
            raise DatabaseServerError(answer.decode(errors="replace"))
        return None  # it was just ending

    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start a keeper. It ends at once if another one is at work, and outlives us if others need it."""
        if self._keeper is not None and self._keeper.returncode:
            raise DatabaseServerError(
                f"The embedded PostgreSQL failed:\n{self._keeper_log.read_text()[-2000:]}"
            )
        order = {
            "place": str(self.place),
            "sockets": str(self.sockets),
            "throwaway": self.throwaway,
            "settings": self.settings,
            "url_file": str(self.var / "postgres.url") if self.var else "",
            "url": self.url,
        }
        path = os.pathsep.join(filter(None, [str(SOURCE_FOLDER), os.environ.get("PYTHONPATH", "")]))
        with self._keeper_log.open("wb") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    "from foundation.database.keeper import main; main()",
                    json.dumps(order),
                ],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def _keeper_log(self) -> Path:
        return self.place / "keeper.log"


def place_for(var: Path) -> Path:
    """Where the data of the checkout with the folder `var` are.

    Inside `var`, except that root, whose server runs as `nobody`, goes to a system folder when `nobody` can't
    walk down to `var`. That folder's name is kept in `var` and bound to its path: a copied or newly cloned
    checkout begins with data of its own.
    """
    inside = var / "postgres"
    if os.geteuid() != 0 or inside.exists() or reachable_by_others(var):
        return inside
    name = var / "postgres.id"
    if not name.exists():
        name.write_text(secrets.token_hex(8))
    return SYSTEM_PLACE / hashlib.sha256(f"{var}\n{name.read_text()}".encode()).hexdigest()[:16]


def sockets_for(place: Path) -> Path:
    """The private folder of the server's sockets; the system allows their path 107 bytes only."""
    inside = place / "run"
    if len(os.fsencode(inside)) <= SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    return Path("/tmp") / f"zhupei-{os.geteuid()}-{digest}"


def ensure_database(url: str) -> bool:
    """Create the database that `url` names unless it exists. True when it was created.

    The account must be allowed to connect to the database `postgres` and to create databases.
    """
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    maintenance = parts._replace(path="/postgres").geturl()
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found:
            return False
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return False  # another command was quicker
    return True

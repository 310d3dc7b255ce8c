"""The process that looks after one embedded PostgreSQL for all commands that use it at the same time.

A command holds a connection to the keeper as long as it needs the database. The kernel closes it however the
command ends, so the keeper knows when the last user is gone: then it stops the server and ends. If the keeper
itself is killed, the server stops by `PR_SET_PDEATHSIG`. A crashed server is started again.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from foundation.database.cluster import Cluster
from foundation.database.errors import DatabaseServerError

READY = b"ready\n"
SOCKET_NAME = "keeper"
POLL_SECONDS = 0.5
RESTARTS_PER_MINUTE = 5


@dataclass
class Keeper:
    """Serves `cluster` to whoever is connected to `<sockets>/keeper`; `url_file` tells people the address."""

    cluster: Cluster
    url_file: Path | None = None
    url: str = ""
    users: set[socket.socket] = field(default_factory=set)
    restarts: list[float] = field(default_factory=list)
    ended: bool = False

    def run(self) -> None:
        """Look after the server until its last user is gone. Returns at once if another keeper does it."""
        place = self.cluster.place
        with (place / "keeper.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.cluster.account.own(self.cluster.sockets)
            address = self.cluster.sockets / SOCKET_NAME
            address.unlink(missing_ok=True)
            with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
                listener.bind(str(address))
                listener.listen(64)
                selector.register(listener, selectors.EVENT_READ)
                try:
                    self._serve(listener, selector)
                finally:
                    address.unlink(missing_ok=True)
                    self._end()

    def _serve(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        try:
            self.cluster.prepare()
            self.cluster.start()
        except (DatabaseServerError, OSError) as error:
            listener.settimeout(5)
            with contextlib.suppress(OSError), listener.accept()[0] as user:
                user.sendall(str(error).encode())
            return
        if self.url_file:
            self.url_file.write_text(self.url + "\n")
        first_user_by = time.monotonic() + 30
        while not self.ended:
            for key, _ in selector.select(POLL_SECONDS):
                if key.fileobj is listener:
                    self._welcome(listener.accept()[0], selector)
                elif isinstance(key.fileobj, socket.socket) and not _receive(key.fileobj):
                    selector.unregister(key.fileobj)
                    self.ended = self.users == {
                        key.fileobj
                    }  # the last one is told when the server has stopped
                    if not self.ended:
                        self.users.discard(key.fileobj)
                        key.fileobj.close()
            if not self.users and time.monotonic() > first_user_by:
                return
            if not self.cluster.is_running():
                self._revive()

    def _welcome(self, user: socket.socket, selector: selectors.BaseSelector) -> None:
        with contextlib.suppress(OSError):  # it may have gone already: then reading says so
            user.sendall(READY)
        self.users.add(user)
        selector.register(user, selectors.EVENT_READ)

    def _revive(self) -> None:
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 60] + [now]
        if len(self.restarts) > RESTARTS_PER_MINUTE:
            self.ended = True
            return
        try:
            self.cluster.start()
        except DatabaseServerError as error:  # remains of the old one may still be going away: next round
            sys.stderr.write(f"{error}\n")

    def _end(self) -> None:
        if self.url_file:
            self.url_file.unlink(missing_ok=True)
        self.cluster.stop()
        if self.cluster.throwaway:
            shutil.rmtree(self.cluster.place, ignore_errors=True)
        for user in self.users:
            user.close()


def _receive(user: socket.socket) -> bytes:
    try:
        return user.recv(64)
    except OSError:
        return b""


def main() -> None:
    """Entry of the keeper's process; its order is one JSON argument made by `EmbeddedPostgres`."""
    order = json.loads(sys.argv[1])
    cluster = Cluster(
        Path(order["place"]), Path(order["sockets"]), throwaway=order["throwaway"], settings=order["settings"]
    )
    keeper = Keeper(cluster, Path(order["url_file"]) if order["url_file"] else None, order["url"])
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keeper.run()

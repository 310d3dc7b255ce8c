"""Micro-batching of saves: what arrives while one batch is being committed makes the next one (EXM-05).

Requests hand in a change and await its outcome; a few flusher threads, each with a connection of its own,
commit what has gathered. An idle flusher begins at once, so nobody waits long for company. Threads and connections
are made on first use, in the process that uses them: after a fork a batcher begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import psycopg
import structlog
from django.db import connections

from zhupei.exam.hall import saving
from zhupei.exam.hall.saving import BUSY, Change, Outcome

logger = structlog.get_logger(__name__)

# Seconds that a change waits for a database that is away; it recovers from a crash in about one.
PATIENCE = 3.0
FLUSHERS = 1  # two make smaller batches, which cost the database more
GATHER = 0.002  # seconds that a busy flusher lets changes gather
CROWD = 8  # changes in the last batch from which on it is busy
LIMIT = 128
PAUSES = (0.02, 0.05, 0.1, 0.2)
BUSY_PAUSE = 0.005

T = TypeVar("T")


def connect() -> psycopg.Connection:
    """A connection of our own to Django's database, in autocommit mode."""
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    parameters.setdefault("connect_timeout", 2)
    parameters.setdefault("tcp_user_timeout", 5000)
    return psycopg.connect(**parameters, autocommit=True, prepare_threshold=0)


class Lane:
    """One connection, made when it is needed and made anew when it was lost. For one thread at a time."""

    def __init__(self, connect: Callable[[], psycopg.Connection] = connect) -> None:
        self._connect = connect
        self._connection: psycopg.Connection | None = None
        self.is_down = False

    def run(self, work: Callable[[psycopg.Connection], T], until: float) -> T:
        """What `work` returns. A lost connection is replaced and the work done again, until `until` (monotonic).

        While the database is known to be away it is tried only once. Raises psycopg.Error.
        """
        for pause in _pauses():
            try:
                if self._connection is None:
                    self._connection = self._connect()
                result = work(self._connection)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self.close()
                if self.is_down or time.monotonic() + pause > until:
                    self.is_down = True
                    raise
                time.sleep(pause)
            except BaseException:
                self.close()
                raise
            else:
                self.is_down = False
                return result
        raise AssertionError

    def close(self) -> None:
        """Close the connection; another use makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _pauses() -> Iterator[float]:
    yield from PAUSES
    while True:
        yield PAUSES[-1]


def store(connection: psycopg.Connection, changes: Sequence[Change]) -> list[Outcome]:
    """Store and commit (the connection is in autocommit mode); the outcomes hold once this returns."""
    return saving.save_batch(connection.cursor(), changes)


class Item:
    """A change that waits for its outcome, until a moment (monotonic) when it is told that it must come again."""

    __slots__ = ("change", "outcome", "until")

    def __init__(self, change: Change, until: float) -> None:
        self.change = change
        self.until = until
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()


Settled = list[tuple[asyncio.Future[Outcome], Outcome]]


def _tell(settled: Settled) -> None:
    for future, outcome in settled:
        if not future.done():  # who asked may have given up
            future.set_result(outcome)


class Batcher:
    """Commits the changes of many requests together."""

    def __init__(
        self,
        store: Callable[[psycopg.Connection, Sequence[Change]], list[Outcome]] = store,
        connect: Callable[[], psycopg.Connection] = connect,
        *,
        flushers: int = FLUSHERS,
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._connect = connect
        self._flushers = flushers
        self._patience = patience
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    async def save(self, change: Change) -> Outcome:
        """Once the change is on disk or refused. Answers within twice the patience, whatever happens."""
        item = Item(change, time.monotonic() + self._patience)
        with self._mutex:
            if not self._threads:
                self._start()
            self._queue.append(item)
            if self._idle:
                self._arrived.notify()
        return await item.outcome

    def close(self) -> None:
        """Store what waits, then end threads and connections; another use begins anew."""
        with self._mutex:
            self._is_closing = True
            self._arrived.notify_all()
        for thread in self._threads:
            thread.join()
        self._begin()

    def _begin(self) -> None:
        self._mutex = threading.Lock()
        self._arrived = threading.Condition(self._mutex)
        self._queue: deque[Item] = deque()
        self._in_flight: set[int] = set()
        self._idle = 0
        self._is_closing = False
        self._threads: list[threading.Thread] = []

    def _start(self) -> None:
        for number in range(self._flushers):
            thread = threading.Thread(target=self._serve, name=f"saves-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        lane = Lane(self._connect)
        batch: list[Item] = []
        while True:
            if len(batch) >= CROWD:
                time.sleep(GATHER)
            batch = self._next()
            if not batch:
                lane.close()
                return
            try:
                outcomes = self._flush(lane, batch)
            except Exception:
                logger.exception("saves_failed", changes=len(batch))
                outcomes = [saving.refusal("unavailable") for _ in batch]
            self._finish(batch, outcomes)

    def _next(self) -> list[Item]:
        """What has gathered; of one attempt one change only, the later ones keep their turn. Nothing at the end."""
        with self._mutex:
            while True:
                batch: list[Item] = []
                later: list[Item] = []
                while self._queue and len(batch) < LIMIT:
                    item = self._queue.popleft()
                    if item.change.attempt_id in self._in_flight:
                        later.append(item)
                    else:
                        self._in_flight.add(item.change.attempt_id)
                        batch.append(item)
                self._queue.extendleft(reversed(later))
                if batch or self._is_closing:
                    return batch
                self._idle += 1
                self._arrived.wait()
                self._idle -= 1

    def _flush(self, lane: Lane, batch: list[Item]) -> list[Outcome]:
        """Store them together; when one of them spoils it for all, each for itself."""
        until = min(item.until for item in batch)
        changes = [item.change for item in batch]
        try:
            return lane.run(lambda connection: self._store(connection, changes), until)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            logger.warning("saves_unavailable", error=type(error).__name__, changes=len(batch))
            return [saving.refusal("unavailable") for _ in batch]
        except psycopg.Error:
            if len(batch) == 1:
                raise
        outcomes: list[Outcome] = []
        for item in batch:
            try:
                outcomes += self._flush(lane, [item])
            except psycopg.Error:
                logger.exception("save_failed", attempt=item.change.attempt_id)
                outcomes.append(saving.refusal("unavailable"))
        return outcomes

    def _finish(self, batch: list[Item], outcomes: Sequence[Outcome]) -> None:
        """Tell who waits; whose attempt was just being submitted comes again."""
        now = time.monotonic()
        again = [
            item
            for item, outcome in zip(batch, outcomes, strict=True)
            if outcome is BUSY and now < item.until
        ]
        if len(again) == len(batch):
            time.sleep(BUSY_PAUSE)
        with self._mutex:
            self._in_flight.difference_update(item.change.attempt_id for item in batch)
            self._queue.extendleft(reversed(again))
            if self._idle and self._queue:
                self._arrived.notify()
        # One call a batch: waking the loop costs more than telling it.
        settled: defaultdict[asyncio.AbstractEventLoop, Settled] = defaultdict(list)
        for item, outcome in zip(batch, outcomes, strict=True):
            if outcome is BUSY and now >= item.until:
                outcome = saving.refusal("unavailable")
            if outcome is not BUSY:
                settled[item.outcome.get_loop()].append((item.outcome, outcome))
        for loop, pairs in settled.items():
            with contextlib.suppress(RuntimeError):  # the loop has ended, nobody waits there
                loop.call_soon_threadsafe(_tell, pairs)

"""Several connections at once: acts that begin together, and waiting until somebody really waits for a lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from foundation.errors import DomainError

PATIENCE_S = 30


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Results, or refusals' codes, of acts that run at the same time, each on a connection of its own."""
    results: list[Any] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = act()
        except DomainError as refusal:
            results[place] = refusal.code
        except Exception as mishap:
            results[place] = mishap
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return results


def until_somebody_waits() -> None:
    """Return once another connection to this server, which is this process's own, waits for a lock."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            # what is locked is always looked at anew; pg_stat_activity is not within a transaction
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waited for a lock")

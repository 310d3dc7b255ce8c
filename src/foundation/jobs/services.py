"""Start long work, report its progress, run it exactly as often as needed.

A function registered by `background` gets a `Progress` and its keyword arguments. It must be idempotent: a worker that
dies leaves its job `running`, and the rescue task runs it again from the start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from foundation.errors import DomainError
from foundation.jobs import queue
from foundation.jobs.models import Job, JobState
from foundation.scoping import Actor

logger = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 0.3
_TASKS: dict[str, Callable[..., dict[str, Any] | None]] = {}


class Progress:
    """Writes done/total to the job's row, at most a few times a second."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._written = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._written < WRITE_EVERY_SECONDS:
            return
        self._written = now
        Job.objects.filter(pk=self.job.pk).update(done=done, total=total)


def background(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the long work `name`; it returns the job's result (JSON) or None."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _TASKS[name] = function
        return function

    return register


def start(actor: Actor, task: str, title: str, **arguments: Any) -> Job:
    """Enqueue `task` in the caller's transaction; the page shows the returned Job's progress."""
    if task not in _TASKS:
        raise LookupError(f"no background task is registered as {task}")
    job = Job.objects.create(
        task=task, title=title[:200], owner_key=actor.key, user=actor.user, arguments=arguments
    )
    queue.defer("foundation.jobs.run", job_id=str(job.pk))
    return job


def run(job_id: str) -> Job:
    """Run one job to its end; a finished one is left alone. Refusals become the job's error, told to the person."""
    job = Job.objects.get(pk=job_id)
    if job.is_over:
        return job
    job.state, job.started_at = JobState.RUNNING, timezone.now()
    job.save(update_fields=["state", "started_at"])
    try:
        result = _TASKS[job.task](Progress(job), **job.arguments)
        outcome: dict[str, Any] = {"state": JobState.SUCCEEDED, "result": result or {}}
    except DomainError as refusal:
        outcome = {"state": JobState.FAILED, "error": refusal.message}
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.task)
        outcome = {
            "state": JobState.FAILED,
            "error": f"处理时出现意外，已记录（编号 {str(job.pk)[:8]}）。请再试一次，仍不成功请联系技术支持。",
        }
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now(), **outcome)
    job.refresh_from_db()
    return job


def run_pending() -> int:
    """Run everything that is queued, in this process; for tests and set-up. Returns how many jobs ran."""
    count = 0
    while job := Job.objects.filter(state=JobState.QUEUED).order_by("created_at").first():
        run(str(job.pk))
        count += 1
    return count

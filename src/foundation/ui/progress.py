"""The fragment that the job-progress component polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class JobView:
    """How far a long piece of work is: `state` is `running`, `done` or `failed`; `total` 0 means not known.

    `problems` are sentences or dicts with `label` and `message`; `result_url` is where the result is.
    """

    state: str
    done: int = 0
    total: int = 0
    message: str = ""
    problems: Sequence[Any] = ()
    result_url: str = ""
    result_label: str = "查看结果"
    reload: bool = False


def view_of(job: Any, **changes: Any) -> JobView:
    """A `JobView` of a row of foundation.jobs, whose `result` may hold `message` and `problems`."""
    states = {"queued": "running", "running": "running", "succeeded": "done", "failed": "failed"}
    state = states[job.state]
    result = job.result or {}
    values: dict[str, Any] = {
        "state": state,
        "done": job.done,
        "total": job.total,
        "message": job.error
        if state == "failed"
        else result.get("message", "")
        if state == "done"
        else job.title,
        "problems": result.get("problems", ()),
    }
    return JobView(**(values | changes))


def render_progress(request: HttpRequest, job: Any, url: str, **changes: Any) -> HttpResponse:
    """Answer a poll of `<c-job-progress url=…>`: `job` is a `JobView` or a row of foundation.jobs."""
    view = job if isinstance(job, JobView) else view_of(job, **changes)
    return render(request, "ui/job_progress.html", {"job": view, "url": url})

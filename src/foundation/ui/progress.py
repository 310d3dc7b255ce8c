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


def view_of(job: Any, **when_done: Any) -> JobView:
    """A row of foundation.jobs as the component shows it; `when_done` stands for what its result would say.

    The task's result may hold `message`, `problems` (sentences, or dicts with `label` and `message`), `url` and
    `label` (where the result is to be had) and `reload` (the page itself shows the result).
    """
    if job.state == "failed":
        return JobView("failed", job.done, job.total, job.error)
    if job.state != "succeeded":
        return JobView("running", job.done, job.total, job.title)
    result = job.result or {}
    told: dict[str, Any] = {
        "message": result.get("message") or f"{job.title}：已完成",
        "problems": result.get("problems") or (),
        "result_url": result.get("url") or "",
        "result_label": result.get("label") or "查看结果",
        "reload": bool(result.get("reload")),
    }
    return JobView("done", job.done, job.total, **(told | when_done))


def render_progress(request: HttpRequest, view: JobView, url: str) -> HttpResponse:
    """Answer a poll of `<c-job-progress url=…>`; the next poll has to ask anew."""
    response = render(request, "ui/job_progress.html", {"job": view, "url": url})
    response["Cache-Control"] = "no-store"
    return response

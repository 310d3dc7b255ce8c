"""How far long work is: the fragment that `<c-job-progress>` polls."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from foundation.jobs.models import Job, JobState
from foundation.requests import PortalRequest
from foundation.ui.progress import JobView, render_progress
from zhupei.portals.shared.access import signed_in


def job_view(job: Job) -> JobView:
    """A Job as the component shows it.

    The task's result may hold `message`, `problems` (sentences, or dicts with `label` and `message`), `url` and
    `label` (where the result is to be had) and `reload` (the page itself shows the result).
    """
    if job.state == JobState.FAILED:
        return JobView("failed", job.done, job.total, job.error)
    if job.state != JobState.SUCCEEDED:
        return JobView("running", job.done, job.total, job.title)
    result = job.result or {}
    return JobView(
        "done",
        job.done,
        job.total,
        result.get("message") or f"{job.title}：已完成",
        result.get("problems") or (),
        result.get("url") or "",
        result.get("label") or "查看结果",
        bool(result.get("reload")),
    )


@signed_in
def job(request: PortalRequest, pk: uuid.UUID) -> HttpResponse:
    """One job of the actor's body."""
    found = get_object_or_404(Job.objects.visible_to(request.actor), pk=pk)
    response = render_progress(request, job_view(found), request.path)
    response["Cache-Control"] = "no-store"
    return response

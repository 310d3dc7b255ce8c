"""Long work in the background (architecture.md 5)."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from foundation.errors import DomainError
from foundation.jobs import services
from foundation.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


@services.background("tests.count")
def count(progress, upto: int) -> dict:
    for number in range(upto):
        progress(number + 1, upto)
    return {"counted": upto}


@services.background("tests.refuse")
def refuse(progress) -> None:
    raise DomainError("no", "文件已被删除，请重新上传。")


@services.background("tests.crash")
def crash(progress) -> None:
    raise ZeroDivisionError


def test_a_job_is_enqueued_in_the_transaction_and_reports_progress_and_result(world):
    """MAT-02: progress and result survive a reload because they're rows."""
    actor = world.actor(world.organization())

    job = services.start(actor, "tests.count", "清点", upto=5)

    assert (
        ProcrastinateJob.objects.filter(task_name="foundation.jobs.run", args={"job_id": str(job.pk)}).count()
        == 1
    )
    job = services.run(str(job.pk))
    assert (job.state, job.done, job.total, job.result) == (JobState.SUCCEEDED, 5, 5, {"counted": 5})
    assert job.percent == 100


def test_a_refusal_is_told_and_a_crash_gives_a_number_to_quote(world):
    """Bad input gets a sentence; an accident says what to do and is not swallowed."""
    actor = world.actor(world.organization())
    refused = services.start(actor, "tests.refuse", "一")
    crashed = services.start(actor, "tests.crash", "二")

    assert services.run_pending() == 2

    refused.refresh_from_db(), crashed.refresh_from_db()
    assert (refused.state, refused.error) == (JobState.FAILED, "文件已被删除，请重新上传。")
    assert str(crashed.pk)[:8] in crashed.error and "ZeroDivision" not in crashed.error


def test_a_job_left_running_by_a_dead_worker_runs_again_and_a_finished_one_does_not(world):
    """Jobs are rescued after a crash; running twice is harmless."""
    job = services.start(world.actor(world.organization()), "tests.count", "清点", upto=1)
    Job.objects.update(state=JobState.RUNNING)

    first = services.run(str(job.pk))
    again = services.run(str(job.pk))

    assert first.state == again.state == JobState.SUCCEEDED
    assert first.finished_at == again.finished_at


def test_a_stranger_sees_no_job_and_unknown_tasks_are_refused(world):
    """SEC-01: a job belongs to the body that started it."""
    actor = world.actor(world.organization())
    services.start(actor, "tests.count", "清点", upto=1)

    assert Job.objects.visible_to(actor).count() == 1
    assert not Job.objects.visible_to(world.actor(world.organization())).exists()
    with pytest.raises(LookupError):
        services.start(actor, "tests.nothing", "无")

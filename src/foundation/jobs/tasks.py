"""The worker's entry points: run a job; bring back what a dead worker left behind."""

import datetime as dt

from procrastinate.contrib.django import app

from foundation.jobs import services

STALLED_AFTER_SECONDS = 60


@app.task(name="foundation.jobs.run")
def run(job_id: str) -> None:
    services.run(job_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="jobs-rescue", pass_context=True)
async def rescue_stalled(context, timestamp: int) -> None:  # type: ignore[no-untyped-def]
    """A worker killed outright leaves its jobs `doing` for ever; they are queued again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job, retry_at=dt.datetime.now(dt.UTC))

"""Uses that count no more are swept every hour."""

from procrastinate.contrib.django import app

from foundation.limits import services


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="limits-sweep", pass_context=False)
def sweep_uses(timestamp: int) -> None:
    services.sweep()

"""Plans follow their dates by themselves (TRN-04)."""

from procrastinate.contrib.django import app

from zhupei.training import services


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="plans-follow-dates", pass_context=False)
def plans_follow_dates(timestamp: int) -> None:
    services.follow_dates()

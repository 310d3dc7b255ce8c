"""Assessment plans follow the clock by themselves."""

from procrastinate.contrib.django import app

from zhupei.assessment import services


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="assessments-follow-clock", pass_context=False)
def assessments_follow_clock(timestamp: int) -> None:
    services.follow_clock()

"""Assessment plans follow the clock by themselves; printouts for many people are made in the background."""

from typing import Any

from procrastinate.contrib.django import app

from foundation.jobs.services import Progress, background
from zhupei.assessment import services
from zhupei.assessment.services import printouts


@background(printouts.MAKE)
def make_printout(progress: Progress, plan_id: int, paper: str, owner_key: str) -> dict[str, Any]:
    """Draw the printout and keep it; the argument's name is the one that waiting jobs bear; one made before is replaced."""
    return printouts.make(plan_id, paper, owner_key, progress)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="assessments-follow-clock", pass_context=False)
def assessments_follow_clock(timestamp: int) -> None:
    services.follow_clock()

"""Background work of the exam: papers ahead of the start, the end of everybody's time, the answers' partitions."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from foundation.errors import DomainError
from foundation.jobs.services import Progress, background
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.exam.hall.partitions import ensure_partitions
from zhupei.exam.hall.services import attempts
from zhupei.exam.papers import services as papers


@background(papers.PREPARE)
def prepare_papers(progress: Progress, plan_id: int) -> dict[str, Any]:
    """Draw the papers that are missing; a second run finds nothing to do. Their answers' partitions come first."""
    ensure_partitions()
    plan = AssessmentPlan.objects.get(pk=plan_id)
    if plan.stage not in (AssessmentStage.ONLINE_CONFIRMED, AssessmentStage.RUNNING):
        raise DomainError("called_off", "本次考核安排已取消，不再准备试卷。")
    return {"papers": papers.prepare_papers(plan, progress)}


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exam-close-due", pass_context=False)
def close_due(timestamp: int) -> None:
    """Whoever did not submit in time is submitted (EXM-04)."""
    attempts.close_due()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="exam-missing-papers", pass_context=False)
def missing_papers(timestamp: int) -> None:
    """Nobody comes to an exam of the next day without a paper (EXM-02)."""
    papers.prepare_missing()


@app.periodic(cron="20 2 * * *")
@app.task(queueing_lock="exam-partitions", pass_context=False)
def answers_partitions(timestamp: int) -> None:
    """The months to come have their partitions before anybody answers in them."""
    ensure_partitions()

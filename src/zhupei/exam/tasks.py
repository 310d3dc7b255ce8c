"""Background work of the exam: papers ahead of the start."""

from __future__ import annotations

from typing import Any

from foundation.jobs.services import Progress, background
from zhupei.assessment.models import AssessmentPlan
from zhupei.exam.services import papers


@background(papers.PREPARE)
def prepare_papers(progress: Progress, plan_id: int) -> dict[str, Any]:
    """Draw the papers that are missing; a second run finds nothing to do."""
    return {"papers": papers.prepare_papers(AssessmentPlan.objects.get(pk=plan_id), progress)}

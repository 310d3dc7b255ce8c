"""Time in the exam's tests: the clock stays, the exam moves."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from zhupei.assessment.models import AssessmentPlan, Session
from zhupei.exam.hall.models import Attempt


def pass_time(plan: AssessmentPlan, minutes: float) -> None:
    """So many minutes of the exam go by (negative ones come back)."""
    span = dt.timedelta(minutes=minutes)
    Session.objects.filter(plan=plan).update(starts_at=F("starts_at") - span, ends_at=F("ends_at") - span)
    Attempt.objects.filter(candidate__plan=plan).update(
        ends_at=F("ends_at") - span, submit_from=F("submit_from") - span
    )

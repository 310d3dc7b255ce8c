"""Where this portal shows what messages are about."""

from __future__ import annotations

from foundation.links import link
from zhupei.assessment.models import AssessmentPlan
from zhupei.exam.bank.models import Question
from zhupei.exam.scores.models import ScoreReport
from zhupei.organizations.models import Institution, Organization, OrganizationChange
from zhupei.training.models import TrainingPlan


def register() -> None:
    """Called once at start-up."""
    link("authority", Organization, "authority:organization")
    link("authority", OrganizationChange, "authority:change")
    link("authority", Institution, "authority:institution_file")
    link("authority", TrainingPlan, "authority:plan")
    link("authority", AssessmentPlan, "authority:assessment")
    link("authority", ScoreReport, "authority:score")
    link("authority", Question, "authority:bank_question")

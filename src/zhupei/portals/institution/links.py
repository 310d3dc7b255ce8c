"""Where this portal shows what messages are about."""

from __future__ import annotations

from foundation.links import link
from zhupei.assessment.models import AssessmentPlan
from zhupei.billing.models import Order
from zhupei.enrollment.models import Enrollment
from zhupei.exam.scores.models import ScoreAppeal, ScoreReport
from zhupei.organizations.models import Institution
from zhupei.training.models import TrainingPlan


def register() -> None:
    """Called once at start-up."""
    link("institution", Institution, every="institution:profile")
    link("institution", Enrollment, every="institution:eligibility")
    link("institution", Order, "institution:payment")
    link("institution", TrainingPlan, "institution:plan")
    link("institution", AssessmentPlan, "institution:assessment")
    link("institution", ScoreReport, "institution:score")
    link("institution", ScoreAppeal, "institution:appeal")

"""Where this portal shows what messages are about."""

from __future__ import annotations

from django.urls import reverse

from foundation.links import link
from zhupei.assessment.models import AssessmentPlan
from zhupei.billing.models import Order
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.organizations.models import Organization, OrganizationChange
from zhupei.training.models import TrainingPlan


def register() -> None:
    """Called once at start-up."""
    link("enterprise", Organization, _own)
    link("enterprise", OrganizationChange, every="enterprise:profile")
    link("enterprise", Batch, "enterprise:batch")
    link("enterprise", Enrollment, every="enterprise:people")
    link("enterprise", Order, "enterprise:order")
    link("enterprise", TrainingPlan, "enterprise:plan")
    link("enterprise", AssessmentPlan, "enterprise:assessment", every="enterprise:assessments")


def _own(organization: Organization) -> str:
    """Until it is approved an organization has its registration only."""
    return reverse("enterprise:home" if organization.is_approved else "enterprise:registration")

"""What people do with assessment plans."""

from zhupei.assessment.services.calling_off import call_off_plan
from zhupei.assessment.services.plans import (
    AssessmentData,
    confirm_online,
    create_plan,
    discard_plan,
    follow_clock,
    set_candidates,
    submit_plan,
    update_plan,
    withdraw_plan,
)
from zhupei.assessment.services.seats import arrange_seats

__all__ = [
    "AssessmentData",
    "arrange_seats",
    "call_off_plan",
    "confirm_online",
    "create_plan",
    "discard_plan",
    "follow_clock",
    "set_candidates",
    "submit_plan",
    "update_plan",
    "withdraw_plan",
]

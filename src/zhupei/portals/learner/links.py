"""Where this portal shows what messages are about."""

from __future__ import annotations

from foundation.links import link
from zhupei.assessment.models import Candidate


def register() -> None:
    """Called once at start-up."""
    link("learner", Candidate, "learner:result")

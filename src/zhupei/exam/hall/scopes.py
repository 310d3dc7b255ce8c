"""Who sees what happened in the exam (SEC-01)."""

from __future__ import annotations

from typing import Any

from foundation.scoping import Actor, ScopedQuerySet


class OfCandidateQuerySet(ScopedQuerySet[Any]):
    """Rows that belong to a candidate are seen by whoever sees the candidate."""

    def scope(self, actor: Actor) -> OfCandidateQuerySet:
        from zhupei.assessment.models import Candidate

        return self.filter(candidate__in=Candidate.objects.visible_to(actor))

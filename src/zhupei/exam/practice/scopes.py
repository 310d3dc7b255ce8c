"""Who sees a round of practice (SEC-01)."""

from __future__ import annotations

from typing import Any

from foundation.scoping import Actor, ScopedQuerySet


class PracticeQuerySet(ScopedQuerySet[Any]):
    """Practice is the learner's own business."""

    def scope(self, actor: Actor) -> PracticeQuerySet:
        if actor.portal == "learner" and actor.user is not None:
            return self.filter(person__user=actor.user)
        return self.none()

"""Who sees the question bank (SEC-01, EXM-07)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from foundation.scoping import Actor, ScopedQuerySet
from zhupei.organizations.roles import Capability, may


def sees_bank(actor: Actor) -> bool:
    """Staff of the provincial authority that keep the question bank."""
    return (
        actor.portal == "authority"
        and actor.body is not None
        and actor.body.is_provincial
        and may(actor, Capability.KEEP_BANK)
    )


def question_pictures(actor: Actor) -> Q:
    """Pictures of questions are opened by who keeps the bank."""
    return Q(kind="exam.question") if sees_bank(actor) else Q(pk__in=[])


class BankQuerySet(ScopedQuerySet[Any]):
    """The question bank is the provincial authority's; nobody else sees a question outside a paper."""

    def scope(self, actor: Actor) -> BankQuerySet:
        return self.all() if sees_bank(actor) else self.none()

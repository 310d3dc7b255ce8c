"""Whose the question bank is: nobody else sees a question outside a paper (SEC-01, EXM-07)."""

from __future__ import annotations

from django.db.models import Q

from foundation.scoping import NOTHING, Actor, Rule, Scope
from zhupei.accounts.models import Portal
from zhupei.organizations.roles import Capability, may


def sees_bank(actor: Actor) -> bool:
    """Staff of the provincial authority that keep the question bank."""
    return actor.portal == Portal.AUTHORITY and actor.sees_all and may(actor, Capability.KEEP_BANK)


def _all_or_nothing(actor: Actor) -> Q:
    return Q() if sees_bank(actor) else NOTHING


OF_KEEPERS = Scope(authority=Rule(_all_or_nothing))

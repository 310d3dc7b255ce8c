"""Who may open a document: its uploader's body, and whoever the stage of its kind admits."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

from foundation.scoping import Actor

Policy = Callable[[Actor], Q]
_POLICIES: dict[str, Policy] = {}


def register(prefix: str, policy: Policy) -> None:
    """`policy(actor)` returns a condition on Document; it is asked for kinds that begin with `prefix.`."""
    _POLICIES[prefix] = policy


def visible(actor: Actor) -> Q:
    """The condition that `Document.objects.visible_to(actor)` filters by."""
    own = Q(owner_key=actor.key) if actor.key else Q(pk__in=[])
    for prefix, policy in _POLICIES.items():
        own |= Q(kind__startswith=f"{prefix}.") & policy(actor)
    return own

"""Who is acting: the user's membership makes the actor."""

from __future__ import annotations

from typing import Any

from foundation.scoping import Actor
from zhupei.organizations.models import Membership

_BODY_OF_PORTAL = {"enterprise": "organization", "institution": "institution", "authority": "authority"}


def actor_for(user: Any, *, address: str = "") -> Actor:
    """The actor of a signed-in user; without a membership in the portal's kind of body it acts for nobody."""
    field = _BODY_OF_PORTAL.get(user.portal)
    if field is None:
        return Actor(user=user, portal=user.portal, address=address)
    membership = (
        Membership.objects.filter(user=user)
        .select_related(
            "organization__review",
            "organization__supervisor__region",
            "institution__review",
            "institution__supervisor__region",
            "authority__region",
        )
        .first()
    )
    body = getattr(membership, field) if membership else None
    roles = frozenset([membership.role]) if membership else frozenset()
    return Actor(user=user, portal=user.portal, body=body, roles=roles, address=address)

"""Which offers an actor may see: an enterprise those of the institutions on offer to it (ORG-09)."""

from __future__ import annotations

from django.db.models import Q

from foundation.scoping import Actor
from zhupei.organizations.models import Institution


def offers(actor: Actor) -> Q:
    return Q(institution__in=Institution.objects.visible_to(actor))

"""Who besides their owner opens the papers of registrations, changes and institutions' files: authorities (SEC-01)."""

from __future__ import annotations

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from foundation.review.models import WAITING
from foundation.scoping import NOTHING, Actor, seen_by
from zhupei.accounts.models import Portal
from zhupei.organizations.models import Institution, Organization, OrganizationChange


def organization_documents(actor: Actor) -> Q:
    """Of organizations that the authority sees, and, while it decides, of one that a change would move to it."""
    deciding = OrganizationChange.objects.visible_to(actor).filter(
        review__reviewer_key=actor.key, review__state__in=WAITING
    )
    return _papers_of(actor, Organization, Portal.ENTERPRISE, Q(pk__in=deciding.values("organization")))


def institution_documents(actor: Actor) -> Q:
    """Of institutions that the authority sees."""
    return _papers_of(actor, Institution, Portal.INSTITUTION, NOTHING)


def _papers_of(actor: Actor, bodies: type[Organization] | type[Institution], portal: Portal, besides: Q) -> Q:
    """Condition on documents: they belong to `bodies` that the authority sees, or to those of `besides`."""
    if actor.portal != Portal.AUTHORITY:
        return NOTHING
    seen = seen_by(bodies, actor)
    if not seen:
        return Q(owner_key__startswith=f"{portal}:")
    key = Concat(Value(f"{portal}:"), Cast(F("pk"), CharField()))
    rows = bodies._default_manager.filter(seen | besides)
    return Q(owner_key__in=rows.annotate(owner=key).values("owner"))

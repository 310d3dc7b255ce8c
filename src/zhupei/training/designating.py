"""指定企业: which organizations a plan may name (TRN-01, ORG-09)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.review.models import ReviewState
from zhupei.organizations.models import Institution, Organization

LEAST_LETTERS = 2
MOST_FOUND = 20


def choosable_organizations(institution: Institution) -> QuerySet[Organization]:
    """Registered organizations that the institution is on offer to: ORG-09 read the other way round."""
    registered = Organization.objects.filter(review__state=ReviewState.APPROVED)
    if institution.supervisor.is_provincial:
        return registered
    return registered.filter(supervisor_id=institution.supervisor_id)


def find_organizations(institution: Institution, text: str) -> list[Organization]:
    """At most 20 of them by part of the name or credit code; nothing for less than two letters."""
    wanted = text.strip()
    if len(wanted) < LEAST_LETTERS:
        return []
    rows = choosable_organizations(institution).filter(
        Q(name__icontains=wanted) | Q(uscc__istartswith=wanted)
    )
    return list(rows.order_by("name")[:MOST_FOUND])

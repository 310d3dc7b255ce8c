"""Named selections of organizations, changes and institutions for screens and exports."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Concat, Substr

from foundation.review.models import ReviewedQuerySet
from foundation.scoping import Actor
from zhupei.organizations.models import (
    BodyBar,
    Institution,
    Organization,
    OrganizationChange,
)
from zhupei.regions.models import Region


def organization_list(actor: Actor) -> ReviewedQuerySet[Organization]:
    """Organizations with what a list shows."""
    return Organization.objects.visible_to(actor).select_related(
        "review", "region__parent__parent", "supervisor__region"
    )


def change_list(actor: Actor) -> ReviewedQuerySet[OrganizationChange]:
    """Changes with what a list shows."""
    return OrganizationChange.objects.visible_to(actor).select_related(
        "review", "organization__region__parent__parent", "region__parent__parent", "supervisor__region"
    )


def organizations_by_place(actor: Actor) -> list[tuple[str, dict[str, int]]]:
    """Place → review state → number, in the order of codes: cities for the province, counties for a city."""
    city = Concat(Substr("region__code", 1, 4), Value("00"))
    place: F | Concat = city if actor.body.is_provincial else F("region__code")
    rows = Organization.objects.visible_to(actor).order_by().annotate(place=place)
    counted = rows.values_list("place", "review__state").annotate(n=Count("pk"))
    found: dict[str, dict[str, int]] = {}
    for code, state, number in counted:
        found.setdefault(code, {})[state] = number
    names = dict(Region.objects.filter(code__in=found).values_list("code", "name"))
    return [(names.get(code, code), found[code]) for code in sorted(found)]


def institution_list(actor: Actor) -> ReviewedQuerySet[Any]:
    """Institutions with what a list shows; `site_count` places."""
    rows = Institution.objects.visible_to(actor).select_related(
        "review", "supervisor__region", "region__parent__parent"
    )
    return rows.annotate(site_count=Count("sites", distinct=True))


def bar_in_force(body: Organization | Institution) -> BodyBar | None:
    """The bar that holds today, for stages that must refuse a barred body (ORG-15)."""
    return BodyBar.objects.in_force().of(body).select_related("authority").first()


def bar_list(actor: Actor) -> QuerySet[BodyBar]:
    """Barred organizations and institutions with what a list shows."""
    return BodyBar.objects.visible_to(actor).select_related("organization", "institution", "authority")

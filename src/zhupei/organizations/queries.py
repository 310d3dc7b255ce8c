"""Named selections of organizations, changes and institutions for screens and exports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Concat, Substr

from foundation.review.models import ReviewState
from foundation.scoping import Actor
from zhupei.organizations.models import (
    BodyBar,
    Institution,
    Organization,
    OrganizationChange,
)
from zhupei.regions.models import Region

WAITING = (ReviewState.SUBMITTED, ReviewState.ACCEPTED)
OLDEST_FIRST = ("review__submitted_at", "pk")


def organization_list(actor: Actor) -> QuerySet[Organization]:
    """Organizations with what a list shows."""
    return Organization.objects.visible_to(actor).select_related(
        "review", "region__parent__parent", "supervisor__region"
    )


def change_list(actor: Actor) -> QuerySet[OrganizationChange]:
    """Changes with what a list shows."""
    return OrganizationChange.objects.visible_to(actor).select_related(
        "review", "organization__region__parent__parent", "region__parent__parent", "supervisor__region"
    )


def to_decide(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Of organizations or changes: those that wait for this very authority, the oldest first."""
    return rows.filter(review__reviewer_key=actor.key, review__state__in=WAITING).order_by(*OLDEST_FIRST)


@dataclass(frozen=True)
class Place:
    """Where something stands in the queue: its neighbors' keys, its number (from 1), how many there are."""

    previous: int | None
    next: int | None
    position: int
    total: int


def place_in_queue(rows: QuerySet[Any], actor: Actor, pk: int) -> Place:
    """The neighbors in the queue; for something decided already: the queue's first as the next one."""
    keys = list(to_decide(rows, actor).values_list("pk", flat=True))
    if pk not in keys:
        return Place(None, keys[0] if keys else None, 0, len(keys))
    index = keys.index(pk)
    return Place(
        keys[index - 1] if index else None,
        keys[index + 1] if index + 1 < len(keys) else None,
        index + 1,
        len(keys),
    )


@dataclass(frozen=True)
class Queue:
    """How much waits and how urgent it is."""

    waiting: int
    overdue: int
    due_soon: int


def queue_of(rows: QuerySet[Any], actor: Actor, today: dt.date) -> Queue:
    """The queue in numbers; `due_soon`: due today."""
    counted = (
        to_decide(rows, actor)
        .order_by()
        .aggregate(
            waiting=Count("pk"),
            overdue=Count("pk", filter=Q(review__due_on__lt=today)),
            due_soon=Count("pk", filter=Q(review__due_on=today)),
        )
    )
    return Queue(counted["waiting"], counted["overdue"], counted["due_soon"])


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


def institution_list(actor: Actor) -> QuerySet[Institution]:
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

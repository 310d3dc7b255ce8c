"""What an institution's home page tells: queues with their oldest case, figures, enrollments by month and occupation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count, F, Min, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from foundation.scoping import Actor
from zhupei.catalog.models import trade_words
from zhupei.enrollment.models import Enrollment, EnrollmentState

S = EnrollmentState
_OUTSIDE = (S.DRAFT, S.WITHDRAWN)
_BEFORE_ENROLLED = (S.SUBMITTED, S.RETURNED, S.ELIGIBLE, S.INELIGIBLE, S.ORDERED, S.PAID, S.REFUNDED)


@dataclass(frozen=True)
class Figures:
    """People of one institution by what they wait for; `reviewed` and `review_days` cover the last 30 days."""

    to_review: int = 0
    oldest: dt.datetime | None = None
    returned: int = 0
    to_order: int = 0
    to_pay: int = 0
    to_confirm: int = 0
    enrolled: int = 0
    reviewed: int = 0
    review_days: float | None = None


def figures(actor: Actor) -> Figures:
    """One query."""
    lately = Q(reviewed_at__gte=timezone.now() - dt.timedelta(days=30))
    found = (
        Enrollment.objects.visible_to(actor)
        .order_by()
        .aggregate(
            to_review=Count("pk", filter=Q(state=S.SUBMITTED)),
            oldest=Min("submitted_at", filter=Q(state=S.SUBMITTED)),
            returned=Count("pk", filter=Q(state=S.RETURNED)),
            to_order=Count("pk", filter=Q(state=S.ELIGIBLE)),
            to_pay=Count("pk", filter=Q(state=S.ORDERED)),
            to_confirm=Count("pk", filter=Q(state=S.PAID)),
            enrolled=Count("pk", filter=~Q(state__in=(*_OUTSIDE, *_BEFORE_ENROLLED))),
            reviewed=Count("pk", filter=lately),
            took=Avg(F("reviewed_at") - F("submitted_at"), filter=lately & Q(submitted_at__isnull=False)),
        )
    )
    took = found.pop("took")
    return Figures(**found, review_days=round(took.total_seconds() / 86400, 1) if took else None)


@dataclass(frozen=True)
class WaitingBatch:
    """People of one batch that wait for the review."""

    number: str
    organization: str
    occupation: str
    delivery: str
    people: int
    oldest: dt.datetime


def waiting_batches(actor: Actor, *, most: int = 8) -> list[WaitingBatch]:
    """The batches that wait longest, first; one query."""
    rows = (
        Enrollment.objects.visible_to(actor)
        .filter(state=S.SUBMITTED)
        .order_by()
        .values("batch__number", "organization__name", "occupation__name", "level__name", "delivery")
        .annotate(people=Count("pk"), oldest=Min("submitted_at"))
        .order_by("oldest", "batch__number")[:most]
    )
    return [
        WaitingBatch(
            row["batch__number"],
            row["organization__name"],
            trade_words(row["occupation__name"], row["level__name"]),
            row["delivery"],
            row["people"],
            row["oldest"],
        )
        for row in rows
    ]


def by_month(actor: Actor, *, months: int = 12) -> list[tuple[str, int]]:
    """(2026-11, people handed in) of the last months, the present one last, empty ones as 0; one query."""
    wanted = _last_months(timezone.localdate(), months)
    first = timezone.make_aware(dt.datetime.fromisoformat(f"{wanted[0]}-01"))
    rows = (
        Enrollment.objects.visible_to(actor)
        .filter(submitted_at__gte=first)
        .exclude(state__in=_OUTSIDE)
        .order_by()
        .values(month=TruncMonth("submitted_at"))
        .annotate(n=Count("pk"))
        .values_list("month", "n")
    )
    counted = {timezone.localtime(month).strftime("%Y-%m"): number for month, number in rows}
    return [(month, counted.get(month, 0)) for month in wanted]


def _last_months(today: dt.date, months: int) -> Sequence[str]:
    last = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(last - months + 1, last + 1)]


def by_occupation(actor: Actor, *, days: int = 365) -> list[tuple[str, int]]:
    """(occupation with level, people handed in) of the last days, the largest first; one query."""
    rows = (
        Enrollment.objects.visible_to(actor)
        .filter(submitted_at__gte=timezone.now() - dt.timedelta(days=days))
        .exclude(state__in=_OUTSIDE)
        .order_by()
        .values("occupation__name", "level__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "occupation__name")
    )
    return [(trade_words(row["occupation__name"], row["level__name"]), row["n"]) for row in rows]

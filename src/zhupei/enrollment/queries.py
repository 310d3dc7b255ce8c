"""What screens and exports read: progress of batches, what is missing, one person's timeline."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber

from foundation.scoping import Actor
from foundation.ui.states import badge_of_choice
from foundation.workflow.models import TransitionLog
from zhupei.enrollment import admission, rules
from zhupei.enrollment.models import NOT_YET_SUBMITTED, Batch, Enrollment, EnrollmentState, Material
from zhupei.enrollment.rules import Progress


def documents_visible_to(actor: Actor) -> Q:
    """Condition on Document: an image may be opened by whoever may see its enrollment (MAT-05)."""
    return Q(
        pk__in=Material.objects.filter(enrollment__in=Enrollment.objects.visible_to(actor)).values("document")
    )


Required = Mapping[int, Sequence[str]]
"""Programme → the kinds of images it asks for (admission.required_kinds)."""


def with_lack(enrollments: QuerySet[Enrollment], required: Required) -> QuerySet[Any]:
    """Annotate `lack`: how many required images are missing of those who are not handed in, else 0."""
    cases = []
    for programme_id, kinds in required.items():
        present = (
            Material.objects.filter(enrollment=OuterRef("pk"), kind__in=kinds)
            .order_by()
            .values("enrollment")
            .annotate(n=Count("pk"))
            .values("n")
        )
        lack = Value(len(kinds)) - Coalesce(Subquery(present), 0)
        cases.append(When(state__in=NOT_YET_SUBMITTED, programme=programme_id, then=lack))
    return enrollments.annotate(lack=Case(*cases, default=0, output_field=IntegerField()))


def incomplete(enrollments: QuerySet[Enrollment], required: Required) -> QuerySet[Enrollment]:
    """Those of `enrollments` that are not handed in and lack a required image."""
    return with_lack(enrollments.filter(state__in=NOT_YET_SUBMITTED), required).filter(lack__gt=0)


def required_by(batches: Sequence[Batch]) -> dict[int, list[str]]:
    """What the programmes of `batches` ask for; one query."""
    return admission.required_kinds({batch.programme_id for batch in batches})


def progress_of(batches: Sequence[Batch], required: Required | None = None) -> dict[int, Progress]:
    """Batch key → Progress, for a list of batches: one aggregate query (and one for the programmes' rules)."""
    if not batches:
        return {}
    required = required or required_by(batches)
    people = Enrollment.objects.filter(batch__in=[batch.pk for batch in batches]).order_by()
    rows = (
        with_lack(people, required)
        .values("batch_id", "state")
        .annotate(n=Count("pk"), lacking=Count("pk", filter=Q(lack__gt=0)), missing=Sum("lack"))
        .values_list("batch_id", "state", "n", "lacking", "missing")
    )
    states: dict[int, dict[str, int]] = defaultdict(dict)
    lacking: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for batch_id, state, number, people_lacking, missing in rows:
        states[batch_id][state] = number
        lacking[batch_id][0] += people_lacking
        lacking[batch_id][1] += missing
    return {batch.pk: Progress(states[batch.pk], *lacking[batch.pk]) for batch in batches}


@dataclass(frozen=True)
class Lack:
    """A person who still lacks images: the words for them."""

    enrollment: Enrollment
    labels: list[str]


def lacks(
    batches: Sequence[Batch], required: Required | None = None, *, most: int = 3
) -> dict[int, list[Lack]]:
    """Batch key → the first `most` people who lack images; two queries whatever the batches."""
    required = required or required_by(batches)
    rows = list(
        incomplete(Enrollment.objects.filter(batch__in=[batch.pk for batch in batches]), required)
        .annotate(place=Window(RowNumber(), partition_by=F("batch"), order_by="pk"))
        .filter(place__lte=most)
        .order_by("batch", "pk")
    )
    missing = admission.missing_kinds(rows, required) if rows else {}
    found: dict[int, list[Lack]] = defaultdict(list)
    for row in rows:
        if row.pk in missing:
            found[row.batch_id].append(Lack(row, admission.labels(missing[row.pk])))
    return dict(found)


@dataclass(frozen=True)
class Figures:
    """People of one organization by what they wait for."""

    to_complete: int = 0
    returned: int = 0
    in_review: int = 0
    to_order: int = 0
    to_pay: int = 0
    in_confirmation: int = 0
    enrolled: int = 0
    to_train: int = 0

    @property
    def underway(self) -> int:
        """Enrolling: not 已报名 yet, not over."""
        return (
            self.to_complete
            + self.returned
            + self.in_review
            + self.to_order
            + self.to_pay
            + self.in_confirmation
        )


S = EnrollmentState
_BEFORE_ENROLLED = [
    S.DRAFT, S.RETURNED, S.SUBMITTED, S.ELIGIBLE, S.INELIGIBLE, S.ORDERED, S.PAID, S.WITHDRAWN, S.REFUNDED
]  # fmt: skip


def figures(actor: Actor) -> Figures:
    """The actor's people per thing they wait for; one query."""
    rows = Enrollment.objects.visible_to(actor).order_by()
    return Figures(
        **rows.aggregate(
            to_complete=Count("pk", filter=Q(state=S.DRAFT)),
            returned=Count("pk", filter=Q(state=S.RETURNED)),
            in_review=Count("pk", filter=Q(state=S.SUBMITTED)),
            to_order=Count("pk", filter=Q(state=S.ELIGIBLE)),
            to_pay=Count("pk", filter=Q(state=S.ORDERED)),
            in_confirmation=Count("pk", filter=Q(state=S.PAID)),
            to_train=Count("pk", filter=Q(state=S.ENROLLED)),
            enrolled=Count("pk", filter=~Q(state__in=_BEFORE_ENROLLED)),
        )
    )


@dataclass(frozen=True)
class Event:
    """One act on an enrollment, as the timeline shows it."""

    at: dt.datetime
    actor: str
    action: str
    tone: str
    remark: str
    items: list[tuple[str, str]]


def timeline(enrollment: Enrollment) -> list[Event]:
    """Everything that happened to one enrollment, newest first: who, when, what, why (QRY-02)."""
    logs = TransitionLog.objects.of(enrollment).order_by("-at", "-pk")
    return [
        Event(
            at=log.at,
            actor=log.actor_label,
            action="录入报名" if log.action == "create" else log.action_label,
            tone=badge_of_choice(EnrollmentState(log.to_state)).tone,
            remark=log.remark,
            items=rules.worded(log.reasons),
        )
        for log in logs
    ]

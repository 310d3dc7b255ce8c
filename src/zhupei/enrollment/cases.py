"""What a reviewer is shown of one person: images, facts we really know, the verdict of the rules, what was sent back before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.files.models import Document
from foundation.review.findings import Finding
from foundation.scoping import Actor
from foundation.workflow.models import TransitionLog
from zhupei.catalog.models import ProgrammeRules
from zhupei.catalog.queries import explain, explain_many
from zhupei.catalog.rules import Verdict
from zhupei.enrollment import admission
from zhupei.enrollment.case_facts import Picture, judge_facts
from zhupei.enrollment.models import Education, Enrollment, EnrollmentState, Material, MaterialKind
from zhupei.enrollment.rules import worded
from zhupei.people.models import Gender

_WORDS: Mapping[str, Mapping[str, str]] = {
    "education": {str(value): str(label) for value, label in Education.choices},
    "gender": {str(value): str(label) for value, label in Gender.choices},
}
_FOLLOWS = ("birth_date",)  # follows from the ID number
_LISTS = ("practice_periods",)  # told as changed, without its content


@dataclass(frozen=True)
class CaseImage:
    """One image that is asked for; `document` is None when it is missing, `is_new` when it came after the last return."""

    kind: str
    label: str
    document: Document | None
    is_new: bool = False


@dataclass(frozen=True)
class Change:
    """One field that the organization changed after the last return, in words, ID numbers and phones masked."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Return:
    """An earlier decision that sent the person back: when, who, reasons as (item, sentence), remark."""

    at: dt.datetime
    actor: str
    items: list[tuple[str, str]]
    remark: str


@dataclass(frozen=True)
class Case:
    """Everything a review screen shows; `returns` newest first, `changes` since the newest of them."""

    enrollment: Enrollment
    images: list[CaseImage]
    facts: list[Finding]
    verdict: Verdict
    returns: list[Return]
    changes: list[Change]

    @property
    def problem(self) -> str:
        """What keeps this person from being approved at all; empty when nothing does."""
        return "".join(fact.note or fact.label for fact in self.facts if fact.blocks)

    @property
    def needs_care(self) -> bool:
        """Whether a fact wants a closer look."""
        return any(fact.tone != "ok" for fact in self.facts)

    @property
    def new_images(self) -> list[str]:
        """Words of the images uploaded after the last return."""
        return [image.label for image in self.images if image.is_new]


def case_of(enrollment: Enrollment) -> Case:
    """Gather a case; fetch the enrollment with its occupation and organization. Six queries."""
    logs = (
        TransitionLog.objects.of(enrollment).filter(to_state=EnrollmentState.RETURNED).order_by("-at", "-pk")
    )
    returns = [Return(log.at, log.actor_label, worded(log.reasons), log.remark) for log in logs]
    since = returns[0].at if returns else None
    images = _images(enrollment, since)
    barred = admission.barred([enrollment.id_number_index]).get(enrollment.id_number_index, "")
    facts = judge_facts(
        id_number=enrollment.id_number,
        gender=enrollment.get_gender_display(),
        birth_date=enrollment.birth_date,
        practice_years=enrollment.practice_years,
        practice_periods=enrollment.practice_periods,
        pictures=[_picture(image) for image in images],
        barred=barred,
        today=timezone.localdate(),
    )
    return Case(
        enrollment,
        images,
        facts,
        explain(enrollment),
        returns,
        changes_since(enrollment, since) if since else [],
    )


def _images(enrollment: Enrollment, since: dt.datetime | None) -> list[CaseImage]:
    """The required images in the order of MaterialKind, and what was uploaded beyond them."""
    present = {
        row.kind: row for row in Material.objects.filter(enrollment=enrollment).select_related("document")
    }
    required = admission.required_kinds([enrollment.programme_id])[enrollment.programme_id]
    return [
        CaseImage(
            kind,
            str(MaterialKind(kind).label),
            material.document if (material := present.get(kind)) else None,
            bool(material and since and material.updated_at > since),
        )
        for kind in MaterialKind.values
        if kind in required or kind in present
    ]


def _picture(image: CaseImage) -> Picture:
    document = image.document
    if document is None:
        return Picture(image.kind, image.label)
    return Picture(image.kind, image.label, document.size, document.width, document.height, is_there=True)


def changes_since(enrollment: Enrollment, since: dt.datetime) -> list[Change]:
    """What the organization changed in the data after `since`, from the audit log; one query."""
    entries = AuditEntry.objects.filter(
        subject_type=enrollment._meta.label_lower,
        subject_id=str(enrollment.pk),
        act="enrollment.update",
        at__gt=since,
    ).order_by("pk")
    return describe_changes(entry.detail.get("changes", {}) for entry in entries)


def describe_changes(changes: Iterable[Mapping[str, Sequence[str]]]) -> list[Change]:
    """Successive {field: [before, after]} as one line a field; a field that came back to what it was is left out."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for change in changes:
        for field, (before, after) in change.items():
            first.setdefault(field, before)
            last[field] = after
    return [
        Change(_label(field), *_words(field, first[field], last[field]))
        for field in first
        if field not in _FOLLOWS and first[field] != last[field]
    ]


def _label(field: str) -> str:
    return str(Enrollment._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _words(field: str, before: str, after: str) -> tuple[str, str]:
    if field in _LISTS:
        return "", "已修改"
    words = _WORDS.get(field, {})
    return words.get(before, before), words.get(after, after)


# --- work lists


@dataclass(frozen=True)
class RowCheck:
    """One person in a list: the verdict of the rules, how many of the required images are there."""

    verdict: Verdict
    present: int
    required: int

    @property
    def is_complete(self) -> bool:
        return self.present >= self.required


def work_list(actor: Actor) -> QuerySet[Enrollment]:
    """The actor's enrollments with what a list shows and `check_rows` needs; no query of its own."""
    kinds = Material.objects.filter(enrollment=OuterRef("pk")).values("kind")
    rules = ProgrammeRules.objects.in_force().filter(programme=OuterRef("programme"))
    return (
        Enrollment.objects.visible_to(actor)
        .select_related("organization", "occupation", "level", "batch")
        .annotate(
            present_kinds=ArraySubquery(kinds),
            required_kinds=Subquery(rules.values("required_materials")[:1]),
        )
    )


def check_rows(rows: Sequence[Any]) -> dict[int, RowCheck]:
    """Primary key → RowCheck for rows of `work_list`; one query (three more the first time a table of majors is used)."""
    verdicts = explain_many(rows)
    return {row.pk: _check(row, verdicts[row.pk]) for row in rows}


def _check(row: Any, verdict: Verdict) -> RowCheck:
    required = set(MaterialKind.values if row.required_kinds is None else row.required_kinds)
    return RowCheck(verdict, len(required & set(row.present_kinds)), len(required))

"""What screens and exports read about assessments: whose plan is called what, one person's exams (QRY-01, QRY-02)."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from foundation.scoping import Actor
from zhupei.assessment.models import Candidate
from zhupei.enrollment.models import Enrollment


def with_assessment_name(enrollments: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate `assessment_name`: the latest assessment plan somebody is in, None without one."""
    seats = Candidate.objects.filter(enrollment=OuterRef("pk")).order_by("-pk")
    return enrollments.annotate(assessment_name=Subquery(seats.values("plan__name")[:1]))


def in_assessment_named(enrollments: QuerySet[Enrollment], words: str) -> QuerySet[Enrollment]:
    """Those of `enrollments` who are in an assessment plan whose name holds `words`."""
    seats = Candidate.objects.filter(plan__name__icontains=words)
    return enrollments.filter(pk__in=seats.values("enrollment"))


def exams_of(actor: Actor, enrollment: Enrollment) -> QuerySet[Candidate]:
    """Every exam somebody sits or sat, as far as the actor may see, the latest first; one query."""
    rows = Candidate.objects.visible_to(actor).filter(enrollment=enrollment)
    return rows.select_related(
        "plan__site", "plan__review", "exam_room__session", "exam_room__room"
    ).order_by("-pk")

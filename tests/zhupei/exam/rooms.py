"""A room that somebody watches, and people who sit in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from foundation.scoping import Actor
from zhupei.assessment.models import Candidate, ExamRoom
from zhupei.demo.exam_hall import Hall
from zhupei.exam.hall.models import Attempt, Entry
from zhupei.exam.hall.partitions import month_of


@dataclass
class Watched:
    """A room with people, and who watches it."""

    hall: Hall
    actor: Actor

    @property
    def people(self) -> list[Candidate]:
        rows = Candidate.objects.filter(plan=self.hall.plan).select_related("plan", "exam_room__room")
        return list(rows.order_by("exam_room__number", "seat_number"))

    @property
    def room(self) -> ExamRoom:
        return ExamRoom.objects.filter(session=self.hall.session).select_related("room", "session__plan")[0]


def sit(candidate: Candidate, state: str = "in_progress", **values: Any) -> Attempt:
    """The candidate is in, at a machine."""
    session, now = candidate.exam_room.session, timezone.now()  # type: ignore[union-attr]
    entry = Entry.objects.create(candidate=candidate, admitted_at=now)
    given = {
        "month": month_of(timezone.localdate(session.starts_at)),
        "ends_at": session.ends_at,
        "submit_from": session.starts_at,
        "entry": entry,
        "started_at": session.starts_at if state != "admitted" else None,
        "seen_at": now,
    }
    return Attempt.objects.create(candidate=candidate, state=state, **(given | values))

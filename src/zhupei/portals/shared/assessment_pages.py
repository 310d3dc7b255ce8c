"""What every portal's pages of an assessment plan share: its way, its sessions with rooms and seats (ASM-02, ASM-03)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django.db.models import QuerySet

from foundation.ui.pages import DayRangeFilter, ListFilter, SearchFilter
from foundation.ui.parts import Step, steps_of
from foundation.ui.states import badge_of_choice
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom, Session
from zhupei.assessment.plan_states import AssessmentState, state_of
from zhupei.catalog.models import Programme

STEPS = ["创建", "编排座位", "提交审核", "受理", "审核", "确认线上考核", "考核", "考核完成"]
_REACHED = {
    AssessmentState.SUBMITTED: 3,
    AssessmentState.ACCEPTED: 4,
    AssessmentState.REJECTED: 4,
    AssessmentState.REVIEWED: 5,
    AssessmentState.ONLINE_CONFIRMED: 6,
    AssessmentState.RUNNING: 6,
    AssessmentState.COMPLETED: 8,
}
# Up to this many rooms their seats are shown at once; more are folded.
OPEN_ROOMS = 3


class AssessmentFilter(ListFilter):
    """Above a list of assessment plans; a portal whose institutions are all the same puts another `q`."""

    q = SearchFilter(["name__icontains", "institution__name__icontains"], label="考核计划或培训机构")
    programme = django_filters.ModelChoiceFilter(
        label="培训类别", queryset=Programme.objects.all(), empty_label="全部"
    )
    starts_at = DayRangeFilter(label="首场日期")


def state_badge(plan: AssessmentPlan) -> tuple[str, str]:
    """(tone, word) of the one state that people see."""
    tone, label = badge_of_choice(state_of(plan))
    return tone, label


def steps(plan: AssessmentPlan) -> list[Step]:
    """Where the plan is on its way; `review` should be loaded with it."""
    state = state_of(plan)
    reached = _REACHED.get(state, 2 if plan.seated_at else 1)
    return steps_of(STEPS, reached, bad=state == AssessmentState.REJECTED)


@dataclass
class SeatedSession:
    """One session with its rooms; each room has `people` (candidates by seat)."""

    session: Session
    rooms: list[Any] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many sit in it."""
        return sum(len(room.people) for room in self.rooms)


def arrangement(plan: AssessmentPlan, people: QuerySet[Candidate] | None = None) -> list[SeatedSession]:
    """Sessions, rooms and seats in order; two queries. `people`: only those the reader may see, everybody if left out."""
    rows = plan.candidates.all() if people is None else people.filter(plan=plan)
    seats: dict[int | None, list[Candidate]] = defaultdict(list)
    for row in rows.select_related("enrollment__organization").order_by("seat_number"):
        seats[row.exam_room_id].append(row)
    sessions: dict[int, SeatedSession] = {}
    rooms = ExamRoom.objects.filter(session__plan=plan).select_related(
        "session", "room__site", "occupation", "level"
    )
    for room in rooms.order_by("session__number", "number"):
        room.people = seats[room.pk]  # type: ignore[attr-defined]
        sessions.setdefault(room.session_id, SeatedSession(room.session)).rooms.append(room)
    return list(sessions.values())


def kinds(rooms: list[Any]) -> list[tuple[str, int, int, int]]:
    """(occupation with level, people, of them resits, exam rooms) of an arrangement's rooms, the largest first."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for room in rooms:
        counts = found[str(room.trade)]
        counts[0] += len(room.people)
        counts[1] += sum(row.is_resit for row in room.people)
        counts[2] += 1
    rows = [(kind, people, resits, used) for kind, (people, resits, used) in found.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))

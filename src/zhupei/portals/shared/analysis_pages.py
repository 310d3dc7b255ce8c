"""What the analysis pages of the institution and of the authority share (EXM-09)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404

from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.exam.scores.services import analysis
from zhupei.exam.scores.services.analysis import FLAGS, LEAST_ANSWERS, ItemRow

NOTICED = ("negative", "hard", "easy", "weak")


def questions(plan: AssessmentPlan, *, show_all: bool) -> dict[str, Any]:
    """试题分析: questions to be noticed, or all of them, with how many there are of each kind."""
    rows = analysis.item_analysis(plan)
    noticed = [row for row in rows if any(flag in NOTICED for flag in row.flags)]
    counts = Counter(flag for row in rows for flag in row.flags)
    return {
        "rows": [(row, _shown(row)) for row in (rows if show_all else noticed)],
        "total": len(rows),
        "judged": len(rows) - counts["few"],
        "noticed": len(noticed),
        "show_all": show_all,
        "least": LEAST_ANSWERS,
        "counts": [(FLAGS[flag], counts[flag]) for flag in (*NOTICED, "few")],
    }


def _shown(row: ItemRow) -> dict[str, str]:
    discrimination = row.figures.discrimination
    return {
        "difficulty": f"{row.figures.difficulty:.0%}",
        "discrimination": "—" if discrimination is None else f"{discrimination:.2f}",
    }


def likeness(plan: AssessmentPlan) -> dict[str, Any]:
    """雷同分析: rooms with the pairs whose mistakes are alike."""
    rooms = analysis.likeness(plan)
    return {
        "rooms": rooms,
        "pairs": sum(len(room.pairs) for room in rooms),
        "people": sum(room.people for room in rooms),
    }


def pair(plan: AssessmentPlan, one: int, other: int) -> dict[str, Any]:
    """Two people of one room side by side; 404 for anybody else."""
    found = (
        Candidate.objects.filter(plan=plan, pk__in=[one, other], attempt__isnull=False)
        .select_related("enrollment__organization", "enrollment__occupation", "exam_room", "attempt")
        .in_bulk()
    )
    if one == other or len(found) != 2 or found[one].exam_room_id != found[other].exam_room_id:
        raise Http404
    first, second = found[one], found[other]
    rows = analysis.side_by_side(plan, first, second)
    return {
        "one": first,
        "other": second,
        "rows": rows,
        "same": sum(row.one == row.other for row in rows),
        "both_wrong": sum(not row.one_right and not row.other_right for row in rows),
        "same_wrong": sum(row.is_same_mistake for row in rows),
    }

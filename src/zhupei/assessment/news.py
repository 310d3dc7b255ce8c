"""What authorities, institutions, organizations and people are told about assessments (NTF-01)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from foundation.messages.services import notify, notify_bodies, notify_many
from foundation.messages.templates import register_template
from foundation.review.models import Review, ReviewState
from foundation.review.words import reasons_in_words
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.assessment.rules import local_minute, span

SUBMITTED = register_template(
    "assessment.submitted",
    label="考核计划待审核",
    title="{institution}提交了考核计划 {name}",
    body="考生 {count} 人，请在 {due} 前办理。",
)
DECIDED = register_template(
    "assessment.decided",
    label="考核计划审核结果",
    title="考核计划 {name} {result}",
    body="{authority}：{result}。{reasons}",
)
PUBLISHED = register_template(
    "assessment.published",
    label="考核安排通知",
    title="{count} 人已安排考核 {name}",
    body="首场 {time} 开考，地点：{place}。准考证可在考核计划页面下载。",
    sms="【筑培】{person}，您的考核时间为 {time}，地点：{place}，考场座位 {seat}，准考证号 {ticket}。{practical}请带身份证准时参加。",
)
CALLED_OFF = register_template(
    "assessment.called_off",
    label="考核取消通知",
    title="考核计划 {name} 取消",
    body="{institution}取消了原定 {time} 开考的考核，{count} 人的准考证作废，请等候新的通知。原因：{reason}",
    sms="【筑培】{person}，原定 {time} 的 {name} 考核取消，准考证作废，请等候新的通知。",
)


def submitted(review: Review, plan: AssessmentPlan) -> None:
    """The authority hears that it waits, and until when."""
    notify(
        SUBMITTED,
        recipients=[review.reviewer_key],
        subject=plan,
        context={
            "institution": plan.institution.name,
            "name": plan.name,
            "count": plan.candidates.count(),
            "due": review.due_on,
        },
    )


def decided(review: Review, plan: AssessmentPlan) -> None:
    """The verdict, with the reasons in words."""
    notify(
        DECIDED,
        recipients=[plan.institution.key],
        subject=plan,
        context={
            "name": plan.name,
            "authority": plan.institution.supervisor.name,
            "result": "审核通过" if review.state == ReviewState.APPROVED else "审核不通过",
            "reasons": reasons_in_words(review),
        },
    )


def published(plan: AssessmentPlan) -> None:
    """Organizations and people hear when, where and with which ticket (ASM-05)."""
    rows = list(
        Candidate.objects.filter(plan=plan).select_related(
            "exam_room__session", "exam_room__room__site", "enrollment"
        )
    )
    shared = {"name": plan.name, "time": local_minute(plan.starts_at), "place": plan.site.address}
    notify_bodies(
        PUBLISHED,
        [(key, plan, shared | {"count": count}) for key, count in _by_organization(rows)],
    )
    notify_many(PUBLISHED, [(row.enrollment.phone, _place(plan, row)) for row in rows if row.exam_room])


def _place(plan: AssessmentPlan, row: Candidate) -> dict[str, Any]:
    room = row.exam_room
    assert room is not None
    practical = ""
    if plan.has_practical and plan.practical_at:
        practical = f"实操 {local_minute(plan.practical_at)}，{plan.practical_place}。"
    return {
        "person": row.enrollment.name,
        "name": plan.name,
        "time": span(room.session.starts_at, room.session.ends_at),
        "place": f"{plan.site.address}{room.room.name}",
        "seat": row.seat_label,
        "ticket": row.ticket_number,
        "practical": practical,
    }


def called_off(plan: AssessmentPlan, rows: Sequence[Candidate], reason: str) -> None:
    """The authority, organizations and people hear that it does not take place; `rows` with their rooms of before.

    The plan is closed to organizations by then, so they are led to the list.
    """
    shared = {
        "name": plan.name,
        "institution": plan.institution.name,
        "time": local_minute(plan.starts_at),
        "reason": reason,
    }
    notify_bodies(
        CALLED_OFF,
        [
            (plan.review.reviewer_key, plan, shared | {"count": len(rows)}),
            *((key, AssessmentPlan, shared | {"count": count}) for key, count in _by_organization(rows)),
        ],
    )
    notify_many(CALLED_OFF, [(row.enrollment.phone, _time(plan, row)) for row in rows])


def _time(plan: AssessmentPlan, row: Candidate) -> dict[str, Any]:
    session = row.exam_room.session if row.exam_room else None
    time = span(session.starts_at, session.ends_at) if session else local_minute(plan.starts_at)
    return {"person": row.enrollment.name, "name": plan.name, "time": time}


def _by_organization(rows: Sequence[Candidate]) -> list[tuple[str, int]]:
    """(recipient, how many of its people)."""
    counts = Counter(row.enrollment.organization_id for row in rows)
    return [(f"enterprise:{key}", count) for key, count in sorted(counts.items())]

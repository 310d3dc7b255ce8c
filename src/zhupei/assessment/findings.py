"""What is looked at by itself for whoever reviews an assessment plan; it decides nothing (ASM-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils import timezone

from foundation.naming import some_of
from foundation.review.findings import Finding
from zhupei.assessment.candidates import Excluded, Proposal
from zhupei.assessment.models import AdmissionRule, AssessmentPlan, Candidate, ExamRoom, Session
from zhupei.training.models import PlanDay

# Whom the organization and the person can still reach in time.
SHORT_NOTICE_DAYS = 3


def findings(
    plan: AssessmentPlan,
    sessions: Sequence[Session],
    rooms: Sequence[ExamRoom],
    people: Sequence[Candidate],
    unfit: Sequence[Excluded],
    now: dt.datetime,
) -> list[Finding]:
    """Seats, neighbors, rooms, candidates, times, admission and the practical part, in this order.

    `rooms` come with `room`; `people` with enrollment, everybody who has a seat; `unfit`: candidates who may not be
    examined any more. One query.
    """
    found = [
        _seats(plan, rooms, people),
        _neighbors(people),
        _rooms(rooms),
        _candidates(people, unfit),
        _times(plan, sessions, now),
        _admission(plan),
    ]
    return [*found, _practical(plan, sessions)] if plan.has_practical else found


def unfit_of(proposal: Proposal, people: Sequence[Candidate]) -> list[Excluded]:
    """Candidates whom the proposal of today leaves out, with the reason."""
    reasons = {row.enrollment.pk: row.reason for row in proposal.excluded}
    free = proposal.resit_of
    return [
        Excluded(row.enrollment, reasons.get(row.enrollment_id, "不在本培训计划，也不能补考"))
        for row in people
        if row.enrollment_id not in free
    ]


def neighbor_pairs(people: Sequence[Candidate]) -> int:
    """How many sit beside somebody of their own organization; people come with enrollment."""
    seated = sorted(
        (row.exam_room_id, row.seat_number, row.enrollment.organization_id)
        for row in people
        if row.exam_room_id is not None and row.seat_number is not None
    )
    return sum(
        left[0] == right[0] and left[1] + 1 == right[1] and left[2] == right[2]
        for left, right in pairwise(seated)
    )


def _seats(plan: AssessmentPlan, rooms: Sequence[ExamRoom], people: Sequence[Candidate]) -> Finding:
    counts: dict[int | None, int] = {}
    for row in people:
        counts[row.exam_room_id] = counts.get(row.exam_room_id, 0) + 1
    over = [room for room in rooms if counts.get(room.pk, 0) > min(plan.room_limit, room.room.seats)]
    figure = f"{len(people)} 人 / {len(rooms)} 个考场"
    if over:
        return Finding("bad", "考场座位", figure, f"{'、'.join(map(str, over))}超过座位数或每个考场最多人数")
    most = max(counts.values(), default=0)
    return Finding("ok", "考场座位", figure, f"每个考场最多 {plan.room_limit} 人，实际最多 {most} 人")


def _neighbors(people: Sequence[Candidate]) -> Finding:
    pairs = neighbor_pairs(people)
    firms = len({row.enrollment.organization_id for row in people})
    if not pairs:
        return Finding("ok", "邻座", f"{firms} 家企业", "相邻座位都不是同一企业")
    return Finding("wait", "邻座", f"{pairs} 对同企业", "有相邻座位是同一企业，考场内人员集中时难以避免")


def _rooms(rooms: Sequence[ExamRoom]) -> Finding:
    days = PlanDay.objects.filter(room__in={room.room_id for room in rooms}).select_related("plan", "room")
    if rooms:
        earliest = min(room.period.lower for room in rooms)
        latest = max(room.period.upper for room in rooms)
        days = days.filter(period__overlap=(earliest, latest))
    taught = [
        day
        for day in days
        if any(
            room.room_id == day.room_id
            and room.period.lower < day.period.upper
            and day.period.lower < room.period.upper
            for room in rooms
        )
    ]
    used = len({room.room_id for room in rooms})
    if taught:
        day = taught[0]
        when = f"{timezone.localtime(day.period.lower):%m-%d %H:%M}"
        return Finding("bad", "机房占用", f"{len(taught)} 处冲突", f"{day.room}在 {when} 有培训 {day.plan}")
    return Finding("ok", "机房占用", f"{used} 间机房", "与其他考核和培训的时间不冲突")


def _candidates(people: Sequence[Candidate], unfit: Sequence[Excluded]) -> Finding:
    resits = sum(row.is_resit for row in people)
    figure = f"{len(people)} 人"
    if unfit:
        names = some_of(row.enrollment.name for row in unfit)
        return Finding("bad", "考生资格", f"{len(unfit)} 人不符合", f"{names}现在不能参加考核，不能审核通过")
    note = f"其中补考 {resits} 人，" if resits else ""
    return Finding("ok", "考生资格", figure, f"{note}均已培训合格或可以补考，没有黑名单人员")


def _times(plan: AssessmentPlan, sessions: Sequence[Session], now: dt.datetime) -> Finding:
    figure = f"{_local(plan.starts_at)} 首场"
    if plan.starts_at <= now:
        return Finding("bad", "考核时间", "已过", "首场开考时间已过，不能审核通过")
    wrong = [row for row in sessions if row.ends_at - row.starts_at < dt.timedelta(minutes=plan.exam_minutes)]
    if wrong:
        return Finding("bad", "考核时间", figure, f"{wrong[0]}不足 {plan.exam_minutes} 分钟")
    if plan.starts_at - now < dt.timedelta(days=SHORT_NOTICE_DAYS):
        return Finding("wait", "考核时间", figure, f"距开考不足 {SHORT_NOTICE_DAYS} 天，请尽快审核")
    gap = f"，场次间隔 {plan.gap_minutes} 分钟" if len(sessions) > 1 else ""
    return Finding("ok", "考核时间", figure, f"共 {len(sessions)} 场，每场 {plan.exam_minutes} 分钟{gap}")


def _admission(plan: AssessmentPlan) -> Finding:
    if plan.admission == AdmissionRule.WAIVED:
        return Finding("wait", "入场方式", "直接入场", "凭准考证号和身份证号入场，监考员不逐人核验")
    return Finding("ok", "入场方式", "监考员核验", "监考员逐人核验后放行")


def _practical(plan: AssessmentPlan, sessions: Sequence[Session]) -> Finding:
    if plan.practical_at is None or not plan.practical_place.strip():
        return Finding("bad", "实操考核", "未定", "没有填写实操时间或地点")
    end: Any = plan.practical_at
    during = [row for row in sessions if row.starts_at <= end < row.ends_at]
    if during:
        return Finding("wait", "实操考核", _local(end), f"与{during[0]}的理论考试同时，请核对")
    return Finding("ok", "实操考核", _local(end), plan.practical_place)


def _local(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"

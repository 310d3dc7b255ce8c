"""The review of an assessment plan by the authority that set the institution up (ASM-03)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from foundation.review import kinds
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment import news
from zhupei.assessment.machine import ASSESSMENT
from zhupei.assessment.models import AssessmentPlan, ExamRoom
from zhupei.assessment.rules import local_minute, span
from zhupei.assessment.services import checks
from zhupei.assessment.services.seats import refuse_clashes
from zhupei.assessment.services.tickets import number_tickets
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment

ITEMS = {
    "time": "考核时间",
    "site": "考点和机房",
    "candidates": "考生名单",
    "seats": "考场编排",
    "admission": "入场方式",
    "practical": "实操考核",
}

REASONS = (
    ("time", "考核时间安排不合理，请调整"),
    ("time", "场次间隔太短，不够换场"),
    ("site", "考点地址不具体，请写明楼层和机房"),
    ("site", "机房条件不符合考核要求"),
    ("candidates", "考生名单与培训考勤不一致"),
    ("candidates", "有不符合条件的考生"),
    ("seats", "考场编排不合理，请重新编排"),
    ("admission", "应由监考员核验放行"),
    ("practical", "实操地点或时间不具体"),
)


def snapshot(plan: AssessmentPlan) -> dict[str, dict[str, Any]]:
    """What the reviewer sees of a plan, by item."""
    sessions = [f"{row}：{span(row.starts_at, row.ends_at)}" for row in plan.sessions.order_by("number")]
    rooms = [
        f"{room}（{room.seats} 座）" for room in plan.rooms.select_related("site").order_by("name", "pk")
    ]
    values: dict[str, Any] = {
        "time": sessions,
        "site": [f"{plan.site}：{plan.site.address}", *rooms],
        "candidates": _people(plan),
        "seats": _rooms(plan),
        "admission": plan.get_admission_display(),
    }
    if plan.has_practical:
        when = local_minute(plan.practical_at) if plan.practical_at else "时间待定"
        values["practical"] = f"{when}，{plan.practical_place}"
    return {key: {"label": ITEMS[key], "value": value} for key, value in values.items()}


def _people(plan: AssessmentPlan) -> list[str]:
    """One line an occupation: 土建施工员 50 人：张三（样本公司）、李四（补考，样本公司）……"""
    names: dict[str, list[str]] = defaultdict(list)
    rows = plan.candidates.select_related(
        "enrollment__occupation", "enrollment__level", "enrollment__organization"
    )
    for row in rows.order_by("enrollment__organization__name", "enrollment__name", "pk"):
        enrollment = row.enrollment
        resit = "补考，" if row.is_resit else ""
        kind = str(enrollment.trade)
        names[kind].append(f"{enrollment.name}（{resit}{enrollment.organization.name}）")
    return [f"{kind} {len(people)} 人：{'、'.join(people)}" for kind, people in sorted(names.items())]


def _rooms(plan: AssessmentPlan) -> list[str]:
    counts: dict[int | None, int] = defaultdict(int)
    for room in plan.candidates.order_by().values_list("exam_room", flat=True):
        counts[room] += 1
    rows = ExamRoom.objects.filter(session__plan=plan).select_related(
        "session", "room__site", "occupation", "level"
    )
    return [
        f"{row}（{row.session}，{row.room}）：{row.trade} {counts[row.pk]} 人"
        for row in rows.order_by("number")
    ]


def find(review: Review) -> AssessmentPlan:
    return AssessmentPlan.objects.select_related(
        "institution__supervisor", "institution__region__parent", "site", "training_plan__programme", "review"
    ).get(review=review)


def check_submission(plan: AssessmentPlan) -> None:
    """The institution's file is approved, everybody is seated and may be examined, no room is used twice."""
    checks.refuse_unfiled(plan.institution)
    checks.refuse_unready(plan)
    refuse_clashes(plan)


def check_approval(plan: AssessmentPlan) -> None:
    """The time still lies ahead, everybody may still be examined, no room is used twice."""
    checks.refuse_unapprovable(plan)
    refuse_clashes(plan)


def on_submitted(actor: Actor, review: Review, plan: AssessmentPlan) -> None:
    news.submitted(review, plan)


def on_decided(actor: Actor, review: Review, plan: AssessmentPlan) -> None:
    """Approved: everybody has a ticket number, is 考核中 and is told; rejected: back to the institution."""
    approved = review.state == ReviewState.APPROVED
    if approved:
        ASSESSMENT.perform(SYSTEM, plan, "pass_review")
        _begin(plan)
        number_tickets(
            plan
        )  # after the long part: who approves for the same city and day waits for the numbers
    else:
        ASSESSMENT.perform(SYSTEM, plan, "send_back")
    news.decided(review, plan)
    if approved:
        news.published(plan)


def _begin(plan: AssessmentPlan) -> None:
    for is_resit, action in ((False, "begin_assessment"), (True, "begin_resit")):
        people = Enrollment.objects.filter(candidacies__plan=plan, candidacies__is_resit=is_resit)
        ENROLLMENT.perform_many(SYSTEM, people, action, remark=f"考核计划 {plan.name}")


ASSESSMENT_KIND = kinds.ReviewKind(
    key="assessment_plan",
    label="考核计划",
    items=ITEMS,
    reasons=REASONS,
    snapshot=snapshot,
    find=find,
    check_submission=check_submission,
    check_approval=check_approval,
    on_decided=on_decided,
    on_submitted=on_submitted,
    submitter="机构",
    separate_acceptance=True,
    working_days=3,
)

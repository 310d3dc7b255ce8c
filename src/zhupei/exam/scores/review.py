"""The review of a score report by the authority, and what its approval does to the people (SCO-01)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from foundation.review import kinds
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment.models import Candidate
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.exam.scores import news
from zhupei.exam.scores.findings import findings
from zhupei.exam.scores.models import ScoreMark, ScoreReport
from zhupei.exam.scores.services.reporting import refuse_unready
from zhupei.exam.scores.states import ScoreState

ITEMS = {
    "people": "人员名单",
    "theory": "理论成绩",
    "practical": "实操成绩",
    "marks": "缺考、作弊和作废",
}
REASONS = (
    ("people", "人员名单与考核计划不一致"),
    ("theory", "理论成绩有异常，请核实"),
    ("practical", "实操评分表不完整"),
    ("practical", "两位考评员评分差异大，请复核"),
    ("marks", "作弊、作废的说明不清楚"),
)


def snapshot(report: ScoreReport) -> dict[str, dict[str, Any]]:
    """What the reviewer sees in short; the lines themselves are listed beside it."""
    lines = list(report.lines.select_related("candidate__enrollment"))
    sat = [line.theory for line in lines if line.theory is not None]
    done = [line.practical for line in lines if line.practical is not None]
    special = [line for line in lines if line.mark != ScoreMark.NORMAL]
    values: dict[str, Any] = {
        "people": f"{len(lines)} 人，合格 {sum(line.passed for line in lines)} 人",
        "theory": f"{len(sat)} 人，最高 {max(sat)} 分，最低 {min(sat)} 分" if sat else "无",
        "practical": f"{len(done)} 人，最高 {max(done)} 分，最低 {min(done)} 分" if done else "无",
        "marks": [f"{line.candidate.enrollment.name}：{line.get_mark_display()}" for line in special] or "无",
    }
    return {key: {"label": ITEMS[key], "value": value} for key, value in values.items()}


def find(review: Review) -> ScoreReport:
    return ScoreReport.objects.select_related("plan__institution__supervisor").get(review=review)


def on_submitted(actor: Actor, review: Review, report: ScoreReport) -> None:
    news.reported(review, report)


def on_decided(actor: Actor, review: Review, report: ScoreReport) -> None:
    """Approved: everybody's result is recorded, the people and their organizations are told."""
    if review.state == ReviewState.APPROVED:
        _record(report)
    news.decided(review, report)


def _record(report: ScoreReport) -> None:
    lines = list(report.lines.select_related("candidate__enrollment__person"))
    by_outcome: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        by_outcome[line.outcome].append(line.candidate.enrollment_id)
    acts = {"passed": "record_pass", "failed": "record_failure", "missed": "record_miss"}
    for result, keys in by_outcome.items():
        people = Enrollment.objects.filter(pk__in=keys)
        ENROLLMENT.perform_many(SYSTEM, people, acts[result], remark=f"{report.plan.name}成绩审核通过")
    Candidate.objects.filter(plan=report.plan).update(is_live=False)
    news.published(report, lines)


SCORE_KIND = kinds.ReviewKind(
    key="score_report",
    label="成绩报审",
    items=ITEMS,
    reasons=REASONS,
    snapshot=snapshot,
    findings=findings,
    find=find,
    check_submission=refuse_unready,
    on_decided=on_decided,
    on_submitted=on_submitted,
    submitter="机构",
    handing_in="上报",
    states=ScoreState,
    separate_acceptance=True,
    working_days=5,
)


def register() -> None:
    """The kind and the colors of its states."""
    from foundation.ui.states import register_state_styles

    kinds.register(SCORE_KIND)
    register_state_styles(
        ScoreState,
        {"draft": "mute", "submitted": "wait", "accepted": "info", "approved": "ok", "rejected": "bad"},
    )

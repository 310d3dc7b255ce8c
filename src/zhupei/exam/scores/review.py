"""The review of a score report by the authority, and what its approval does to the people (SCO-01)."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from foundation.messages.services import notify, notify_bodies, notify_many
from foundation.review import kinds
from foundation.review.models import Review, ReviewState
from foundation.review.words import reasons_in_words
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment.models import Candidate
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.exam.scores.findings import findings
from zhupei.exam.scores.models import ScoreLine, ScoreMark, ScoreReport
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
RESULT_WORDS = {"passed": "合格", "failed": "不合格", "missed": "缺考"}


def outcome(line: ScoreLine) -> str:
    """What becomes of the enrollment: passed, failed or missed."""
    if line.passed:
        return "passed"
    return "missed" if line.mark == ScoreMark.ABSENT else "failed"


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
    notify(
        "scores.reported",
        recipients=[review.reviewer_key],
        url=f"/authority/scores/{report.pk}/",
        context={
            "institution": report.plan.institution.name,
            "name": report.plan.name,
            "count": report.lines.count(),
            "due": review.due_on,
        },
    )


def on_decided(actor: Actor, review: Review, report: ScoreReport) -> None:
    """Approved: everybody's result is recorded, the people and their organizations are told."""
    approved = review.state == ReviewState.APPROVED
    if approved:
        _record(report)
    notify(
        "scores.decided",
        recipients=[report.plan.institution.key],
        url=f"/institution/scores/{report.pk}/",
        context={
            "name": report.plan.name,
            "authority": report.plan.institution.supervisor.name,
            "result": "审核通过" if approved else "未通过",
            "reasons": reasons_in_words(review),
        },
    )


def _record(report: ScoreReport) -> None:
    lines = list(report.lines.select_related("candidate__enrollment__person"))
    by_outcome: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        by_outcome[outcome(line)].append(line.candidate.enrollment_id)
    acts = {"passed": "record_pass", "failed": "record_failure", "missed": "record_miss"}
    for result, keys in by_outcome.items():
        people = Enrollment.objects.filter(pk__in=keys)
        ENROLLMENT.perform_many(SYSTEM, people, acts[result], remark=f"{report.plan.name}成绩审核通过")
    Candidate.objects.filter(plan=report.plan).update(is_live=False)
    _tell(report, lines)


def _tell(report: ScoreReport, lines: list[ScoreLine]) -> None:
    by_firm: dict[str, list[ScoreLine]] = defaultdict(list)
    for line in lines:
        by_firm[f"enterprise:{line.candidate.enrollment.organization_id}"].append(line)
    notify_bodies(
        "scores.published",
        [
            (
                key,
                f"/enterprise/assessments/{report.plan_id}/",
                {"name": report.plan.name, "count": len(rows), "passed": sum(row.passed for row in rows)},
            )
            for key, rows in by_firm.items()
        ],
    )
    notify_many(
        "scores.published",
        [
            (
                line.candidate.enrollment.phone,
                {
                    "person": line.candidate.enrollment.name,
                    "name": report.plan.name,
                    "result": RESULT_WORDS[outcome(line)],
                },
            )
            for line in lines
        ],
    )


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
    """The kind and the texts of its messages."""
    from foundation.messages.templates import register_template
    from foundation.ui.states import register_state_styles
    from zhupei.exam.scores.services import appeals

    kinds.register(SCORE_KIND)
    appeals.register_messages()
    register_state_styles(
        ScoreState,
        {"draft": "mute", "submitted": "wait", "accepted": "info", "approved": "ok", "rejected": "bad"},
    )
    register_template(
        "scores.reported",
        label="成绩待审核",
        title="{institution}上报了 {name} 的成绩",
        body="共 {count} 人，请在 {due} 前办理。",
    )
    register_template(
        "scores.decided",
        label="成绩审核结果",
        title="{name} 成绩{result}",
        body="{authority}：{result}。{reasons}",
    )
    register_template(
        "scores.published",
        label="成绩公布",
        title="{name} 成绩已公布",
        body="本单位 {count} 人参加考核，{passed} 人合格。",
        sms="【筑培】{person}，您参加的 {name} 考核结果为：{result}。详情请登录平台查看。",
    )

"""What authorities, institutions, organizations and people are told about scores and appeals (NTF-01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from foundation.messages.services import notify, notify_bodies, notify_many
from foundation.messages.templates import register_template
from foundation.review.models import Review, ReviewState
from foundation.review.words import reasons_in_words
from zhupei.enrollment.models import Enrollment
from zhupei.exam.scores.models import ScoreAppeal, ScoreLine, ScoreReport

REPORTED = register_template(
    "scores.reported",
    label="成绩待审核",
    title="{institution}上报了 {name} 的成绩",
    body="共 {count} 人，请在 {due} 前办理。",
)
DECIDED = register_template(
    "scores.decided",
    label="成绩审核结果",
    title="{name} 成绩{result}",
    body="{authority}：{result}。{reasons}",
)
PUBLISHED = register_template(
    "scores.published",
    label="成绩公布",
    title="{name} 成绩已公布",
    body="本单位 {count} 人参加考核，{passed} 人合格。",
    sms="【筑培】{person}，您参加的 {name} 考核结果为：{result}。详情请登录平台查看。",
)
APPEAL_FILED = register_template(
    "appeals.filed",
    label="成绩申诉",
    title="{person} 对 {name} 的成绩提出申诉",
    body="请复核试卷后答复。",
)
APPEAL_DECIDED = register_template(
    "appeals.decided",
    label="成绩申诉答复",
    title="{name} 成绩申诉：{result}",
    body="{reply}",
    sms="【筑培】{person}，您对 {name} 的成绩申诉已答复：{result}。详情请登录平台查看。",
)
CORRECTED = register_template(
    "scores.corrected",
    label="成绩更正",
    title="{person} 的 {name} 成绩更正为{result}",
    body="成绩申诉经培训机构复核后更正，结果为{result}。",
)
RESULT_WORDS = {"passed": "合格", "failed": "不合格", "missed": "缺考"}


def reported(review: Review, report: ScoreReport) -> None:
    """The authority hears that it waits, and until when."""
    notify(
        REPORTED,
        recipients=[review.reviewer_key],
        subject=report,
        context={
            "institution": report.plan.institution.name,
            "name": report.plan.name,
            "count": report.lines.count(),
            "due": review.due_on,
        },
    )


def decided(review: Review, report: ScoreReport) -> None:
    """The verdict, with the reasons in words."""
    notify(
        DECIDED,
        recipients=[report.plan.institution.key],
        subject=report,
        context={
            "name": report.plan.name,
            "authority": report.plan.institution.supervisor.name,
            "result": "审核通过" if review.state == ReviewState.APPROVED else "未通过",
            "reasons": reasons_in_words(review),
        },
    )


def published(report: ScoreReport, lines: Sequence[ScoreLine]) -> None:
    """Organizations hear how many passed, people their own result; `lines` with candidate and enrollment."""
    name = report.plan.name
    by_firm: dict[str, list[ScoreLine]] = defaultdict(list)
    for line in lines:
        by_firm[f"enterprise:{line.candidate.enrollment.organization_id}"].append(line)
    notify_bodies(
        PUBLISHED,
        [
            (key, report.plan, {"name": name, "count": len(rows), "passed": sum(row.passed for row in rows)})
            for key, rows in by_firm.items()
        ],
    )
    people = [(line.candidate.enrollment, RESULT_WORDS[line.outcome]) for line in lines]
    notify_many(
        PUBLISHED, [(row.phone, {"person": row.name, "name": name, "result": word}) for row, word in people]
    )


def corrected(report: ScoreReport, enrollment: Enrollment, passed: bool) -> None:
    """A result that was approved has changed: the authority hears of it by the report, the organization by the plan."""
    plan = report.plan
    context = {"person": enrollment.name, "name": plan.name, "result": "合格" if passed else "不合格"}
    notify_bodies(
        CORRECTED,
        [
            (f"authority:{plan.institution.supervisor_id}", report, context),
            (f"enterprise:{enrollment.organization_id}", plan, context),
        ],
    )


def appeal_filed(appeal: ScoreAppeal) -> None:
    """The institution has something to answer."""
    candidate = appeal.candidate
    notify(
        APPEAL_FILED,
        recipients=[candidate.plan.institution.key],
        subject=appeal,
        context={"person": candidate.enrollment.name, "name": candidate.plan.name},
    )


def appeal_decided(appeal: ScoreAppeal, result: str, reply: str) -> None:
    """The person reads the answer at his result, and by SMS."""
    enrollment = appeal.candidate.enrollment
    user = enrollment.person.user_id
    notify(
        APPEAL_DECIDED,
        recipients=[f"user:{user}"] if user else [],
        phones=[enrollment.phone],
        subject=appeal.candidate,
        portal="learner",
        context={
            "person": enrollment.name,
            "name": appeal.candidate.plan.name,
            "result": result,
            "reply": reply.strip(),
        },
    )

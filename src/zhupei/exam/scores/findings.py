"""What the platform checks by itself in a score report, for whoever reviews it (SCO-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from foundation.review.findings import Finding
from zhupei.exam.scores.models import (
    AppealState,
    PracticalScore,
    ScoreAppeal,
    ScoreLine,
    ScoreMark,
    ScoreReport,
)

# Fewer people say nothing about a share.
LEAST_PEOPLE = 10


def findings(report: ScoreReport) -> list[Finding]:
    """People against the plan, points against the exam's record, practical sheets, marks, appeals."""
    lines: list[Any] = list(
        report.lines.order_by().values_list("candidate_id", "theory", "mark", "passed", "remark", named=True)
    )
    found = [_people(report, len(lines)), _theory(report)]
    if report.plan.has_practical:
        found.append(_practical(report))
    void = [row for row in lines if row.mark in {ScoreMark.CHEATING, ScoreMark.VOID}]
    found.append(_marks(len(void), sum(not row.remark for row in void)))
    sat = [row for row in lines if row.mark != ScoreMark.ABSENT]
    found.append(_share(len(sat), sum(row.passed for row in sat), len(lines) - len(sat)))
    found.append(_appeals(report))
    return found


def _people(report: ScoreReport, listed: int) -> Finding:
    expected = report.plan.candidates.count()
    if listed == expected:
        return Finding("ok", "人员名单", f"{listed} 人", "与考核计划的考生一致")
    return Finding("bad", "人员名单", f"{listed} / {expected} 人", "与考核计划的考生人数不一致")


def _theory(report: ScoreReport) -> Finding:
    """Each line against what the platform scored when the paper was handed in."""
    normal = ScoreLine.objects.filter(report=report, mark=ScoreMark.NORMAL)
    same = Q(theory=F("candidate__attempt__score"))
    differing = normal.exclude(same).count()
    if differing:
        return Finding("bad", "理论成绩", f"{differing} 人不同", "与交卷时系统评定的成绩不一致")
    return Finding("ok", "理论成绩", "一致", "与交卷时系统评定的成绩一致")


def _practical(report: ScoreReport) -> Finding:
    scored = PracticalScore.objects.filter(candidate__plan=report.plan_id)
    examiners = scored.order_by().values("examiner").distinct().count()
    missing = report.lines.filter(mark=ScoreMark.NORMAL, practical=None).count()
    if missing:
        return Finding("bad", "实操成绩", f"缺 {missing} 人", "有人没有实操成绩")
    return Finding("ok", "实操成绩", f"{examiners} 位考评员", "每人由两位考评员评分，取平均分")


def _marks(count: int, unexplained: int) -> Finding:
    if unexplained:
        return Finding("wait", "作弊、作废", f"{count} 人", f"{unexplained} 人没有写明原因")
    return Finding("wait" if count else "ok", "作弊、作废", f"{count} 人", "请核对说明" if count else "")


def _share(sat: int, passed: int, absent: int) -> Finding:
    note = f"缺考 {absent} 人，未计入" if absent else ""
    if not sat:
        return Finding("wait", "合格率", "—", "没有人参加考试")
    unusual = sat >= LEAST_PEOPLE and passed in {0, sat}
    if unusual:
        note = "全部合格，请留意" if passed else "无人合格，请留意"
    return Finding("wait" if unusual else "ok", "合格率", f"{passed / sat:.1%}", note)


def _appeals(report: ScoreReport) -> Finding:
    waiting = ScoreAppeal.objects.filter(candidate__plan=report.plan_id, state=AppealState.SUBMITTED).count()
    if waiting:
        return Finding("wait", "成绩申诉", f"{waiting} 件未答复", "答复后成绩可能更正")
    return Finding("ok", "成绩申诉", "没有未答复的申诉")

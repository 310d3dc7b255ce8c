"""Scores: pull them (拉取), report them (成绩上报), and what follows when the authority has approved (SCO-01, SCO-02)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, WrongStateError
from foundation.naming import some_of
from foundation.review import services as reviews
from foundation.review.models import WITH_SUBMITTER, Review
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.exam.hall.models import FINISHED, AttemptState, attempt_of
from zhupei.exam.papers.scoring import PassRule
from zhupei.exam.scores.models import PracticalScore, ScoreLine, ScoreReport
from zhupei.exam.scores.results import EXAMINERS, MOST_APART, judge, practical_mean, too_far_apart
from zhupei.organizations.roles import Capability, require


def pull_scores(actor: Actor, plan: AssessmentPlan) -> ScoreReport:
    """拉取成绩: everybody's result as of now into the plan's report; again until it is reported, and after a rejection.

    Raises WrongStateError while the exam is not over, DomainError `practical_missing` with names.
    """
    require(actor, Capability.ASSESS, plan)
    with transaction.atomic():
        locked = AssessmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        _require_over(locked)
        report = _report_of(actor, locked)
        # reporting locks the review, too: no line changes while the report goes out
        review = Review.objects.select_for_update(no_key=True).get(pk=report.review_id)
        if not review.is_with_submitter:
            raise WrongStateError("成绩已上报，不能再拉取；主管部门受理前可以先撤回。")
        lines = _lines(locked, report)
        report.lines.all().delete()
        ScoreLine.objects.bulk_create(lines, batch_size=1000)
        report.pulled_at = timezone.now()
        report.save(update_fields=["pulled_at"])
        audit.record(actor, "scores.pull", report, people=len(lines))
        return report


def _require_over(plan: AssessmentPlan) -> None:
    if plan.stage == AssessmentStage.COMPLETED:
        return
    over = plan.sessions.aggregate(last=Max("ends_at"))["last"]
    if plan.stage == AssessmentStage.RUNNING and over is not None and over <= timezone.now():
        raise WrongStateError("考试时间已到，正在自动交卷，请一分钟后再拉取成绩。")
    when = f"，{timezone.localtime(over):%m 月 %d 日 %H:%M} 结束" if over else ""
    raise WrongStateError(f"考核还没有结束{when}，结束后再拉取成绩。")


def _report_of(actor: Actor, plan: AssessmentPlan) -> ScoreReport:
    report = ScoreReport.objects.select_related("review").filter(plan=plan).first()
    if report is not None:
        return report
    review = reviews.begin(
        actor,
        "score_report",
        label=f"{plan.name}成绩",
        reviewer_key=f"authority:{plan.institution.supervisor_id}",
        submitter_key=plan.institution.key,
    )
    return ScoreReport.objects.create(plan=plan, review=review)


def _lines(plan: AssessmentPlan, report: ScoreReport) -> list[ScoreLine]:
    candidates = list(
        plan.candidates.filter(is_live=True)
        .select_related("attempt", "enrollment")
        .order_by("exam_room__number", "seat_number", "pk")
    )
    given: dict[int, list[PracticalScore]] = defaultdict(list)
    if plan.has_practical:
        for row in PracticalScore.objects.filter(candidate__plan=plan).order_by("pk"):
            given[row.candidate_id].append(row)
        _require_practical(candidates, given)
    rule = PassRule.of(plan)
    return [_line(report, candidate, given[candidate.pk], rule) for candidate in candidates]


def _line(
    report: ScoreReport, candidate: Candidate, given: list[PracticalScore], rule: PassRule
) -> ScoreLine:
    attempt = attempt_of(candidate)
    theory = attempt.score if attempt is not None and attempt.state in FINISHED else None
    void = attempt.void_kind or "void" if attempt is not None and attempt.state == AttemptState.VOIDED else ""
    absent = any(row.is_absent for row in given)
    practical = None if absent else practical_mean([row.score for row in given])
    verdict = judge(rule, theory=theory, practical=practical, void_kind=void, practical_absent=absent)
    return ScoreLine(
        report=report,
        candidate=candidate,
        theory=None if void else theory,
        practical=practical,
        mark=verdict.mark,
        passed=verdict.passed,
        remark=attempt.void_reason if void and attempt is not None else verdict.remark,
    )


def _sat_theory(candidate: Candidate) -> bool:
    attempt = attempt_of(candidate)
    return attempt is not None and attempt.state in FINISHED


def _require_practical(candidates: Iterable[Candidate], given: dict[int, list[PracticalScore]]) -> None:
    """Who sat the theory needs two examiners' points, or is marked absent by one of them."""
    missing, apart = [], []
    for candidate in candidates:
        rows = given[candidate.pk]
        if not _sat_theory(candidate) or any(row.is_absent for row in rows):
            continue
        if len(rows) < EXAMINERS:
            missing.append(candidate.enrollment.name)
        elif too_far_apart([row.score for row in rows]):
            apart.append(candidate.enrollment.name)
    if missing:
        raise DomainError(
            "practical_missing",
            f"{some_of(missing)}的实操还没有两位考评员评分，请评完再拉取；没有参加的请登记缺考。",
        )
    if apart:
        raise DomainError(
            "practical_apart",
            f"{some_of(apart)}的两位考评员评分相差超过 {MOST_APART} 分，请共同复核后重新评分。",
        )


def refuse_unready(report: ScoreReport) -> None:
    """Raise WrongStateError before the scores were pulled and when something has changed since; `appeals_open`."""
    if report.pulled_at is None or not report.lines.exists():
        raise WrongStateError("请先拉取成绩，核对无误后再上报。")
    if report.plan.candidates.filter(is_live=True, appeals__state="submitted").exists():
        raise DomainError("appeals_open", "还有成绩申诉没有答复，请先答复并重新拉取成绩，再上报。")
    if _has_changed(report):
        raise WrongStateError("拉取以后成绩有变化，请重新拉取，核对无误后再上报。")


def report_scores(actor: Actor, report: ScoreReport) -> None:
    """成绩上报: hand the pulled scores in to the authority. Raises what `refuse_unready` raises, NotAllowedError."""
    require(actor, Capability.ASSESS, report)
    with transaction.atomic():
        AssessmentPlan.objects.select_for_update(no_key=True).get(pk=report.plan_id)
        reviews.submit(actor, report.review)


def _has_changed(report: ScoreReport) -> bool:
    """Whether a new pull would give other results than the report's lines."""

    def results(lines: Iterable[ScoreLine]) -> dict[int, tuple[object, ...]]:
        return {line.candidate_id: (line.theory, line.practical, line.mark, line.passed) for line in lines}

    return results(report.lines.all()) != results(_lines(report.plan, report))


def is_reported(plan: AssessmentPlan) -> bool:
    """Whether the scores are with the authority, so that nothing they rest on may be changed."""
    return ScoreReport.objects.filter(plan=plan).exclude(review__state__in=WITH_SUBMITTER).exists()


def refuse_void(plan: AssessmentPlan) -> None:
    """The invigilators' guard: raises WrongStateError when nobody of the plan may be voided any more."""
    if is_reported(plan):
        raise WrongStateError("成绩已上报，不能再作废；主管部门退回后可以办理。")


def withdraw_scores(actor: Actor, report: ScoreReport) -> None:
    """Take a report back that nobody has accepted yet."""
    require(actor, Capability.ASSESS, report)
    reviews.withdraw(actor, report.review)


def due_for_appeal(plan: AssessmentPlan, days: int) -> dt.datetime | None:
    """Until when scores of the plan can be appealed: `days` after its last session; None without a session."""
    over = plan.sessions.aggregate(last=Max("ends_at"))["last"]
    return over + dt.timedelta(days=days) if over else None

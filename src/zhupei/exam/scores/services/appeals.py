"""成绩申诉: filed by the person, answered by the institution with the rebuilt paper before it (SCO-02)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.review.models import Review, ReviewState
from foundation.scoping import SYSTEM, Actor, require_visible
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.models import QuestionType
from zhupei.exam.hall.models import FINISHED, Answer, Attempt
from zhupei.exam.papers.models import Paper
from zhupei.exam.papers.scoring import PassRule
from zhupei.exam.papers.services import rebuild
from zhupei.exam.scores import news
from zhupei.exam.scores.machine import APPEAL
from zhupei.exam.scores.models import AppealState, ScoreAppeal, ScoreLine, ScoreMark, ScoreReport
from zhupei.exam.scores.results import judge
from zhupei.exam.scores.services.reporting import due_for_appeal
from zhupei.organizations.roles import Capability, require

# The rules name no term; a week after the last session leaves time for the answer before certificates are made.
APPEAL_DAYS = 7
REASON_LENGTH = 500
ANSWERED = (AppealState.UPHELD, AppealState.CORRECTED)


def appeal_until(plan: AssessmentPlan) -> dt.datetime | None:
    """The last moment at which a score of the plan can be appealed."""
    return due_for_appeal(plan, APPEAL_DAYS)


def why_not(candidate: Candidate) -> str:
    """Why the score of a candidate cannot be appealed now, as a sentence; empty when it can."""
    attempt = Attempt.objects.filter(candidate=candidate).first()
    if attempt is None or attempt.state not in FINISHED or attempt.score is None:
        return "只有交卷后有理论成绩的，才能申诉。"
    until = appeal_until(candidate.plan)
    if until is None or timezone.now() > until:
        return f"申诉时间已过（考试结束后 {APPEAL_DAYS} 天内可以申诉）。"
    states = set(ScoreAppeal.objects.filter(candidate=candidate).values_list("state", flat=True))
    if AppealState.SUBMITTED in states:
        return "您的申诉正在复核，请等待答复。"
    if states & set(ANSWERED):
        return "申诉已经答复，同一次考试只能申诉一次。"
    return ""


def file_appeal(actor: Actor, candidate: Candidate, reason: str) -> ScoreAppeal:
    """成绩申诉 of one's own theory score. Raises NotAllowedError, `reason_required`, or WrongStateError with why not."""
    if actor.user is None or candidate.enrollment.person.user_id != actor.user.pk:
        raise NotAllowedError()
    text = reason.strip()
    if not text:
        raise DomainError("reason_required", "请写明申诉理由。")
    if len(text) > REASON_LENGTH:
        raise DomainError("reason_too_long", f"申诉理由请在 {REASON_LENGTH} 字以内。")
    with transaction.atomic():
        Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk)
        if sentence := why_not(candidate):
            raise WrongStateError(sentence)
        score = Attempt.objects.get(candidate=candidate).score or Decimal(0)
        try:
            with transaction.atomic():
                appeal = ScoreAppeal.objects.create(candidate=candidate, reason=text, score_before=score)
        except IntegrityError:
            raise WrongStateError("您的申诉正在复核，请等待答复。") from None
        APPEAL.record_start(actor, [appeal], action="file")
        news.appeal_filed(appeal)
        return appeal


def withdraw_appeal(actor: Actor, appeal: ScoreAppeal) -> None:
    """撤回申诉, while nobody has answered."""
    require_visible(actor, appeal)
    APPEAL.perform(actor, appeal, "withdraw")


def uphold(actor: Actor, appeal: ScoreAppeal, reply: str) -> None:
    """维持原成绩, with a reply."""
    require(actor, Capability.ASSESS, appeal)
    with transaction.atomic():
        APPEAL.perform(actor, appeal, "uphold", remark=reply)
        audit.record(actor, "appeal.uphold", appeal, score=str(appeal.score_before))
        news.appeal_decided(appeal, "维持原成绩", reply)


def correct(actor: Actor, appeal: ScoreAppeal, score: Decimal, reply: str) -> None:
    """更正成绩: the attempt, the line of the report and, once approved, the person's result follow.

    Raises `score_range`, `same_score`, WrongStateError while the report is with the authority or the person is in a
    later exam.
    """
    require(actor, Capability.ASSESS, appeal)
    plan = appeal.candidate.plan
    value = _checked(score, plan, appeal)
    with transaction.atomic():
        AssessmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        report = _settled_report(plan)
        APPEAL.perform(actor, appeal, "correct", remark=reply)
        ScoreAppeal.objects.filter(pk=appeal.pk).update(score_after=value)
        Attempt.objects.filter(candidate=appeal.candidate_id).update(score=value)
        if report is not None:
            _correct_line(report, plan, appeal, value)
        audit.record(actor, "appeal.correct", appeal, before=str(appeal.score_before), after=str(value))
        appeal.refresh_from_db()
        news.appeal_decided(appeal, f"更正为 {value.normalize():f} 分", reply)


def _checked(score: Decimal, plan: AssessmentPlan, appeal: ScoreAppeal) -> Decimal:
    if not score.is_finite() or not 0 <= score <= plan.full_mark:
        raise DomainError("score_range", f"复核成绩应在 0 至 {plan.full_mark} 分之间。")
    value = score.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if value == appeal.score_before:
        raise DomainError("same_score", "复核成绩与原成绩相同，请选择“维持原成绩”。")
    return value


def _settled_report(plan: AssessmentPlan) -> ScoreReport | None:
    """The plan's report, which must not be under the authority's eyes while a score changes."""
    report = ScoreReport.objects.filter(plan=plan).first()
    if report is None:
        return None
    report.review = Review.objects.select_for_update(no_key=True).get(pk=report.review_id)
    if report.review.is_waiting:
        raise WrongStateError("成绩正在主管部门审核，请等审核结束后再更正；主管部门受理前也可以先撤回成绩。")
    return report


def _correct_line(report: ScoreReport, plan: AssessmentPlan, appeal: ScoreAppeal, value: Decimal) -> None:
    line = ScoreLine.objects.filter(report=report, candidate=appeal.candidate_id).first()
    if line is None:
        return
    absent = line.mark == ScoreMark.ABSENT
    verdict = judge(PassRule.of(plan), theory=value, practical=line.practical, practical_absent=absent)
    before, line.theory, line.passed = line.passed, value, verdict.passed
    line.remark = "成绩申诉后更正" if not absent else line.remark
    line.save(update_fields=["theory", "passed", "remark"])
    if report.review.state == ReviewState.APPROVED:
        _correct_result(report, appeal, before, line.passed)


def _correct_result(report: ScoreReport, appeal: ScoreAppeal, before: bool, passed: bool) -> None:
    """What the authority approved has changed: the person moves, the authority and the organization are told."""
    if before == passed:
        return
    enrollment = Enrollment.objects.get(pk=appeal.candidate.enrollment_id)
    if enrollment.state not in {EnrollmentState.PASSED, EnrollmentState.FAILED}:
        raise WrongStateError(
            f"{enrollment.name}现在的状态是“{enrollment.get_state_display()}”，不能再更正这次考核的结果。"
        )
    action = "correct_to_passed" if passed else "correct_to_failed"
    ENROLLMENT.perform(SYSTEM, enrollment, action, remark=f"{report.plan.name}成绩申诉后更正")
    news.corrected(report, enrollment, passed)


# --- the paper of an appeal


@dataclass(frozen=True)
class PaperLine:
    """One question as it was shown, what was answered, what is right, the points of it."""

    number: int
    question: dict[str, Any]
    chosen: str
    answer: str
    points: Decimal
    earned: Decimal

    @property
    def is_right(self) -> bool:
        return self.earned == self.points

    @property
    def chosen_label(self) -> str:
        """A、C; empty when it was left blank."""
        return "、".join(self.chosen)

    @property
    def answer_label(self) -> str:
        """A、C"""
        return "、".join(self.answer)

    @property
    def type_label(self) -> str:
        """单选题, …"""
        return str(QuestionType(self.question["type"]).label)

    @property
    def options(self) -> list[dict[str, Any]]:
        """The options with whether each was chosen and is right."""
        return [
            option | {"chosen": option["key"] in self.chosen, "right": option["key"] in self.answer}
            for option in self.question["options"]
        ]


def open_paper(actor: Actor, appeal: ScoreAppeal) -> list[PaperLine]:
    """The rebuilt paper with the saved answers and the key; each opening is in the audit log.

    For whoever decides the appeal, while it is open or once it is decided. Raises NotAllowedError, WrongStateError,
    PaperMismatchError when the rebuilt paper is not the one that was shown.
    """
    require(actor, Capability.ASSESS, appeal)
    if appeal.state == AppealState.WITHDRAWN:
        raise WrongStateError("申诉已撤回，不能再查看试卷。")
    attempt = Attempt.objects.get(candidate=appeal.candidate_id)
    paper = Paper.objects.select_related("paper_set").get(candidate=appeal.candidate_id)
    questions, key = rebuild(paper)
    rows = Answer.objects.filter(month=attempt.month, attempt=attempt.pk)
    chosen = dict(rows.values_list("number", "choice"))
    audit.record(actor, "appeal.open_paper", appeal, plan=appeal.candidate.plan.name)
    return [
        PaperLine(
            number=number,
            question=question,
            chosen=chosen.get(number, ""),
            answer="".join(entry["answer"]),
            points=Decimal(entry["points"]),
            earned=Decimal(attempt.marks[number - 1]) if number <= len(attempt.marks) else Decimal(0),
        )
        for number, (question, entry) in enumerate(zip(questions, key, strict=True), start=1)
    ]

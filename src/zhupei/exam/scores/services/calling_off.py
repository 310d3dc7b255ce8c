"""An assessment that does not take place: refused once somebody has sat, otherwise what was prepared goes (ASM-03)."""

from __future__ import annotations

from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.exam.hall.models import Attempt, Entry, ExamEvent
from zhupei.exam.papers.models import Paper, PaperSet
from zhupei.exam.scores.models import PracticalScore, ScoreReport


def has_been_sat(plan: AssessmentPlan) -> bool:
    """Whether anybody of the plan was admitted, answered, or was scored at the practical part."""
    return (
        Attempt.objects.filter(candidate__plan=plan).exists()
        or PracticalScore.objects.filter(candidate__plan=plan).exists()
    )


def has_scores(plan: AssessmentPlan) -> bool:
    """Whether the scores were pulled: everybody has a result then, be it 缺考."""
    return ScoreReport.objects.filter(plan=plan).exists()


def refuse_sat(plan: AssessmentPlan) -> None:
    """Raise DomainError `attempts_exist` or `scores_pulled`; from now to the transaction's end nobody is admitted.

    Signing in and admitting lock the candidate: whoever comes at the same moment waits, and finds no ticket then.
    """
    rows = Candidate.objects.select_for_update(no_key=True).filter(plan=plan).order_by("pk")
    list(rows.values_list("pk", flat=True))
    if has_been_sat(plan):
        raise DomainError("attempts_exist", "已有考生签到或答题，不能取消，请用监考页面处理。")
    if has_scores(plan):
        raise DomainError("scores_pulled", "已拉取成绩，不能取消，请在“成绩报审”里办理。")


def drop_unused(actor: Actor, plan: AssessmentPlan) -> None:
    """Papers, what they are drawn from, and sign-ins that nobody admitted; the audit log keeps what happened.

    A constant number of statements. Papers that are being prepared at this moment fail for want of their set.
    """
    list(PaperSet.objects.select_for_update().filter(plan=plan).order_by("pk").values_list("pk", flat=True))
    Paper.objects.filter(candidate__plan=plan).delete()
    PaperSet.objects.filter(plan=plan).delete()
    events = ExamEvent.objects.filter(candidate__plan=plan)
    happened = [
        [ticket, kind, f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}", detail]
        for ticket, kind, at, detail in events.order_by("at", "pk").values_list(
            "candidate__ticket_number", "kind", "at", "detail"
        )
    ]
    if happened:
        audit.record(actor, "exam.sign_ins_dropped", plan, events=happened)
        events.delete()
    Entry.objects.filter(candidate__plan=plan).delete()

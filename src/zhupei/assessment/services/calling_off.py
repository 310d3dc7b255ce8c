"""取消本次安排: an approved assessment does not take place; it is handed in anew once it has another time (ASM-03)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from foundation.audit import services as audit
from foundation.files import services as files
from foundation.review import services as reviews
from foundation.scoping import SYSTEM, Actor
from foundation.workflow.models import TransitionLog
from zhupei.assessment import news
from zhupei.assessment.machine import ASSESSMENT
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.assessment.services.printouts import documents_of
from zhupei.assessment.services.seats import clear_seats
from zhupei.assessment.signals import called_off
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.organizations.roles import Capability, require


def call_off_plan(actor: Actor, plan: AssessmentPlan, reason: str) -> int:
    """Call an approved plan off that nobody has sat; returns how many people it concerned.

    The plan and its review go back to the institution, people to the state they came from; tickets and seats are
    void, the candidates stay. A constant number of statements. Raises NotAllowedError, WrongStateError (state, no
    reason), DomainError `attempts_exist` or `scores_pulled` of the exam.
    """
    require(actor, Capability.ASSESS, plan)
    words = reason.strip()
    with transaction.atomic():
        ASSESSMENT.perform(actor, plan, "call_off", remark=words)
        told = list(Candidate.objects.filter(plan=plan).select_related("exam_room__session", "enrollment"))
        reviews.reopen(actor, plan.review, words)
        _send_back(plan, words)
        called_off.send(sender=AssessmentPlan, actor=actor, plan=plan)
        _void(plan)
        audit.record(actor, "assessment.call_off", plan, people=len(told), reason=words)
        news.called_off(plan, told, words)
        return len(told)


def _void(plan: AssessmentPlan) -> None:
    """No tickets, no seats, no printouts that show them. The counter of ticket numbers goes on."""
    plan.candidates.update(ticket_number=None)
    clear_seats(plan)
    AssessmentPlan.objects.filter(pk=plan.pk).update(confirmed_at=None)
    plan.confirmed_at = None
    files.remove_many(list(documents_of(plan)))


def _send_back(plan: AssessmentPlan, reason: str) -> None:
    """First sitters are 培训完成 again, resits what they were before."""
    remark = f"考核计划 {plan.name} 取消：{reason}"
    ENROLLMENT.perform_many(SYSTEM, _examined(plan, is_resit=False), "leave_assessment", remark=remark)
    resits = set(_examined(plan, is_resit=True).values_list("pk", flat=True))
    missed = _who_had_missed(resits)
    for action, keys in (("leave_resit_missed", missed), ("leave_resit_failed", resits - missed)):
        ENROLLMENT.perform_many(SYSTEM, Enrollment.objects.filter(pk__in=keys), action, remark=remark)


def _examined(plan: AssessmentPlan, *, is_resit: bool) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(
        candidacies__plan=plan, candidacies__is_resit=is_resit, state=EnrollmentState.IN_ASSESSMENT
    )


def _who_had_missed(keys: set[int]) -> set[int]:
    """Those of the resits who came as 缺考, by the log of their last beginning; one query."""
    logs = TransitionLog.objects.filter(
        machine=ENROLLMENT.name,
        subject_type=Enrollment._meta.label_lower,
        subject_id__in=keys,
        action="begin_resit",
    )
    last = logs.order_by("subject_id", "-at", "-pk").distinct("subject_id")
    return {
        key
        for key, before in last.values_list("subject_id", "from_state")
        if before == EnrollmentState.MISSED
    }

"""报名状态: every move of an enrollment (states.md). Later stages move it through these transitions only."""

from __future__ import annotations

from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition, platform
from foundation.workflow.models import TransitionLog
from zhupei.enrollment import admission
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.enrollment.signals import enrollment_eligible, enrollment_ended, enrollment_submitted
from zhupei.organizations.roles import Capability, holder

S = EnrollmentState


_is_applicant = holder("enterprise", "organization_id", Capability.ENROLL)
_is_institution = holder("institution", "institution_id", Capability.REVIEW_ELIGIBILITY)


def _keep_submission(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    _keep_submissions(actor, [enrollment])


def _keep_submissions(actor: Actor, enrollments: list[Enrollment]) -> None:
    from django.utils import timezone

    Enrollment.objects.filter(pk__in=[row.pk for row in enrollments]).update(
        submitted_at=timezone.now(), reviewed_at=None, reasons={}, remark=""
    )
    enrollment_submitted.send(sender=Enrollment, actor=actor, enrollments=enrollments)


def _forget_submission(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    _forget_submissions(actor, [enrollment])


def _forget_submissions(actor: Actor, enrollments: list[Enrollment]) -> None:
    Enrollment.objects.filter(pk__in=[row.pk for row in enrollments]).update(
        submitted_at=None, reviewed_at=None, reasons={}, remark=""
    )


def _keep_decision(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    enrollment.reviewed_at, enrollment.reasons, enrollment.remark = log.at, log.reasons, log.remark[:500]
    enrollment.save(update_fields=["reviewed_at", "reasons", "remark"])


def _rejected(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    _keep_decision(actor, enrollment, log)
    _ended_many(actor, [enrollment])


def _ended(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    _ended_many(actor, [enrollment])


def _ended_many(actor: Actor, enrollments: list[Enrollment]) -> None:
    enrollment_ended.send(sender=Enrollment, actor=actor, enrollments=enrollments)


def _approved(actor: Actor, enrollment: Enrollment, log: TransitionLog) -> None:
    _keep_decision(actor, enrollment, log)
    enrollment_eligible.send(sender=Enrollment, actor=actor, enrollments=[enrollment])


def _approved_many(actor: Actor, enrollments: list[Enrollment]) -> None:
    from django.utils import timezone

    Enrollment.objects.filter(pk__in=[row.pk for row in enrollments]).update(
        reviewed_at=timezone.now(), reasons={}, remark=""
    )
    enrollment_eligible.send(sender=Enrollment, actor=actor, enrollments=enrollments)


ENROLLMENT = Machine(
    "enrollment",
    EnrollmentState,
    [
        Transition(
            "submit",
            "提交资格审核",
            (S.DRAFT, S.RETURNED),
            S.SUBMITTED,
            may=_is_applicant,
            guard_many=admission.check_submissions,
            effect=_keep_submission,
            effect_many=_keep_submissions,
        ),
        Transition(
            "withdraw",
            "撤回报名",
            (S.DRAFT, S.SUBMITTED, S.RETURNED, S.ELIGIBLE),
            S.WITHDRAWN,
            may=_is_applicant,
            guard_many=admission.check_unpaid,
            effect=_ended,
            effect_many=_ended_many,
        ),
        # To change what has been handed in and not been paid (ENR-08); it is reviewed again afterwards.
        Transition(
            "recall",
            "撤回修改",
            (S.SUBMITTED, S.ELIGIBLE),
            S.DRAFT,
            may=_is_applicant,
            guard_many=admission.check_unpaid,
            effect=_forget_submission,
            effect_many=_forget_submissions,
        ),
        Transition(
            "approve",
            "通过",
            (S.SUBMITTED,),
            S.ELIGIBLE,
            may=_is_institution,
            effect=_approved,
            effect_many=_approved_many,
        ),
        Transition(
            "return",
            "退回修改",
            (S.SUBMITTED, S.ELIGIBLE, S.ENROLLED),
            S.RETURNED,
            may=_is_institution,
            effect=_keep_decision,
            needs_reason=True,
        ),
        Transition(
            "reject",
            "不通过",
            (S.SUBMITTED,),
            S.INELIGIBLE,
            may=_is_institution,
            effect=_rejected,
            needs_reason=True,
        ),
        Transition("place_order", "生成订单", (S.ELIGIBLE,), S.ORDERED, may=platform),
        Transition("cancel_order", "取消订单", (S.ORDERED,), S.ELIGIBLE, may=platform),
        Transition("report_payment", "上传汇款凭证", (S.ORDERED,), S.PAID, may=platform),
        Transition("reject_payment", "凭证退回", (S.PAID,), S.ORDERED, may=platform),
        Transition("confirm_payment", "缴费确认", (S.PAID,), S.ENROLLED, may=platform),
        # Paid once, returned for correction and approved again: not paid again (ENR-08).
        Transition("resume_enrolled", "恢复已报名", (S.ELIGIBLE,), S.ENROLLED, may=platform),
        # Training moves people from here on (TRN-05, TRN-06).
        Transition("begin_training", "开班", (S.ENROLLED,), S.IN_TRAINING, may=platform),
        Transition("complete_training", "培训完成", (S.IN_TRAINING,), S.TRAINED, may=platform),
        Transition("miss_training", "缺勤", (S.IN_TRAINING,), S.ABSENT, may=platform),
        Transition("rejoin", "转入下一期", (S.ABSENT,), S.ENROLLED, may=platform),
        Transition("correct_to_absent", "更正为缺勤", (S.TRAINED,), S.ABSENT, may=platform),
        Transition("correct_to_trained", "更正为出勤", (S.ABSENT,), S.TRAINED, may=platform),
        # The assessment moves people from here on (ASM-03, SCO-01, SCO-02).
        Transition("begin_assessment", "进入考核", (S.TRAINED,), S.IN_ASSESSMENT, may=platform),
        Transition("begin_resit", "参加补考", (S.FAILED, S.MISSED), S.IN_ASSESSMENT, may=platform),
        Transition("leave_assessment", "退出考核", (S.IN_ASSESSMENT,), S.TRAINED, may=platform),
        # A resit that does not take place leaves the result as it was.
        Transition("leave_resit_failed", "退出补考", (S.IN_ASSESSMENT,), S.FAILED, may=platform),
        Transition("leave_resit_missed", "退出补考", (S.IN_ASSESSMENT,), S.MISSED, may=platform),
        Transition("record_pass", "考核合格", (S.IN_ASSESSMENT,), S.PASSED, may=platform),
        Transition("record_failure", "考核不合格", (S.IN_ASSESSMENT,), S.FAILED, may=platform),
        Transition("record_miss", "缺考", (S.IN_ASSESSMENT,), S.MISSED, may=platform),
        # An appeal may turn a result that was approved (SCO-02).
        Transition("correct_to_passed", "更正为合格", (S.FAILED, S.MISSED), S.PASSED, may=platform),
        Transition("correct_to_failed", "更正为不合格", (S.PASSED,), S.FAILED, may=platform),
    ],
)

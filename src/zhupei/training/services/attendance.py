"""Start of class and attendance (TRN-06): mark the absent, everybody else counts as present; confirm once."""

from __future__ import annotations

from collections.abc import Collection

from django.core import signing
from django.db import transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.messages.services import notify
from foundation.scoping import SYSTEM, Actor
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.training.machine import PLAN, is_holder
from zhupei.training.models import AttendanceMark, MarkMethod, Placement, PlanDay, PlanStage, TrainingPlan

CHECK_IN_SECONDS = 60
SALT = "zhupei.training.check-in"


def start_class(actor: Actor, plan: TrainingPlan) -> None:
    """开班: enrollment is closed; everybody placed and 已报名 is 培训中. People not yet paid are taken out first by name."""
    with transaction.atomic():
        locked = TrainingPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        placed = Enrollment.objects.filter(placements__plan=locked, placements__is_live=True)
        unpaid = list(placed.exclude(state=EnrollmentState.ENROLLED).values_list("name", flat=True)[:6])
        if unpaid:
            names = "、".join(unpaid[:5]) + ("等" if len(unpaid) > 5 else "")
            raise DomainError(
                "not_enrolled", f"{names}还没有完成报名缴费，请先确认缴费，或把他们移出计划，再开班。"
            )
        PLAN.perform(actor, locked, "start_class")
        ENROLLMENT.perform_many(SYSTEM, placed, "begin_training", remark=f"计划 {locked.name} 开班")
        plan.stage = locked.stage


def mark_day(actor: Actor, plan: TrainingPlan, day: PlanDay, absent: Collection[int]) -> None:
    """Record one day: placements in `absent` were away, everybody else was there. Until the attendance is confirmed."""
    _check_open(actor, plan)
    with transaction.atomic():
        placements = list(plan.placements.live().values_list("pk", flat=True))
        AttendanceMark.objects.bulk_create(
            [
                AttendanceMark(
                    placement_id=key,
                    day=day,
                    is_present=key not in absent,
                    method=MarkMethod.CLERK,
                    at=timezone.now(),
                )
                for key in placements
            ],
            update_conflicts=True,
            unique_fields=["placement", "day"],
            update_fields=["is_present", "method", "at"],
        )
        audit.record(actor, "attendance.mark", plan, day=day.pk, absent=sorted(absent))


def check_in_token(plan: TrainingPlan) -> str:
    """What the QR code on the classroom's screen carries; good for a minute, so that a photo of it is no use later."""
    return signing.TimestampSigner(salt=SALT).sign(f"{plan.pk}:{plan.check_in_key[:12]}")


def check_in(actor: Actor, token: str) -> PlanDay:
    """A learner scans the code: present today. Raises DomainError when the code is old or nothing is taught now."""
    try:
        value = signing.TimestampSigner(salt=SALT).unsign(token, max_age=CHECK_IN_SECONDS)
        plan = TrainingPlan.objects.get(pk=int(value.split(":")[0]), stage=PlanStage.IN_SESSION)
    except (signing.BadSignature, ValueError, TrainingPlan.DoesNotExist):
        raise DomainError("code_old", "签到码已过期，请重新扫描教室屏幕上的二维码。") from None
    placement = Placement.objects.live().filter(plan=plan, enrollment__person__user=actor.user).first()
    if placement is None:
        raise DomainError("not_placed", "您不在这个培训计划里，请与老师核对。")
    today = timezone.localdate()
    day = next(
        (row for row in plan.days.order_by("period") if timezone.localdate(row.period.lower) == today), None
    )
    if day is None:
        raise DomainError("no_class_today", "今天没有课，不用签到。")
    AttendanceMark.objects.update_or_create(
        placement=placement, day=day, defaults={"is_present": True, "method": MarkMethod.QR_CODE}
    )
    return day


def confirm_attendance(actor: Actor, plan: TrainingPlan, absent: Collection[int]) -> None:
    """Lock the attendance: placements in `absent` are 缺勤, everybody else 培训完成. Confirmed once."""
    with transaction.atomic():
        PLAN.perform(actor, plan, "confirm_attendance")
        live = plan.placements.live()
        known = set(live.values_list("pk", flat=True))
        if set(absent) - known:
            raise DomainError("unknown_person", "缺勤名单里有人不在本计划，请刷新页面后重新勾选。")
        live.filter(pk__in=absent).update(is_absent=True)
        missing = Enrollment.objects.filter(placements__in=list(absent))
        present = Enrollment.objects.filter(placements__in=list(known - set(absent)))
        ENROLLMENT.perform_many(SYSTEM, present, "complete_training", remark=f"计划 {plan.name} 考勤完成")
        ENROLLMENT.perform_many(SYSTEM, missing, "miss_training", remark=f"计划 {plan.name} 缺勤")
        TrainingPlan.objects.filter(pk=plan.pk).update(attendance_confirmed_at=timezone.now())
        _tell_absent(plan, list(missing.select_related("organization")))


def _tell_absent(plan: TrainingPlan, missing: list[Enrollment]) -> None:
    names: dict[str, list[str]] = {}
    for row in missing:
        names.setdefault(row.organization.key, []).append(row.name)
    for key, people in names.items():
        notify(
            "training.absent",
            recipients=[key],
            url=f"/enterprise/plans/{plan.pk}/",
            context={"name": plan.name, "count": len(people), "people": "、".join(people)},
        )


def correct_attendance(actor: Actor, placement: Placement, *, is_absent: bool, reason: str) -> None:
    """Correct somebody after the confirmation; who, when and why is logged. Not once the assessment has begun."""
    plan = placement.plan
    if not is_holder(actor, plan):
        raise NotAllowedError()
    if not reason.strip():
        raise DomainError("reason_required", "请写明更正的原因。")
    if plan.stage not in {PlanStage.ATTENDANCE_CONFIRMED, PlanStage.FINISHED}:
        raise WrongStateError("考勤还没有确认，请直接在考勤页修改。")
    with transaction.atomic():
        changed = Placement.objects.filter(pk=placement.pk, is_live=True, is_absent=not is_absent).update(
            is_absent=is_absent
        )
        if not changed:
            raise WrongStateError("考勤已经是这个结果，请刷新页面。")
        action = "correct_to_absent" if is_absent else "correct_to_trained"
        ENROLLMENT.perform(SYSTEM, placement.enrollment, action, remark=reason)
        audit.record(actor, "attendance.correct", placement, absent=is_absent, reason=reason.strip())


def finish_plan(actor: Actor, plan: TrainingPlan) -> None:
    """培训结束: an assessment plan can be made from it."""
    PLAN.perform(actor, plan, "finish")


def _check_open(actor: Actor, plan: TrainingPlan) -> None:
    if not is_holder(actor, plan):
        raise NotAllowedError()
    plan.refresh_from_db(fields=["stage"])
    if plan.stage != PlanStage.IN_SESSION:
        raise WrongStateError("只有已开班、还没有确认考勤的计划可以登记考勤。")

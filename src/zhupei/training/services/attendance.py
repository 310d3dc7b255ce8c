"""Start of class and attendance (TRN-06): mark the absent, everybody else counts as present; confirm once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.core import signing
from django.db import transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotFoundError, WrongStateError
from foundation.naming import some_of
from foundation.scoping import SYSTEM, Actor
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.organizations.roles import Capability, require
from zhupei.training import news
from zhupei.training.machine import PLAN
from zhupei.training.models import AttendanceMark, MarkMethod, Placement, PlanDay, PlanStage, TrainingPlan

CHECK_IN_SECONDS = 60
SIGN_IN_SECONDS = 600
SALT = "zhupei.training.check-in"


def start_class(actor: Actor, plan: TrainingPlan) -> None:
    """开班: enrollment is closed; everybody placed, all 已报名, is 培训中. Refused while somebody is not 已报名, by name."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        locked = TrainingPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        placed = Enrollment.objects.filter(placements__plan=locked, placements__is_live=True)
        unpaid = list(placed.exclude(state=EnrollmentState.ENROLLED).values_list("name", flat=True))
        if unpaid:
            raise DomainError(
                "not_enrolled",
                f"{some_of(unpaid)}还没有完成报名缴费，请先确认缴费，或把他们移出计划，再开班。",
            )
        PLAN.perform(actor, locked, "start_class")
        ENROLLMENT.perform_many(SYSTEM, placed, "begin_training", remark=f"计划 {locked.name} 开班")
        plan.stage = locked.stage


def mark_day(actor: Actor, plan: TrainingPlan, day: PlanDay, absent: Collection[int]) -> None:
    """Record one day: placements in `absent` were away, everybody else was there. Until the attendance is confirmed.

    Whoever checked in by the code and was there keeps that mark. Raises NotFoundError, NotAllowedError,
    WrongStateError.
    """
    if day.plan_id != plan.pk:
        raise NotFoundError()
    with transaction.atomic():
        _lock_in_session(actor, plan)
        placements = set(plan.placements.live().values_list("pk", flat=True))
        _check_known(absent, placements)
        known = dict(AttendanceMark.objects.filter(day=day).values_list("placement_id", "is_present"))
        AttendanceMark.objects.bulk_create(
            [
                AttendanceMark(
                    placement_id=key,
                    day=day,
                    is_present=key not in absent,
                    method=MarkMethod.CLERK,
                    at=timezone.now(),
                )
                for key in sorted(placements)
                if known.get(key) is not (key not in absent)
            ],
            update_conflicts=True,
            unique_fields=["placement", "day"],
            update_fields=["is_present", "method", "at"],
        )
        audit.record(actor, "attendance.mark", plan, day=day.pk, absent=sorted(absent))


def _check_known(absent: Collection[int], known: Collection[int]) -> None:
    if set(absent) - set(known):
        raise DomainError("unknown_person", "缺勤名单里有人不在本计划，请刷新页面后重新勾选。")


def check_in_token(plan: TrainingPlan) -> str:
    """What the QR code on the classroom's screen carries; good for a minute, so that a photo of it is no use later."""
    return signing.TimestampSigner(salt=SALT).sign(f"{plan.pk}:{plan.check_in_key[:12]}")


def check_in(actor: Actor, token: str, *, scanned_at: dt.datetime | None = None) -> PlanDay:
    """A learner scans the code: present in today's lesson.

    `scanned_at`: when the code was seen, if the learner had to sign in first; at most SIGN_IN_SECONDS ago.
    Raises DomainError when the code is old, the learner is not in the plan, or nothing is taught today.
    """
    with transaction.atomic():
        plan = _plan_of_token(token, scanned_at or timezone.now())
        placement = Placement.objects.live().filter(plan=plan, enrollment__person__user=actor.user).first()
        if placement is None:
            raise DomainError("not_placed", "您不在这个培训计划里，请与老师核对。")
        day = lesson_now(plan)
        if day is None:
            raise DomainError("no_class_today", "今天没有课，不用签到。")
        AttendanceMark.objects.update_or_create(
            placement=placement, day=day, defaults={"is_present": True, "method": MarkMethod.QR_CODE}
        )
        return day


def _plan_of_token(token: str, scanned_at: dt.datetime) -> TrainingPlan:
    """The plan of a code that was fresh when it was scanned, its class in session, its row locked."""
    waited = min(max((timezone.now() - scanned_at).total_seconds(), 0), SIGN_IN_SECONDS)
    still_good = dt.timedelta(seconds=CHECK_IN_SECONDS + waited)
    try:
        value = signing.TimestampSigner(salt=SALT).unsign(token, max_age=still_good)
        key, secret = value.split(":")
        return TrainingPlan.objects.select_for_update(no_key=True).get(
            pk=int(key), check_in_key__startswith=secret, stage=PlanStage.IN_SESSION
        )
    except (signing.BadSignature, ValueError, TrainingPlan.DoesNotExist):
        raise DomainError("code_old", "签到码已过期，请重新扫描教室屏幕上的二维码。") from None


def lesson_now(plan: TrainingPlan) -> PlanDay | None:
    """Today's lesson that is on or comes next; after the last one, the last."""
    now = timezone.now()
    today = [
        row
        for row in plan.days.order_by("period")
        if timezone.localdate(row.period.lower) == timezone.localdate(now)
    ]
    return next((row for row in today if row.period.upper > now), today[-1] if today else None)


def confirm_attendance(actor: Actor, plan: TrainingPlan, absent: Collection[int]) -> None:
    """Lock the attendance: placements in `absent` are 缺勤, everybody else 培训完成. Confirmed once."""
    require(actor, Capability.PLAN, plan)
    with transaction.atomic():
        PLAN.perform(actor, plan, "confirm_attendance")
        live = plan.placements.live()
        known = set(live.values_list("pk", flat=True))
        _check_known(absent, known)
        live.filter(pk__in=absent).update(is_absent=True)
        missing = Enrollment.objects.filter(placements__in=list(absent))
        present = Enrollment.objects.filter(placements__in=list(known - set(absent)))
        ENROLLMENT.perform_many(SYSTEM, present, "complete_training", remark=f"计划 {plan.name} 考勤完成")
        ENROLLMENT.perform_many(SYSTEM, missing, "miss_training", remark=f"计划 {plan.name} 缺勤")
        TrainingPlan.objects.filter(pk=plan.pk).update(attendance_confirmed_at=timezone.now())
        news.absent(plan, missing)


def correct_attendance(actor: Actor, placement: Placement, *, is_absent: bool, reason: str) -> None:
    """Correct somebody after the confirmation; who, when and why is logged. Not once the assessment has begun."""
    require(actor, Capability.PLAN, placement)
    plan = placement.plan
    if not reason.strip():
        raise DomainError("reason_required", "请写明更正的原因。")
    if plan.stage not in {PlanStage.ATTENDANCE_CONFIRMED, PlanStage.FINISHED}:
        raise WrongStateError("考勤还没有确认，请直接在考勤页修改。")
    with transaction.atomic():
        changed = Placement.objects.filter(pk=placement.pk, is_live=True, is_absent=not is_absent).update(
            is_absent=is_absent
        )
        if not changed:
            raise WrongStateError("考勤已经是这个结果，或该学员已转入下一期，不能更正。")
        action = "correct_to_absent" if is_absent else "correct_to_trained"
        ENROLLMENT.perform(SYSTEM, placement.enrollment, action, remark=reason)
        audit.record(
            actor,
            "attendance.correct",
            plan,
            placement=placement.pk,
            name=placement.enrollment.name,
            absent=is_absent,
            reason=reason.strip(),
        )


def finish_plan(actor: Actor, plan: TrainingPlan) -> None:
    """培训结束: an assessment plan can be made from it."""
    require(actor, Capability.PLAN, plan)
    PLAN.perform(actor, plan, "finish")


def _lock_in_session(actor: Actor, plan: TrainingPlan) -> None:
    """Lock the plan's row, so that nothing is marked while the attendance is being confirmed."""
    require(actor, Capability.PLAN, plan)
    plan.stage = TrainingPlan.objects.select_for_update(no_key=True).get(pk=plan.pk).stage
    if plan.stage != PlanStage.IN_SESSION:
        raise WrongStateError("只有已开班、还没有确认考勤的计划可以登记考勤。")

"""What training does when an enrollment is handed in or comes to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation.scoping import SYSTEM, Actor
from zhupei.catalog.models import EnrollmentOrder
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.enrollment.signals import enrollment_ended, enrollment_submitted
from zhupei.training.models import Placement
from zhupei.training.services.placing import free_seats


def approve_planned(sender: Any, actor: Actor, enrollments: Sequence[Enrollment], **rest: Any) -> None:
    """People of a programme enrolled by plan are not reviewed again: complete and with a seat they pass (ENR-07)."""
    seated = Placement.objects.live().filter(
        enrollment__in=[row.pk for row in enrollments],
        enrollment__programme__enrollment_order=EnrollmentOrder.PLAN_FIRST,
    )
    keys = list(seated.values_list("enrollment_id", flat=True))
    if keys:
        ENROLLMENT.perform_many(
            SYSTEM, Enrollment.objects.filter(pk__in=keys), "approve", remark="按培训计划报名"
        )


def free_ended(sender: Any, actor: Actor, enrollments: Sequence[Enrollment], **rest: Any) -> None:
    """Who gives the enrollment up, or is refused, gives the seat back (ENR-08)."""
    free_seats(Placement.objects.filter(enrollment__in=[row.pk for row in enrollments]))


def connect() -> None:
    enrollment_submitted.connect(approve_planned, dispatch_uid="training.approve_planned")
    enrollment_ended.connect(free_ended, dispatch_uid="training.free_ended")

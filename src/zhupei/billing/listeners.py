"""What billing does when an earlier stage announces something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation.scoping import SYSTEM, Actor
from zhupei.billing.models import OrderLine, OrderState
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.enrollment.signals import enrollment_eligible


def resume_paid(sender: Any, actor: Actor, enrollments: Sequence[Enrollment], **rest: Any) -> None:
    """Somebody returned for correction after paying does not pay again (ENR-08)."""
    paid = OrderLine.objects.filter(
        enrollment__in=[row.pk for row in enrollments], is_live=True, order__state=OrderState.CONFIRMED
    ).values_list("enrollment_id", flat=True)
    keys = list(paid)
    if keys:
        ENROLLMENT.perform_many(SYSTEM, Enrollment.objects.filter(pk__in=keys), "resume_enrolled")


def connect() -> None:
    enrollment_eligible.connect(resume_paid, dispatch_uid="billing.resume_paid")

"""What people do with training plans."""

from zhupei.training.services.attendance import (
    check_in,
    confirm_attendance,
    correct_attendance,
    finish_plan,
    mark_day,
    start_class,
)
from zhupei.training.services.enrolling import (
    check_open,
    confirm_into_plan,
    enroll_one_into_plan,
    item_of_batch,
    item_of_roster,
    start_plan_roster,
)
from zhupei.training.services.placing import (
    carry_over,
    place_into_plan,
    propose_placements,
    remove_from_plan,
)
from zhupei.training.services.plans import (
    DayData,
    PlanData,
    create_plan,
    discard_plan,
    follow_dates,
    propose_plan_name,
    submit_plan,
    update_plan,
    withdraw_plan,
)

__all__ = [
    "DayData",
    "PlanData",
    "carry_over",
    "check_in",
    "check_open",
    "confirm_attendance",
    "confirm_into_plan",
    "correct_attendance",
    "create_plan",
    "discard_plan",
    "enroll_one_into_plan",
    "finish_plan",
    "follow_dates",
    "item_of_batch",
    "item_of_roster",
    "mark_day",
    "place_into_plan",
    "propose_placements",
    "propose_plan_name",
    "remove_from_plan",
    "start_class",
    "start_plan_roster",
    "submit_plan",
    "update_plan",
    "withdraw_plan",
]

"""What an applicant organization does: hand in a roster, enter one person, bring materials, submit, change, withdraw.

Every command takes the actor first, runs in one transaction and returns the object, or raises a DomainError whose
sentence says what to do.
"""

from zhupei.enrollment.services.entries import (
    EntryData,
    Submission,
    enroll_single,
    recall,
    submit_for_review,
    update_enrollment,
    withdraw,
)
from zhupei.enrollment.services.materials import put_material, remove_material, start_archive
from zhupei.enrollment.services.rosters import (
    confirm_roster,
    correct_roster,
    discard_roster,
    marked_roster,
    roster_template,
    start_roster,
    verdict_of,
)
from zhupei.enrollment.services.storing import next_batch_number

__all__ = [
    "EntryData",
    "Submission",
    "confirm_roster",
    "correct_roster",
    "discard_roster",
    "enroll_single",
    "marked_roster",
    "next_batch_number",
    "put_material",
    "recall",
    "remove_material",
    "roster_template",
    "start_archive",
    "start_roster",
    "submit_for_review",
    "update_enrollment",
    "verdict_of",
    "withdraw",
]

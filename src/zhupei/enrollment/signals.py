"""What later stages listen to; listeners run in the sender's transaction."""

from django.dispatch import Signal

# actor, enrollments: handed in, complete, to be reviewed.
enrollment_submitted = Signal()
# actor, enrollments: the eligibility review was passed.
enrollment_eligible = Signal()
# actor, enrollments: taken back or refused for good.
enrollment_ended = Signal()

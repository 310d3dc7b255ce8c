"""What later stages listen to; listeners run in the sender's transaction."""

from django.dispatch import Signal

# actor, enrollments: the eligibility review was passed.
enrollment_eligible = Signal()

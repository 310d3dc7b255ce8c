"""What later stages listen to; listeners run in the sender's transaction."""

from django.dispatch import Signal

# actor, order, enrollments: the institution confirmed the payment; everybody of the order is 已报名.
enrollment_paid = Signal()

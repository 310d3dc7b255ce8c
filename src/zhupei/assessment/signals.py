"""What the exam listens to; listeners run in the sender's transaction and may refuse with a DomainError."""

from django.dispatch import Signal

# actor, plan: the institution confirmed that the approved plan is held at the computer (确认线上考核).
online_confirmed = Signal()

# actor, plan: an approved plan was called off (取消本次安排); what was prepared for it is dropped.
called_off = Signal()

"""Who opens the documents of the exam (EXM-01, EXM-08)."""

from __future__ import annotations

from django.db.models import Q

from foundation.scoping import NOTHING, Actor
from zhupei.accounts.models import Portal
from zhupei.exam.bank.rights import sees_bank
from zhupei.exam.scores.models import PracticalScore


def exam_documents(actor: Actor) -> Q:
    """Pictures of questions: who keeps the bank; photos of practical work: institution and authority that see the score."""
    pictures = Q(kind="exam.question") if sees_bank(actor) else NOTHING
    if actor.portal not in {Portal.INSTITUTION, Portal.AUTHORITY}:
        return pictures
    photos = PracticalScore.objects.visible_to(actor).values("photos")
    return pictures | Q(kind="exam.practical", pk__in=photos)

"""Papers of registrations that were never finished don't stay."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from procrastinate.contrib.django import app

from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import SYSTEM
from zhupei.portals.public.registration_documents import KIND

KEPT_FOR = dt.timedelta(days=2)
AT_ONCE = 500


def remove_abandoned_papers() -> int:
    """Remove what visitors uploaded longer than two days ago and nobody handed in; returns how many."""
    rows = Document.objects.visible_to(SYSTEM).filter(
        kind__startswith=f"{KIND}.",
        owner_key__startswith="visitor:",
        created_at__lt=timezone.now() - KEPT_FOR,
    )
    removed = 0
    while batch := list(rows[:AT_ONCE]):
        files.remove_many(batch)
        removed += len(batch)
    return removed


@app.periodic(cron="30 3 * * *")
@app.task(name="zhupei.portals.public.remove_abandoned_papers")
def remove_abandoned_papers_daily(timestamp: int) -> None:
    remove_abandoned_papers()

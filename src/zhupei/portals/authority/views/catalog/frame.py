"""What every page of a programme has in common: its tabs, and who may edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.requests import PortalRequest
from foundation.ui.parts import Tab
from zhupei.catalog.models import Programme
from zhupei.catalog.services.common import may_maintain
from zhupei.portals.shared.access import portal_required

# Pages with a form are the province's; for a city authority they are not there.
catalog_editor = portal_required("authority", only=may_maintain)


def find_programme(pk: int) -> Programme:
    """A programme with the numbers its tabs show."""
    rows = Programme.objects.annotate(
        occupation_count=Count("occupations", filter=Q(occupations__is_active=True), distinct=True),
        level_count=Count("levels", filter=Q(levels__is_active=True), distinct=True),
    )
    return get_object_or_404(rows, pk=pk)


def page_context(request: PortalRequest, programme: Any, here: str) -> dict[str, Any]:
    """What the frame around a programme's page needs."""
    entries: Sequence[tuple[str, str, int | None]] = (
        ("catalog_programme", "考试和学时", None),
        ("catalog_occupations", "岗位（工种）", programme.occupation_count),
        ("catalog_levels", "等级", programme.level_count),
        ("catalog_eligibility", "报考条件", None),
    )
    tabs = [
        Tab(label, reverse(f"authority:{name}", args=[programme.pk]), count, active=name == here)
        for name, label, count in entries
    ]
    return {"programme": programme, "tabs": tabs, "may_edit": may_maintain(request.actor)}


def standing(effective_from: dt.date, in_force: bool) -> tuple[str, str]:
    """Tone and words of a version: in force, still to come, or past."""
    if in_force:
        return "ok", "现行"
    return ("wait", "待生效") if effective_from > timezone.localdate() else ("mute", "历史")


def authors(subject_type: str, keys: Iterable[int]) -> dict[str, AuditEntry]:
    """Version → who added it or changed it last; those loaded at set-up have nobody."""
    entries = AuditEntry.objects.filter(subject_type=subject_type, subject_id__in=[str(key) for key in keys])
    return {entry.subject_id: entry for entry in entries.order_by("at")}


def first_of_next_month() -> dt.date:
    """What a new version's day begins with."""
    today = timezone.localdate()
    return (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)

"""License, letter and qualification on the enterprise's own pages: upload slots and what was put into them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.urls import reverse

from foundation.errors import DomainError
from foundation.files.models import Document
from foundation.requests import PortalRequest
from zhupei.organizations.models import Slot
from zhupei.organizations.services.documents import MAX_MB
from zhupei.portals.shared.acts import Refusals
from zhupei.portals.shared.refusals import show_on

MATCHES = {
    Slot.LICENSE: "yyzz,营业执照,执照",
    Slot.LETTER: "cns,承诺书",
    Slot.QUALIFICATION: "zzzs,资质",
}


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def uploaded(request: PortalRequest, slots: Iterable[Slot]) -> dict[Slot, Document]:
    """The new documents that the posted form names; only the organization's own ones count."""
    wanted = {slot: key for slot in slots if (key := _key(request.POST.get(f"document_{slot.value}", "")))}
    rows = Document.objects.visible_to(request.actor)
    rows = rows.filter(pk__in=wanted.values(), owner_key=request.actor.key, kind__startswith="organization.")
    found = {row.pk: row for row in rows}
    return {slot: found[key] for slot, key in wanted.items() if key in found}


def refusals_at(form: forms.BaseForm, errors: dict[str, str]) -> Refusals:
    """A refusal stands at the form's fields; what it says of documents goes into `errors`, for `slot_rows`."""

    def show(refusal: DomainError) -> None:
        show_on(form, refusal)
        errors.update({slot: str(refusal.items[slot]) for slot in Slot.values if slot in refusal.items})

    return Refusals(show)


def slot_rows(
    slots: Iterable[Slot],
    present: Mapping[str, Document],
    new: Mapping[Slot, Document],
    errors: Mapping[str, str],
    *,
    required: Iterable[Slot] = (),
) -> list[dict[str, Any]]:
    """What the upload component needs for each slot: what is there now, what was uploaded on this page, what is wrong."""
    rows = []
    for slot in slots:
        shown = new.get(slot) or present.get(slot.value)
        rows.append(
            {
                "value": slot.value,
                "label": slot.label,
                "required": slot in set(required),
                "match": MATCHES[slot],
                "max_mb": MAX_MB,
                "url": reverse("enterprise:document", args=[slot.value]),
                "new_id": str(new[slot].pk) if slot in new else "",
                "shown_url": reverse("shared:document", args=[shown.pk]) if shown else "",
                "shown_name": shown.name if shown else "",
                "error": errors.get(slot.value, ""),
            }
        )
    return rows

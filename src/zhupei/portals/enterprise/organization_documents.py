"""License, letter and qualification on the enterprise's own pages: what was put into the slots, what is refused."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from foundation.errors import DomainError
from foundation.files.models import Document
from foundation.requests import PortalRequest
from foundation.ui.given import keys_in
from zhupei.organizations.models import Slot
from zhupei.portals.shared.acts import Refusals
from zhupei.portals.shared.refusals import show_on

UPLOAD_TO = "enterprise:document"


def uploaded(request: PortalRequest, slots: Iterable[Slot]) -> dict[Slot, Document]:
    """The new documents that the posted form names; only the organization's own ones count."""
    wanted = {
        slot: key for slot in slots for key in keys_in([request.POST.get(f"document_{slot.value}", "")])
    }
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

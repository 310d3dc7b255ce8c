"""License, letter and qualification of an organization: the slots they are uploaded into, and the letter to sign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from foundation.files.models import Document
from zhupei.organizations.data import RegistrationData
from zhupei.organizations.forms import CommitmentLetter, commitment_letter_docx, commitment_letter_pdf
from zhupei.organizations.models import Organization, Slot
from zhupei.organizations.services.documents import MAX_MB
from zhupei.portals.shared.downloads import file_response

# Words in file names that belong to a slot, for several files dropped at once.
MATCHES = {
    Slot.LICENSE: "yyzz,营业执照,执照",
    Slot.LETTER: "cns,承诺书",
    Slot.QUALIFICATION: "zzzs,资质",
}
_LETTERS = {"docx": commitment_letter_docx, "pdf": commitment_letter_pdf}


def slot_rows(
    upload_to: str,
    slots: Iterable[Slot],
    present: Mapping[str, Document],
    new: Mapping[Slot, Document],
    errors: Mapping[str, str],
    *,
    required: Iterable[Slot] = (),
    delete_at: str = "",
) -> list[dict[str, Any]]:
    """What the upload component needs for each slot: what is there now, what was uploaded on this page, what is wrong.

    `upload_to` and `delete_at` name the addresses that take a slot's file and empty the slot.
    """
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
                "url": reverse(upload_to, args=[slot.value]),
                "delete_url": reverse(delete_at, args=[slot.value]) if delete_at else "",
                "new_id": str(new[slot].pk) if slot in new else "",
                "shown_url": reverse("shared:document", args=[shown.pk]) if shown else "",
                "shown_name": shown.name if shown else "",
                "error": errors.get(slot.value, ""),
            }
        )
    return rows


def letter_response(
    ext: str, row: Organization | RegistrationData, *, city: str, authority: str
) -> HttpResponse:
    """企业承诺书 as Word or PDF, filled in with what is known (ORG-03); 404 for any other format."""
    if ext not in _LETTERS:
        raise Http404
    letter = CommitmentLetter(
        city=city,
        authority=authority,
        organization_name=row.name,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        office_phone=row.office_phone,
    )
    return file_response(_LETTERS[ext](letter), f"企业承诺书.{ext}")

"""培训机构 → 机构备案: the file of an institution, accepted, then approved or rejected (ORG-12)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.decorators import method_decorator

from foundation.review.models import ReviewState
from zhupei.organizations import queries
from zhupei.organizations.filing import FILE_KIND, changed_since_filing, file_snapshot
from zhupei.organizations.models import FileSlot, Institution
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.review_pages import ReviewCase, paper_images


def _facts(values: dict[str, Any], changed: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything but the papers, each item's lines, and what was there before where it changed."""
    return [
        {
            "label": entry["label"],
            "lines": _lines(entry["value"]),
            "changed": key in changed,
            "before": _lines(changed[key]["before"]) if key in changed else [],
        }
        for key, entry in values.items()
        if key not in FileSlot.values
    ]


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(line) for line in value]
    return str(value).splitlines() if value else []


@method_decorator(portal_required("authority"), name="dispatch")
class FileCase(ReviewCase):
    """Papers left, what is on file right, verdict below; of a filed one what it has changed since."""

    kind = FILE_KIND
    template_name = "authority/institution_files/file.html"
    page, queue, queue_title = "authority:institution_file", "authority:institutions", "培训机构"
    unit = "家"
    looked = "institution.file_view"

    def rows(self) -> Any:
        return queries.institution_list(self.request.actor).filter(review__isnull=False)

    def title(self, row: Institution) -> str:
        return f"{row} · 机构备案"

    def trail(self, row: Institution) -> list[tuple[str, str]]:
        return [(row.short_name, reverse("authority:institution", args=[row.pk])), ("机构备案", "")]

    def changed(self, row: Institution) -> dict[str, dict[str, Any]]:
        assert row.review is not None
        return changed_since_filing(row) if _is_decided(row) else super().changed(row)

    def shown(self, row: Institution, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        values = file_snapshot(row)
        papers = {slot: values[slot]["value"] for slot in FileSlot.values}
        now = {slot: paper["document"] for slot, paper in papers.items() if paper}
        return {
            "institution": row,
            "images": paper_images(FileSlot.choices, now, changed),
            "facts": _facts(values, changed),
            "decided": _is_decided(row),
        }


def _is_decided(row: Institution) -> bool:
    return row.review is not None and row.review.state == ReviewState.APPROVED


urlpatterns = FileCase.urls("institutions/<int:pk>/file/")

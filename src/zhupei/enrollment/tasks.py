"""Background work: judge an uploaded ZIP of materials and keep what is good."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.files.images import CleanImage
from foundation.jobs.services import Progress, background
from foundation.scoping import Actor
from zhupei.enrollment import materials_archive as archive_judge
from zhupei.enrollment import rules
from zhupei.enrollment.models import NOT_YET_SUBMITTED, ArchiveUpload, Enrollment
from zhupei.enrollment.services.materials import JUDGE_ARCHIVE, NewImage, archive_limits, put_many

KEEP_AT_ONCE = 40
LOCKED = "not_editable"


@background(JUDGE_ARCHIVE)
def judge_archive(progress: Progress, archive_id: int) -> dict[str, Any]:
    """Match every entry to a person of the batch, keep good images, name bad ones; returns the figures.

    Runs again from the start when a worker died: what was kept is replaced by the same image, and an archive that has
    been judged to its end is not judged again. The uploaded file is removed afterwards.
    """
    archive = ArchiveUpload.objects.select_related("batch__organization", "created_by").get(pk=archive_id)
    if archive.finished_at is None or archive.result is None:
        run = _Run(archive)
        upload: Any = archive.file
        with upload.open("rb") as file:
            verdict = archive_judge.judge_archive(
                file,
                list(run.people),
                on_good=run.keep,
                on_progress=progress,
                limits=archive_judge.MaterialsLimits(archive=archive_limits()),
            )
        run.flush()
        archive.result = run.result(verdict)
        archive.finished_at = timezone.now()
        with transaction.atomic():
            archive.save(update_fields=["result", "finished_at"])
            path, storage = upload.name, upload.storage
            transaction.on_commit(lambda: storage.delete(path))
    return {"matched": archive.result["matched"], "problems": len(archive.result["problems"])}


class _Run:
    """One pass: images are kept a few dozen at a time, so that memory stays bounded and statements few."""

    def __init__(self, archive: ArchiveUpload) -> None:
        self.actor = Actor(user=archive.created_by, portal="enterprise", body=archive.batch.organization)
        rows = archive.batch.enrollments.unfinished().order_by("pk")
        self.people: dict[str, Enrollment] = {row.id_number: row for row in rows}
        self.waiting: list[tuple[str, NewImage]] = []
        self.locked: dict[str, str] = {}

    def keep(self, entry: str, id_number: str, kind: str, image: CleanImage) -> None:
        """Called by the judge for every good image."""
        person = self.people[id_number]
        if person.state not in NOT_YET_SUBMITTED:
            self.locked[entry] = rules.why_not_editable(person.state)
            return
        self.waiting.append((entry, NewImage(person.pk, person.name, kind, image)))
        if len(self.waiting) >= KEEP_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Store what is waiting; people handed in meanwhile keep their images."""
        if not self.waiting:
            return
        moved = put_many(self.actor, [image for _, image in self.waiting])
        for entry, image in self.waiting:
            if image.enrollment_id in moved:
                self.locked[entry] = "该人员在处理期间已提交审核，这份资料没有更换。"
        self.waiting.clear()

    def result(self, verdict: archive_judge.MaterialsVerdict) -> dict[str, Any]:
        """What the page shows: counts, and every entry that was not taken with its cause."""
        problems = [
            {"entry": item.entry, "code": item.code, "message": item.message} for item in verdict.problems
        ]
        problems += [
            {"entry": entry, "code": LOCKED, "message": message} for entry, message in self.locked.items()
        ]
        return {
            "matched": len(verdict.matched) - len(self.locked),
            "people": len({item.id_number for item in verdict.matched if item.entry not in self.locked}),
            "problems": problems,
            "notes": [{"entry": item.entry, "message": item.message} for item in verdict.notes],
            "causes": dict(Counter(item["code"] for item in problems)),
        }

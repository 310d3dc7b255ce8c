"""The question banks that come with the platform: loaded for demonstrations and tests, already approved (EXM-01)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from foundation.scoping import SYSTEM
from zhupei.catalog.models import Level, Occupation
from zhupei.exam.bank.content import digest_of
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import (
    Blueprint,
    BlueprintRow,
    Chapter,
    Difficulty,
    Question,
    QuestionVersion,
    VersionState,
)
from zhupei.exam.bank.services.questions import new_questions

FOLDER = Path(__file__).resolve().parents[1] / "data"


def known_banks() -> list[str]:
    """Names that `load_bank` understands."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load_bank(source: str | Path) -> int:
    """Load a bank by its name (of exam/bank/data) or a JSON file's path; returns how many questions were new.

    Idempotent: questions that are there already are left alone, and so is a blueprint in force. Raises
    FileNotFoundError, Occupation.DoesNotExist.
    """
    path = source if isinstance(source, Path) else FOLDER / f"{source}.json"
    return load_document(json.loads(path.read_text(encoding="utf-8")))


def load_document(document: Mapping[str, Any]) -> int:
    """Load a bank from its document; see `load_bank`."""
    occupation = Occupation.objects.get(programme__code=document["programme"], name=document["occupation"])
    level = None
    if document.get("level"):
        level = Level.objects.get(programme=occupation.programme_id, name=document["level"])
    with transaction.atomic():
        chapters = {
            row["number"]: Chapter.objects.get_or_create(
                occupation=occupation, level=level, number=row["number"], defaults={"name": row["name"]}
            )[0]
            for row in document["chapters"]
        }
        made = _load_questions(document["questions"], chapters)
        _load_blueprint(document.get("blueprint", []), occupation, level, chapters)
    return made


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        ("stem", "explanation", "parts")
        if row["type"] == "case"
        else (
            "stem",
            "options",
            "answer",
            "explanation",
        )
    )
    content = {name: row[name] for name in names if name in row}
    return {"explanation": "", **content}


def _load_questions(rows: list[Mapping[str, Any]], chapters: Mapping[int, Chapter]) -> int:
    known = set(
        QuestionVersion.objects.filter(chapter__in=[row.pk for row in chapters.values()]).values_list(
            "digest", flat=True
        )
    )
    fresh: dict[str, tuple[Mapping[str, Any], dict[str, Any]]] = {}
    for row in rows:
        content = _content(row)
        digest = digest_of(row["type"], content)
        if digest not in known:
            fresh[digest] = (row, content)
    if not fresh:
        return 0
    questions = new_questions(next(iter(chapters.values())), len(fresh))
    versions = QuestionVersion.objects.bulk_create(
        [
            QuestionVersion(
                question=question,
                number=1,
                chapter=chapters[row["chapter"]],
                type=row["type"],
                difficulty=row.get("difficulty", Difficulty.MEDIUM),
                content=content,
                digest=digest,
                state=VersionState.APPROVED,
            )
            for question, (digest, (row, content)) in zip(questions, fresh.items(), strict=True)
        ]
    )
    for question, version, (row, _) in zip(questions, versions, fresh.values(), strict=True):
        question.current = version
        question.is_practice = row.get("practice", False)
    Question.objects.bulk_update(questions, ["current", "is_practice"], batch_size=500)
    VERSION.record_start(SYSTEM, versions)
    return len(versions)


def _load_blueprint(
    rows: list[Mapping[str, Any]],
    occupation: Occupation,
    level: Level | None,
    chapters: Mapping[int, Chapter],
) -> None:
    if not rows or Blueprint.objects.filter(occupation=occupation, level=level, is_active=True).exists():
        return
    earlier = Blueprint.objects.filter(occupation=occupation, level=level).count()
    blueprint = Blueprint.objects.create(occupation=occupation, level=level, version=earlier + 1)
    BlueprintRow.objects.bulk_create(
        [
            BlueprintRow(
                blueprint=blueprint,
                chapter=chapters[row["chapter"]] if row.get("chapter") else None,
                type=row["type"],
                difficulty=row.get("difficulty"),
                count=row["count"],
                points=Decimal(str(row["points"])),
                position=position,
            )
            for position, row in enumerate(rows)
        ]
    )

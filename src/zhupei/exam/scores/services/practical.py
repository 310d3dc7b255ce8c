"""实操评分: two examiners, each with an account of his own, on one score sheet (EXM-08)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.files import images
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor, require_visible
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.exam.hall.models import HELD
from zhupei.exam.scores.models import PracticalScore
from zhupei.exam.scores.results import EXAMINERS, MOST_APART, TENTH, practical_mean, too_far_apart
from zhupei.exam.scores.services.reporting import is_reported
from zhupei.organizations.roles import Capability, require

MOST_PHOTOS = 6
PHOTO = "exam.practical"
# A phone's camera; kept large enough to see the work.
PHOTO_LIMITS = images.ImageLimits(max_bytes=20 * 1024 * 1024, max_side=1600)
SHEETS = Path(__file__).parents[1] / "data" / "practical"


@dataclass(frozen=True)
class SheetItem:
    """One line of the score sheet with its full points."""

    name: str
    full: Decimal


@lru_cache(maxsize=1)
def score_sheet() -> tuple[SheetItem, ...]:
    """The lines of the score sheet; their full points add up to 100."""
    given = json.loads((SHEETS / "default.json").read_text(encoding="utf-8"))["items"]
    return tuple(SheetItem(row["name"], Decimal(row["full"])) for row in given)


def score_practical(
    actor: Actor,
    candidate: Candidate,
    points: Sequence[Decimal],
    *,
    remark: str = "",
    photos: Sequence[Document] = (),
) -> PracticalScore:
    """The actor's points for the lines of the score sheet, in their order; again to correct them.

    Raises DomainError `points_wrong` (items: line number → sentence), `two_have_scored`, WrongStateError once reported.
    """
    require(actor, Capability.EXAMINE, candidate)
    sheet = score_sheet()
    found = {
        str(place): f"{item.name}应为 0 至 {item.full} 分，最多一位小数。"
        for place, (item, given) in enumerate(zip(sheet, points, strict=True))
        if not 0 <= given <= item.full or given != given.quantize(TENTH)
    }
    if found:
        raise DomainError("points_wrong", next(iter(found.values())), items=found)
    if len(photos) > MOST_PHOTOS:
        raise DomainError("too_many_photos", f"最多上传 {MOST_PHOTOS} 张照片。")
    for photo in photos:
        require_visible(actor, photo)
    items = [
        {"name": item.name, "full": str(item.full), "points": str(given)}
        for item, given in zip(sheet, points, strict=True)
    ]
    values = {"items": items, "score": sum(points, Decimal(0)), "is_absent": False, "remark": remark.strip()}
    return _keep(actor, candidate, values, photos)


def keep_photo(actor: Actor, candidate: Candidate, file: File) -> Document:
    """Keep a photo of the work; it becomes part of the score sheet when that is saved.

    Raises as `score_practical`, or what the picture is refused for.
    """
    with transaction.atomic():
        _require_open(actor, candidate)
        clean = images.reencode(file.read(), PHOTO_LIMITS)
        name = f"{candidate.ticket_number or candidate.pk}-实操.jpg"
        return files.store(
            actor,
            PHOTO,
            name,
            clean.data,
            clean.content_type,
            width=clean.width,
            height=clean.height,
        )


def remove_photo(actor: Actor, score: PracticalScore, photo: Document) -> None:
    """Take a photo off the examiner's own score sheet."""
    if actor.user is None or score.examiner_id != actor.user.pk:
        raise NotAllowedError("只能删除自己上传的照片。")
    if not score.photos.filter(pk=photo.pk).exists():
        raise NotFoundError()
    with transaction.atomic():
        _require_open(actor, score.candidate)
        audit.record(actor, "practical.remove_photo", score.candidate, name=photo.name)
        score.photos.remove(photo)
        files.remove(photo)


def mark_absent(actor: Actor, candidate: Candidate, *, remark: str = "") -> PracticalScore:
    """实操缺考: the candidate did not come."""
    values = {"items": [], "score": Decimal(0), "is_absent": True, "remark": remark.strip()}
    return _keep(actor, candidate, values, ())


def take_back(actor: Actor, score: PracticalScore) -> None:
    """The examiner's own points are taken back, e.g. given to the wrong person."""
    if actor.user is None or score.examiner_id != actor.user.pk:
        raise NotAllowedError("只能撤回自己的评分。")
    with transaction.atomic():
        _require_open(actor, score.candidate)
        audit.record(actor, "practical.take_back", score.candidate, score=str(score.score))
        photos = list(score.photos.all())
        score.delete()
        files.remove_many(photos)


def _keep(
    actor: Actor, candidate: Candidate, values: Mapping[str, object], photos: Sequence[Document]
) -> PracticalScore:
    with transaction.atomic():
        _require_open(actor, candidate)
        others = PracticalScore.objects.filter(candidate=candidate).exclude(examiner=actor.user).count()
        if others >= EXAMINERS:
            raise DomainError("two_have_scored", "已有两位考评员评分，不能再评；需要更改请由评分人修改。")
        score, is_new = PracticalScore.objects.update_or_create(
            candidate=candidate,
            examiner=actor.user,
            defaults={**values, "examiner_name": actor.user.name},
        )
        score.photos.set(photos)
        act = "practical.score" if is_new else "practical.rescore"
        audit.record(actor, act, candidate, score=str(score.score), absent=score.is_absent)
        return score


def _require_open(actor: Actor, candidate: Candidate) -> None:
    """Lock the candidate; only examiners, only while the exam is on and the scores are not reported."""
    plan = candidate.plan
    require(actor, Capability.EXAMINE, candidate)
    Candidate.objects.select_for_update(no_key=True).get(pk=candidate.pk)
    if not plan.has_practical:
        raise WrongStateError("这个考核计划没有实操考核。")
    if plan.stage not in HELD:
        raise WrongStateError("考核计划审核通过并确认线上考核以后才能评分。")
    if is_reported(plan):
        raise WrongStateError("成绩已上报，实操评分不能再改；主管部门退回后可以修改。")


class PracticalState:
    """The words of the examiners' list."""

    NONE, ONE, DONE, APART, ABSENT = "未评", "一人已评", "已评", "相差过大", "缺考"


def state_of(scores: Sequence[PracticalScore]) -> str:
    """Where the practical part of one candidate stands."""
    if any(score.is_absent for score in scores):
        return PracticalState.ABSENT
    if not scores:
        return PracticalState.NONE
    points = [score.score for score in scores]
    if practical_mean(points) is None:
        return PracticalState.ONE
    return PracticalState.APART if too_far_apart(points) else PracticalState.DONE


def shown_to(actor: Actor, scores: Sequence[PracticalScore]) -> list[PracticalScore]:
    """What the actor may see of the points: all of them once he has given his own or both are there."""
    own = [score for score in scores if actor.user is not None and score.examiner_id == actor.user.pk]
    return list(scores) if own or len(scores) >= EXAMINERS else []


def candidates_of(actor: Actor, plan: AssessmentPlan) -> QuerySet[Any]:
    """Who is to be scored, each with `practical_state` and the actor's own points in `mine`; with the scores, 2 queries."""
    own = PracticalScore.objects.filter(candidate=OuterRef("pk"), examiner=actor.user)
    rows: QuerySet[Any] = (
        plan.candidates.select_related("enrollment__occupation", "enrollment__level", "exam_room")
        .prefetch_related("practical_scores")
        .annotate(
            given=Count("practical_scores", distinct=True),
            absences=Count("practical_scores", filter=Q(practical_scores__is_absent=True), distinct=True),
            apart=Max("practical_scores__score") - Min("practical_scores__score"),
            mine=Subquery(own.values("score")[:1]),
        )
        .annotate(
            practical_state=Case(
                When(absences__gt=0, then=Value(PracticalState.ABSENT)),
                When(given=0, then=Value(PracticalState.NONE)),
                When(given__lt=EXAMINERS, then=Value(PracticalState.ONE)),
                When(apart__gt=MOST_APART, then=Value(PracticalState.APART)),
                default=Value(PracticalState.DONE),
            )
        )
        .order_by(F("exam_room__number").asc(nulls_last=True), "seat_number", "pk")
    )
    return rows


def next_to_score(actor: Actor, candidate: Candidate) -> Candidate | None:
    """Whom the actor has not scored yet, after this one in the order of the list, from the top again at its end."""
    open_ = list(candidates_of(actor, candidate.plan).filter(mine=None, given__lt=EXAMINERS, absences=0))

    def place(row: Candidate) -> tuple[int, int, int]:
        return (row.exam_room.number if row.exam_room else 10**9, row.seat_number or 0, row.pk)

    others = [row for row in open_ if row.pk != candidate.pk]
    return next((row for row in others if place(row) > place(candidate)), others[0] if others else None)

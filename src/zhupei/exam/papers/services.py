"""Papers of an assessment plan: is the bank good for them, prepare them, rebuild one exactly (EXM-02)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from foundation.errors import DomainError
from foundation.jobs import services as jobs
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.catalog.models import Level, Occupation, Trade
from zhupei.exam.bank.models import BlueprintRow, QuestionVersion, VersionState
from zhupei.exam.bank.services.blueprints import active_blueprint, describe
from zhupei.exam.bank.services.pictures import MAX_BYTES, SIZE_LABEL
from zhupei.exam.papers import drawing
from zhupei.exam.papers.models import Paper, PaperSet

PREPARE = "exam.prepare_papers"
AT_ONCE = 250
SEED_BITS = 62
AHEAD = dt.timedelta(days=1)

Report = Callable[[int, int], None]


class PaperMismatchError(DomainError):
    """A rebuilt paper is not the one that was shown: the record has been tampered with."""

    def __init__(self) -> None:
        super().__init__("paper_mismatch", "试卷重建结果与存档不一致，请联系技术支持核查。")


def trades_of(plan: AssessmentPlan) -> list[Trade]:
    """What the candidates of a plan are examined in."""
    pairs = (
        Candidate.objects.filter(plan=plan)
        .order_by("enrollment__occupation", "enrollment__level")
        .values_list("enrollment__occupation", "enrollment__level")
        .distinct()
    )
    found = list(pairs)
    occupations = Occupation.objects.select_related("programme").in_bulk([pair[0] for pair in found])
    levels = Level.objects.in_bulk([pair[1] for pair in found if pair[1]])
    return [Trade(occupations[o], levels[v] if v else None) for o, v in found]


def check_bank(plan: AssessmentPlan) -> dict[str, str]:
    """Trade → what its bank lacks for this plan's papers; empty when all can be drawn."""
    found: dict[str, str] = {}
    for trade in trades_of(plan):
        if sentence := _lack(plan, trade):
            found[str(trade)] = sentence
    return found


def require_bank(plan: AssessmentPlan) -> None:
    """Refuse (DomainError `bank_incomplete`, items: trade → sentence) unless every paper can be drawn."""
    if lacks := check_bank(plan):
        listed = "；".join(f"{name}：{sentence}" for name, sentence in lacks.items())
        raise DomainError(
            "bank_incomplete", f"题库还不能组卷。{listed}。请联系省级题库管理人员补充。", items=lacks
        )


def _lack(plan: AssessmentPlan, trade: Trade) -> str:
    blueprint = active_blueprint(trade.occupation, trade.level)
    if blueprint is None:
        return "没有启用的组卷方案"
    rows = list(blueprint.rows.select_related("chapter"))
    pool = drawing.Pool(_approved(trade), _rows(rows))
    total = drawing.full_mark(pool.rows)
    if total != plan.full_mark:
        return f"组卷方案总分 {total.normalize():f} 分，考核满分 {plan.full_mark} 分"
    if short := pool.shortages():
        return "，".join(f"{describe(rows[n])}缺 {missing} 题" for n, missing in short.items())
    if heavy := _heavy_pictures(question.version for question in pool.questions):
        return f"试题 {'、'.join(heavy)} 的图片超过 {SIZE_LABEL}"
    return ""


def _rows(rows: Iterable[BlueprintRow]) -> list[drawing.Row]:
    return [drawing.Row(row.type, row.count, row.points, row.chapter_id, row.difficulty) for row in rows]


def _pool_keys(trade: Trade) -> models.QuerySet[QuestionVersion]:
    """The approved versions of a trade's bank: its level's own and those for all levels."""
    return QuestionVersion.objects.filter(
        models.Q(question__level=trade.level) | models.Q(question__level=None),
        state=VersionState.APPROVED,
        question__occupation=trade.occupation,
        question__is_practice=False,
    ).order_by("pk")


def _approved(trade: Trade) -> list[drawing.PoolQuestion]:
    """The pool without its contents: enough to see whether it suffices."""
    return [
        drawing.PoolQuestion(key, type_, {}, chapter, difficulty)
        for key, type_, chapter, difficulty in _pool_keys(trade).values_list(
            "pk", "type", "chapter_id", "difficulty"
        )
    ]


def _heavy_pictures(versions: Iterable[int]) -> list[str]:
    return list(
        QuestionVersion.objects.filter(pk__in=list(versions), picture__size__gt=MAX_BYTES).values_list(
            "question__code", flat=True
        )[:5]
    )


def load_pool(paper_set: PaperSet) -> drawing.Pool:
    """What the papers of a set are drawn from, in the set's order, with pictures embedded."""
    rows = [drawing.Row.from_json(row) for row in paper_set.blueprint]
    return drawing.Pool(pool_questions(paper_set.pool), rows)


def pool_questions(keys: Sequence[int]) -> list[drawing.PoolQuestion]:
    """These versions in this order, with pictures embedded. Raises `picture_too_large`."""
    versions = QuestionVersion.objects.select_related("picture").in_bulk(keys)
    return [
        drawing.PoolQuestion(
            key,
            versions[key].type,
            versions[key].content,
            versions[key].chapter_id,
            versions[key].difficulty,
            _embedded(versions[key]),
        )
        for key in keys
    ]


def _embedded(version: QuestionVersion) -> str:
    if version.picture is None:
        return ""
    with version.picture.file.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DomainError(
            "picture_too_large", f"试题 {version.question} 的图片超过 {SIZE_LABEL}，请压缩后重新上传。"
        )
    return f"data:{version.picture.content_type};base64,{base64.b64encode(data).decode()}"


def _paper_set(plan: AssessmentPlan, trade: Trade) -> PaperSet:
    """The frozen blueprint and pool of a trade in a plan; frozen now when there is none. Raises `bank_incomplete`."""
    found = PaperSet.objects.filter(plan=plan, occupation=trade.occupation, level=trade.level).first()
    if found is not None:
        return found
    blueprint = active_blueprint(trade.occupation, trade.level)
    if blueprint is None or _lack(plan, trade):
        require_bank(plan)
        raise DomainError("bank_incomplete", "题库还不能组卷，请联系省级题库管理人员补充。")
    return PaperSet.objects.get_or_create(
        plan=plan,
        occupation=trade.occupation,
        level=trade.level,
        defaults={
            "blueprint_version": blueprint.version,
            "blueprint": [row.as_json() for row in _rows(blueprint.rows.all())],
            "pool": list(_pool_keys(trade).values_list("pk", flat=True)),
        },
    )[0]


def _drawn(paper_set: PaperSet, pool: drawing.Pool, candidate: int) -> Paper:
    seed = secrets.randbits(SEED_BITS)
    drawn = drawing.draw(pool, seed)
    body = drawn.body()
    return Paper(
        candidate_id=candidate,
        paper_set=paper_set,
        seed=seed,
        body=drawing.pack(body),
        key=drawn.key,
        question_count=len(drawn.questions),
        digest=drawing.digest_of(body),
    )


def freeze(plan: AssessmentPlan) -> None:
    """Fix what the plan's papers are drawn from, so that nothing done to the bank later can hinder them.

    Raises `bank_incomplete` as `require_bank`.
    """
    require_bank(plan)
    with transaction.atomic():
        trades = trades_of(plan)
        # As publishing a question for practice does: what is frozen here is not published meanwhile.
        keys = [trade.occupation.pk for trade in trades]
        list(Occupation.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
        for trade in trades:
            _paper_set(plan, trade)


def enqueue_papers(actor: Actor, plan: AssessmentPlan) -> jobs.Job:
    """Have the papers of a plan prepared in the background."""
    return jobs.start(actor, PREPARE, f"准备试卷：{plan}", plan_id=plan.pk)


def prepare_papers(plan: AssessmentPlan, progress: Report | None = None) -> int:
    """Draw a paper for everybody in the plan who has none; returns how many. May be run again at any time."""
    made = 0
    waiting = Candidate.objects.filter(plan=plan, paper=None)
    total = waiting.count()
    for trade in trades_of(plan):
        keys = list(
            waiting.filter(enrollment__occupation=trade.occupation, enrollment__level=trade.level)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if not keys:
            continue
        paper_set = _paper_set(plan, trade)
        pool = load_pool(paper_set)
        for some in _portions(keys):
            Paper.objects.bulk_create(
                [_drawn(paper_set, pool, candidate) for candidate in some], ignore_conflicts=True
            )
            made += len(some)
            if progress is not None:
                progress(made, total)
    return made


def prepare_missing(now: dt.datetime | None = None) -> int:
    """Draw what is still missing for the sessions of the next day; returns how many papers.

    Normally nothing: it is for people who joined after the preparation, and for a preparation that died.
    """
    moment = now or timezone.now()
    without = Candidate.objects.filter(
        paper=None,
        plan__stage__in=[AssessmentStage.ONLINE_CONFIRMED, AssessmentStage.RUNNING],
        exam_room__session__ends_at__gt=moment,
        exam_room__session__starts_at__lt=moment + AHEAD,
    )
    plans = AssessmentPlan.objects.filter(pk__in=without.values("plan"))
    return sum(prepare_papers(plan) for plan in plans)


def _portions(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def paper_of(candidate: Candidate) -> Paper:
    """The candidate's paper; a missing one (somebody who joined late) is drawn now. Raises `bank_incomplete`."""
    found = Paper.objects.filter(candidate=candidate).first()
    if found is not None:
        return found
    with transaction.atomic():
        paper_set = _paper_set(candidate.plan, candidate.enrollment.trade)
        paper = _drawn(paper_set, load_pool(paper_set), candidate.pk)
        Paper.objects.bulk_create([paper], ignore_conflicts=True)
    return Paper.objects.get(candidate=candidate)


def rebuild(paper: Paper) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The paper as it was shown, and its key, drawn anew by seed from the frozen pool. Raises PaperMismatchError."""
    drawn = drawing.draw(load_pool(paper.paper_set), paper.seed)
    same = drawing.digest_of(drawn.body()) == paper.digest and drawn.key == paper.key
    if not same or hashlib.sha256(drawing.unpack(paper.body)).hexdigest() != paper.digest:
        raise PaperMismatchError()
    return drawn.questions, drawn.key


def shown_questions(paper: Paper) -> list[dict[str, Any]]:
    """What the examinee was shown, from the stored body."""
    questions: list[dict[str, Any]] = json.loads(drawing.unpack(paper.body))
    return questions

"""模拟练习 of learners: drawn from the questions published for it, the key shown once it was handed in (EXM-09, EXM-07).

A published question is never drawn for an exam again: everybody may know it. So publishing cannot be undone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.scoping import Actor, require_visible
from zhupei.assessment.models import AssessmentStage
from zhupei.catalog.models import Level, Occupation, Trade
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.models import Question, QuestionVersion, VersionState
from zhupei.exam.bank.services.blueprints import active_blueprint, shortages
from zhupei.exam.bank.services.questions import require_keeper
from zhupei.exam.papers import drawing
from zhupei.exam.papers.models import PaperSet
from zhupei.exam.papers.scoring import is_right
from zhupei.exam.papers.services import SEED_BITS, pool_questions
from zhupei.exam.practice.models import Practice
from zhupei.people.models import Person

LENGTH = 20  # whole questions; a case brings its sub-questions
LEAST = 5
MOST_CASES = 1
REMEMBERED = 50  # rounds that are looked through for what was answered wrong
# Stages from which on nothing is drawn or shown any more.
OVER = [AssessmentStage.COMPLETED]
NOT_LEARNING = [EnrollmentState.DRAFT, EnrollmentState.WITHDRAWN, EnrollmentState.REFUNDED]


# --- the keeper's part


def publish(actor: Actor, versions: models.QuerySet[QuestionVersion]) -> int:
    """Publish the questions of those of `versions` that are approved, for practice; all or none, how many.

    Raises DomainError when an exam that is still to come may draw them, or too few would be left for the blueprint.
    """
    require_keeper(actor)
    approved = list(
        versions.filter(state=VersionState.APPROVED, question__is_practice=False).values_list(
            "pk", "question", "question__occupation", "question__level"
        )
    )
    if not approved:
        raise DomainError(
            "nothing_to_publish", "所选试题里没有可以公开的：只有启用中、还没有公开的题可以公开。"
        )
    with transaction.atomic():
        occupations = {row[2] for row in approved}
        list(Occupation.objects.select_for_update(no_key=True).filter(pk__in=occupations).order_by("pk"))
        _require_not_drawn({row[0] for row in approved})
        Question.objects.filter(pk__in=[row[1] for row in approved]).update(is_practice=True)
        for occupation in Occupation.objects.filter(pk__in=occupations):
            _require_enough(occupation)
        for question in Question.objects.filter(pk__in=[row[1] for row in approved]):
            audit.record(actor, "bank.publish", question, question=question.code)
    return len(approved)


def _require_not_drawn(versions: set[int]) -> None:
    for paper_set in PaperSet.objects.exclude(plan__stage__in=OVER).select_related("plan"):
        if versions.intersection(paper_set.pool):
            raise DomainError(
                "still_needed",
                f"“{paper_set.plan.name}”还没有结束，它的试卷会用到所选的试题。请等考试结束后再公开。",
            )


def _require_enough(occupation: Occupation) -> None:
    for level in [None, *Level.objects.filter(programme=occupation.programme_id)]:
        blueprint = active_blueprint(occupation, level)
        if blueprint is None:
            continue
        if lacks := shortages(occupation, level, list(blueprint.rows.all())):
            raise DomainError(
                "too_few_left",
                f"公开后 {Trade(occupation, level)} 剩下的试题不够组卷：{next(iter(lacks.values()))}",
            )


# --- the learner's part


@dataclass(frozen=True)
class Offer:
    """What a learner can practice: how many questions there are, what was begun, how many were answered wrong."""

    trade: Trade
    questions: int
    unfinished: Practice | None
    wrong: int

    @property
    def is_open(self) -> bool:
        return self.questions >= LEAST


def offers(actor: Actor) -> list[Offer]:
    """What the learner is enrolled for, each once; the latest enrollment first."""
    rows = (
        Enrollment.objects.visible_to(actor)
        .exclude(state__in=NOT_LEARNING)
        .select_related("occupation", "level")
        .order_by("-pk")
    )
    own = _rounds(actor)
    return [
        Offer(
            trade,
            len(_published(trade)),
            next((row for row in own if row.trade == trade and row.submitted_at is None), None),
            len(_wrong([row for row in own if row.trade == trade])),
        )
        for trade in dict.fromkeys(row.trade for row in rows)
    ]


def begin(actor: Actor, occupation: int, level: int | None, *, only_wrong: bool = False) -> Practice:
    """A new round; the unfinished one when there is one. Raises NotAllowedError, DomainError (too few questions)."""
    wanted = Trade(Occupation(pk=occupation), Level(pk=level) if level else None)
    offer = next((row for row in offers(actor) if row.trade == wanted), None)
    if offer is None:
        raise NotAllowedError("您没有报名这个岗位（工种）。")
    if offer.unfinished is not None:
        return offer.unfinished
    own = [row for row in _rounds(actor) if row.trade == wanted]
    published = _published(wanted)
    keys = [key for key in published if key in _wrong(own)] if only_wrong else published
    if not keys or (len(keys) < LEAST and not only_wrong):
        raise DomainError("too_few_questions", "现在没有可以练习的题。")
    seed = secrets.randbits(SEED_BITS)
    questions = pool_questions(keys)
    drawn = drawing.draw(drawing.Pool(questions, _mix(questions)), seed)
    person = Person.objects.visible_to(actor).get()
    with transaction.atomic():
        practice, _ = Practice.objects.get_or_create(
            person=person,
            occupation=offer.trade.occupation,
            level=offer.trade.level,
            submitted_at=None,
            defaults={
                "seed": seed,
                "body": drawing.pack(drawn.body()),
                "key": drawn.key,
                "question_count": len(drawn.questions),
            },
        )
    return practice


def _rounds(actor: Actor) -> list[Practice]:
    return list(Practice.objects.visible_to(actor).select_related("occupation", "level")[:REMEMBERED])


def _published(trade: Trade) -> list[int]:
    """Versions in use of the questions published for a trade."""
    return list(
        QuestionVersion.objects.filter(
            models.Q(question__level=trade.level) | models.Q(question__level=None),
            state=VersionState.APPROVED,
            question__occupation=trade.occupation,
            question__is_practice=True,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _wrong(rounds: Sequence[Practice]) -> set[int]:
    """Versions that were answered wrong when they were met last; `rounds` the latest first."""
    last: dict[int, bool] = {}
    for row in rounds:
        if row.submitted_at is None:
            continue
        in_round: dict[int, bool] = {}
        for entry, mark in zip(row.key, row.marks, strict=True):
            in_round[entry["version"]] = in_round.get(entry["version"], True) and mark
        for version, mark in in_round.items():
            last.setdefault(version, mark)
    return {version for version, mark in last.items() if not mark}


def _mix(questions: Sequence[drawing.PoolQuestion]) -> list[drawing.Row]:
    """How many of each type: as in the pool, a case at most; together LENGTH when there are as many."""
    stock = {name: sum(question.type == name for question in questions) for name in drawing.BLOCKS}
    stock["case"] = min(stock["case"], MOST_CASES)
    total = sum(stock.values())
    wanted = min(LENGTH, total)
    counts = {name: count * wanted // total for name, count in stock.items()}
    for name in sorted(stock, key=lambda name: -(stock[name] * wanted % total)):
        if sum(counts.values()) == wanted:
            break
        counts[name] += counts[name] < stock[name]
    return [drawing.Row(name, count, Decimal(1)) for name, count in counts.items() if count]


def shown_questions(practice: Practice) -> list[dict[str, Any]]:
    """What the learner sees, without the key."""
    questions: list[dict[str, Any]] = json.loads(drawing.unpack(practice.body))
    return questions


def answer(actor: Actor, practice: Practice, choices: Mapping[int, str]) -> Practice:
    """Keep these answers by question number, letters as "AC"; what is no option of the question is passed over.

    Raises WrongStateError once the round was handed in.
    """
    options = {
        int(question["id"]): {option["key"] for option in question["options"]}
        for question in shown_questions(practice)
    }
    with transaction.atomic():
        row = _open(actor, practice)
        for number, letters in choices.items():
            kept = "".join(sorted(set(letters) & options.get(number, set())))
            if kept:
                row.answers[str(number)] = kept
            else:
                row.answers.pop(str(number), None)
        row.save(update_fields=["answers"])
    return row


def submit(actor: Actor, practice: Practice) -> Practice:
    """交卷: scored at once. Raises WrongStateError the second time."""
    with transaction.atomic():
        row = _open(actor, practice)
        row.marks = [
            is_right(entry, row.answers.get(str(number), "")) for number, entry in enumerate(row.key, start=1)
        ]
        row.right_count = sum(row.marks)
        row.submitted_at = timezone.now()
        row.is_passed = _is_passed(row)
        row.save(update_fields=["marks", "right_count", "submitted_at", "is_passed"])
    return row


def _is_passed(row: Practice) -> bool | None:
    """Whether the programme's share of the full mark was reached; unknown when it has no figures."""
    rules = row.occupation.programme.rules_on()
    if rules is None or row.right_count is None:
        return None
    return row.right_count * rules.full_mark >= row.question_count * rules.pass_mark


def _open(actor: Actor, practice: Practice) -> Practice:
    require_visible(actor, practice)
    row = Practice.objects.select_for_update().get(pk=practice.pk)
    if row.submitted_at is not None:
        raise WrongStateError("这次练习已经交卷，请看解析，或者再练一次。")
    return row


@dataclass(frozen=True)
class ReviewedQuestion:
    """One question after handing in: what was chosen, what is right and why."""

    question: Mapping[str, Any]
    chosen: str
    answer: str
    is_right: bool
    explanation: str

    @property
    def options(self) -> list[dict[str, Any]]:
        return [
            option | {"chosen": option["key"] in self.chosen, "right": option["key"] in self.answer}
            for option in self.question["options"]
        ]


def review(practice: Practice) -> list[ReviewedQuestion]:
    """The round with key and explanations. Raises WrongStateError before it was handed in."""
    if practice.submitted_at is None:
        raise WrongStateError("交卷后才能看解析。")
    versions = QuestionVersion.objects.in_bulk({entry["version"] for entry in practice.key})
    found = []
    for question, entry, mark in zip(shown_questions(practice), practice.key, practice.marks, strict=True):
        content = versions[entry["version"]].content
        part = content if entry["part"] is None else content["parts"][entry["part"]]
        found.append(
            ReviewedQuestion(
                question=question,
                chosen=practice.answers.get(question["id"], ""),
                answer="".join(entry["answer"]),
                is_right=mark,
                explanation=part.get("explanation", "") or content.get("explanation", ""),
            )
        )
    return found

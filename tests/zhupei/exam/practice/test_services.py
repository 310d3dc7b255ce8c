"""模拟练习: what is published, what is drawn, what is kept, when the key is shown (EXM-09, EXM-07)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.scoping import Actor
from tests.zhupei.exam.banks import Bank, case, single
from zhupei.accounts.models import User
from zhupei.assessment.models import AssessmentStage
from zhupei.catalog.models import Trade
from zhupei.enrollment.models import EnrollmentState
from zhupei.exam.bank.models import Blueprint, Question, QuestionVersion
from zhupei.exam.bank.services import loading as banks
from zhupei.exam.papers import drawing
from zhupei.exam.papers.models import PaperSet
from zhupei.exam.papers.services import _pool_keys
from zhupei.exam.practice import services as practice
from zhupei.exam.practice.models import Practice
from zhupei.organizations.actors import actor_for

pytestmark = pytest.mark.django_db
WRONG = {"A": "B", "B": "A"}


@pytest.fixture
def bank(world: Any) -> Bank:
    """Thirty questions in use, a case among them, none published."""
    bank = Bank(world)
    bank.stock(24)
    bank.stock(5, "true_false")
    bank.approved(case())
    return bank


@pytest.fixture
def learner(world: Any, bank: Bank) -> Actor:
    return learner_of(world, bank)


def learner_of(world: Any, bank: Bank, state: EnrollmentState = EnrollmentState.ENROLLED) -> Actor:
    """Somebody enrolled for the bank's occupation."""
    batch = world.batch(1, state=state)
    row = batch.enrollments.get()
    row.occupation = bank.occupation
    row.save()
    user = User.objects.create_user("learner", row.id_number, "Gongren-mima-7", name=row.name)
    row.person.user = user
    row.person.save()
    return actor_for(user)


def in_use() -> Any:
    return QuestionVersion.objects.filter(state="approved")


def publish(bank: Bank, count: int | None = None) -> list[int]:
    keys = list(in_use().order_by("pk").values_list("pk", flat=True))[:count]
    practice.publish(bank.writer, QuestionVersion.objects.filter(pk__in=keys))
    return keys


def begin(learner: Actor, bank: Bank, **changes: Any) -> Practice:
    return practice.begin(learner, bank.occupation.pk, None, **changes)


def answers_of(row: Practice, right: int | None = None) -> dict[int, str]:
    """The right answers of the first `right` questions, wrong ones of the others."""
    found = {}
    for number, entry in enumerate(row.key, start=1):
        letters = "".join(entry["answer"])
        found[number] = letters if right is None or number <= right else WRONG.get(letters, "A")
    return found


# --- publishing


def test_a_published_question_is_drawn_for_no_exam(bank: Bank) -> None:
    """EXM-09, EXM-07: what everybody may know is in no paper any more; it is on record who published it."""
    keys = publish(bank, 6)
    pool = set(_pool_keys(Trade(bank.occupation, None)).values_list("pk", flat=True))
    assert pool == set(in_use().values_list("pk", flat=True)) - set(keys)
    assert AuditEntry.objects.filter(act="bank.publish").count() == 6


def test_only_questions_in_use_are_published(bank: Bank) -> None:
    """EXM-09: not drafts, not twice."""
    draft = bank.draft(single("还没有复核的题？"))
    with pytest.raises(DomainError, match="没有可以公开的"):
        practice.publish(bank.writer, QuestionVersion.objects.filter(pk=draft.pk))
    publish(bank, 3)
    with pytest.raises(DomainError, match="没有可以公开的"):
        publish(bank, 3)
    assert Question.objects.filter(is_practice=True).count() == 3


def test_publishing_is_the_keepers(bank: Bank, world: Any) -> None:
    """SEC-02: nobody else, and nothing happens."""
    stranger = actor_for(world.user(world.authority("330100")))
    with pytest.raises(NotAllowedError):
        practice.publish(stranger, QuestionVersion.objects.all())
    assert not Question.objects.filter(is_practice=True).exists()


def test_what_an_exam_may_still_draw_is_not_published(bank: Bank, hall: Any) -> None:
    """EXM-07: the papers of an exam that is on were drawn from it; once the plan is completed it may be."""
    paper_set = PaperSet.objects.get(plan=hall.plan)
    versions = QuestionVersion.objects.filter(pk__in=paper_set.pool[:2])
    with pytest.raises(DomainError, match=r"还没有结束.*请等考试结束后再公开"):
        practice.publish(bank.writer, versions)
    hall.plan.stage = AssessmentStage.COMPLETED
    hall.plan.save()
    assert practice.publish(bank.writer, versions) == 2


def test_enough_is_left_for_the_blueprint(bank: Bank) -> None:
    """EXM-02: what the blueprint needs cannot be published; all or none."""
    blueprint = Blueprint.objects.create(occupation=bank.occupation)
    blueprint.rows.create(type="single", count=20, points=5)
    with pytest.raises(DomainError, match="不够组卷"):
        publish(bank, 5)
    assert not Question.objects.filter(is_practice=True).exists()
    publish(bank, 4)


def test_the_banks_that_come_along_bring_practice_and_can_still_be_drawn() -> None:
    """EXM-09: both have at least thirty published questions, the rest suffices for a hundred points."""
    from zhupei.catalog.models import Occupation
    from zhupei.exam.bank.services.blueprints import active_blueprint, shortages

    for name in banks.known_banks():
        banks.load_bank(name)
    for name in ("土建施工员", "砌筑工"):
        occupation = Occupation.objects.get(name=name)
        assert Question.objects.filter(occupation=occupation, is_practice=True).count() >= 30
        blueprint = active_blueprint(occupation, None)
        assert shortages(occupation, None, list(blueprint.rows.all())) == {}


# --- practicing


def test_a_round_is_drawn_from_published_questions_alone(bank: Bank, learner: Actor) -> None:
    """EXM-09: twenty questions, types as in the pool, a case with its parts; no key in what is shown."""
    publish(bank)
    row = begin(learner, bank)
    shown = practice.shown_questions(row)
    versions = {entry["version"] for entry in row.key}
    assert len(versions) == practice.LENGTH
    assert len(shown) == len(row.key) == row.question_count
    assert {question["type"] for question in shown} >= {"single", "true_false"}
    words = drawing.unpack(row.body).decode()
    assert "answer" not in words and "explanation" not in words and "混凝土终凝后" not in words
    with pytest.raises(WrongStateError, match="交卷后才能看解析"):
        practice.review(row)


def test_what_was_begun_is_gone_on_with(bank: Bank, learner: Actor) -> None:
    """EXM-09: one unfinished round of a kind; answers are kept, changed and taken back."""
    publish(bank)
    row = begin(learner, bank)
    practice.answer(learner, row, {1: "A", 2: "B"})
    practice.answer(learner, row, {2: "A", 1: ""})
    again = begin(learner, bank)
    assert (again.pk, again.answers) == (row.pk, {"2": "A"})
    assert practice.offers(learner)[0].unfinished == row


def test_letters_that_are_no_option_are_passed_over(bank: Bank, learner: Actor) -> None:
    """Hostile input: other letters, other numbers, letters twice."""
    publish(bank)
    row = begin(learner, bank)
    row = practice.answer(learner, row, {1: "Z", 2: "AA", 99: "A", 0: "A", -1: "B"})
    assert row.answers == {"2": "A"}


def test_it_is_scored_and_shown_once_handed_in(bank: Bank, learner: Actor) -> None:
    """EXM-09: right ones of all, of 100; then the key and why; nothing changes afterwards."""
    publish(bank)
    row = begin(learner, bank)
    practice.answer(learner, row, answers_of(row, right=15))
    row = practice.submit(learner, row)
    assert row.right_count == 15 and row.score == 1500 // row.question_count
    assert row.is_passed is True
    lines = practice.review(row)
    assert [line.is_right for line in lines] == row.marks
    assert lines[0].chosen == lines[0].answer
    assert any(line.explanation == "混凝土终凝后及时养护。" for line in lines)
    for act in (practice.submit, lambda actor, practiced: practice.answer(actor, practiced, {1: "A"})):
        with pytest.raises(WrongStateError, match="已经交卷"):
            act(learner, row)


@pytest.mark.parametrize(("pass_mark", "passed"), [(50, True), (51, False)])
def test_what_is_enough_is_the_programmes_figure(
    bank: Bank, learner: Actor, pass_mark: int, passed: bool
) -> None:
    """CAT-01: half of ten questions right, at 50 and at 51 of 100."""
    bank.occupation.programme.rules.update(pass_mark=pass_mark)
    practice.publish(
        bank.writer,
        QuestionVersion.objects.filter(
            pk__in=list(in_use().filter(type="single").values_list("pk", flat=True))[:10]
        ),
    )
    row = begin(learner, bank)
    assert row.question_count == 10
    practice.answer(learner, row, answers_of(row, right=5))
    assert practice.submit(learner, row).is_passed is passed


def test_what_was_wrong_is_practiced_again_until_it_is_right(bank: Bank, learner: Actor) -> None:
    """EXM-09: only what was answered wrong when it was met last; a case with one wrong part counts."""
    publish(bank)
    row = begin(learner, bank)
    practice.answer(learner, row, answers_of(row, right=row.question_count - 3))
    practice.submit(learner, row)
    wrong = {
        entry["version"]
        for entry, mark in zip(row.key, [True] * (row.question_count - 3) + [False] * 3, strict=True)
        if not mark
    }
    assert practice.offers(learner)[0].wrong == len(wrong)
    again = begin(learner, bank, only_wrong=True)
    assert {entry["version"] for entry in again.key} == wrong
    practice.answer(learner, again, answers_of(again))
    practice.submit(learner, again)
    assert practice.offers(learner)[0].wrong == 0
    with pytest.raises(DomainError, match="没有可以练习的题"):
        begin(learner, bank, only_wrong=True)


def test_a_retired_question_is_practiced_no_more(bank: Bank, learner: Actor) -> None:
    """EXM-01: earlier rounds keep what they showed."""
    from zhupei.exam.bank.machine import VERSION

    keys = publish(bank)
    row = practice.submit(learner, begin(learner, bank))
    for version in in_use():
        VERSION.perform(bank.writer, version, "retire")
    assert not practice.offers(learner)[0].is_open
    assert len(practice.review(row)) == row.question_count
    assert len(keys) == 30
    with pytest.raises(DomainError, match="没有可以练习的题"):
        begin(learner, bank)


@pytest.mark.parametrize(
    "state", [EnrollmentState.DRAFT, EnrollmentState.WITHDRAWN, EnrollmentState.REFUNDED]
)
def test_whoever_is_not_enrolled_practices_nothing(world: Any, bank: Bank, state: EnrollmentState) -> None:
    """EXM-09: only one's own occupations, by number neither."""
    publish(bank)
    learner = learner_of(world, bank, state)
    assert practice.offers(learner) == []
    with pytest.raises(NotAllowedError):
        begin(learner, bank)


def test_rounds_are_nobody_elses_business(bank: Bank, learner: Actor, world: Any) -> None:
    """SEC-01: staff of no portal see them."""
    publish(bank)
    row = begin(learner, bank)
    others = [bank.writer, actor_for(world.user(world.institution()))]
    assert [list(Practice.objects.visible_to(actor)) for actor in others] == [[], []]
    assert list(Practice.objects.visible_to(learner)) == [row]
    assert json.loads(drawing.unpack(row.body))

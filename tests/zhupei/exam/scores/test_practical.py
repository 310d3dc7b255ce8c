"""EXM-08: two examiners with accounts of their own, a score sheet, photos; changed until the scores are reported."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.files.models import Document
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from tests.locks import at_once
from tests.zhupei.exam.rooms import Watched
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.scores.models import PracticalScore, ScoreReport
from zhupei.exam.scores.services import practical
from zhupei.exam.scores.services.practical import PracticalState

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(world: Any) -> Watched:
    hall = open_hall(3)
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(has_practical=True)
    return Watched(hall, world.actor(hall.plan.institution, role="examiner"))


@pytest.fixture
def second(watched: Watched, world: Any) -> Actor:
    return world.actor(watched.hall.plan.institution, role="examiner")


def points(*given: str) -> list[Decimal]:
    return [Decimal(each) for each in given or ("18", "35.5", "27", "9")]


def picture() -> ContentFile:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), "#789").save(buffer, "JPEG")
    return ContentFile(buffer.getvalue(), name="工作面.jpg")


def state(candidate: Candidate) -> str:
    return practical.state_of(list(PracticalScore.objects.filter(candidate=candidate)))


def test_the_sheet_adds_up_to_a_hundred() -> None:
    """EXM-08: full points."""
    assert sum(item.full for item in practical.score_sheet()) == 100


def test_two_examiners_score_and_the_state_follows(watched: Watched, second: Actor) -> None:
    """EXM-08: 未评, 一人已评, 已评, 相差过大; the list says the same as the rule."""
    first = watched.people[0]
    seen = []

    def look() -> None:
        listed = practical.candidates_of(watched.actor, watched.hall.plan).get(pk=first.pk)
        assert listed.practical_state == state(first)
        seen.append(state(first))

    look()
    practical.score_practical(watched.actor, first, points(), remark=" 砂浆饱满 ")
    look()
    practical.score_practical(second, first, points("10", "30", "25", "8"))
    look()
    practical.score_practical(second, first, points("20", "35", "27", "9"))
    look()
    assert seen == [PracticalState.NONE, PracticalState.ONE, PracticalState.APART, PracticalState.DONE]
    score = PracticalScore.objects.get(examiner=watched.actor.user)
    assert score.score == Decimal("89.5") and score.remark == "砂浆饱满"
    assert [row["points"] for row in score.items] == ["18", "35.5", "27", "9"]
    acts = AuditEntry.objects.filter(act__startswith="practical").values_list("act", flat=True)
    assert sorted(acts) == ["practical.rescore", "practical.score", "practical.score"]


def test_exactly_fifteen_apart_is_done_in_the_list_and_by_the_rule(watched: Watched, second: Actor) -> None:
    """EXM-08: the list's SQL and the rule draw the line at the same tenth."""
    first = watched.people[0]
    practical.score_practical(watched.actor, first, points("10", "20", "20", "10"))
    for given, expected in (("15", PracticalState.DONE), ("15.1", PracticalState.APART)):
        practical.score_practical(second, first, points(given, "20", "30", "10"))
        listed = practical.candidates_of(watched.actor, watched.hall.plan).get(pk=first.pk)
        assert listed.practical_state == state(first) == expected


@pytest.mark.django_db(transaction=True)
def test_of_three_examiners_at_once_two_score(watched: Watched, second: Actor, world: Any) -> None:
    """EXM-08: the third is told, and leaves no trace."""
    first = watched.people[0]
    third = world.actor(watched.hall.plan.institution, role="examiner")
    results = at_once(
        *(
            lambda actor=actor: practical.score_practical(actor, first, points()).pk
            for actor in (watched.actor, second, third)
        )
    )
    assert results.count("two_have_scored") == 1
    assert PracticalScore.objects.filter(candidate=first).count() == 2
    assert AuditEntry.objects.filter(act="practical.score").count() == 2


@pytest.mark.parametrize("wrong", ["-1", "20.5", "18.25"])
def test_points_have_limits(watched: Watched, wrong: str) -> None:
    """EXM-08: between 0 and the full points, tenths at most, said at the line."""
    with pytest.raises(DomainError, match="安全防护应为 0 至 20 分") as refusal:
        practical.score_practical(watched.actor, watched.people[0], points(wrong, "1", "1", "1"))
    assert set(refusal.value.items) == {"0"}


def test_a_third_examiner_is_refused(watched: Watched, second: Actor, world: Any) -> None:
    """EXM-08: two, no more; the two may change theirs."""
    first = watched.people[0]
    third = world.actor(watched.hall.plan.institution, role="clerk")
    practical.score_practical(watched.actor, first, points())
    practical.score_practical(second, first, points())
    with pytest.raises(DomainError, match="已有两位考评员"):
        practical.score_practical(third, first, points())
    practical.take_back(second, PracticalScore.objects.get(examiner=second.user))
    practical.score_practical(third, first, points())
    with pytest.raises(NotAllowedError):
        practical.take_back(second, PracticalScore.objects.get(examiner=third.user))


def test_the_others_points_after_ones_own(watched: Watched, second: Actor) -> None:
    """EXM-08: nobody copies."""
    first = watched.people[0]
    practical.score_practical(watched.actor, first, points())
    scores = list(PracticalScore.objects.all())
    assert practical.shown_to(second, scores) == []
    assert practical.shown_to(watched.actor, scores) == scores
    practical.score_practical(second, first, points())
    assert len(practical.shown_to(second, list(PracticalScore.objects.all()))) == 2


def test_absent(watched: Watched) -> None:
    """EXM-08: 缺考 is a state of its own; points afterwards take its place."""
    first = watched.people[0]
    practical.mark_absent(watched.actor, first, remark="未到场")
    assert state(first) == PracticalState.ABSENT
    practical.score_practical(watched.actor, first, points())
    assert state(first) == PracticalState.ONE


def test_photos_belong_to_the_sheet(watched: Watched, second: Actor, world: Any) -> None:
    """EXM-08, MAT-05: opened by the institution and its authority, removed by who took them."""
    first = watched.people[0]
    photo = practical.keep_photo(watched.actor, first, picture())
    score = practical.score_practical(watched.actor, first, points(), photos=[photo])
    authority = world.actor(watched.hall.plan.institution.supervisor)
    strangers = [world.actor(world.institution()), world.actor(world.organization())]
    strangers.append(world.actor(world.authority("330300", "温州市")))
    assert Document.objects.visible_to(authority).filter(pk=photo.pk).exists()
    assert Document.objects.visible_to(second).filter(pk=photo.pk).exists()
    assert not any(Document.objects.visible_to(who).filter(pk=photo.pk).exists() for who in strangers)
    with pytest.raises(NotAllowedError):
        practical.remove_photo(second, score, photo)
    practical.remove_photo(watched.actor, score, photo)
    assert not Document.objects.filter(pk=photo.pk).exists() and not score.photos.exists()
    with pytest.raises(DomainError, match="6 张"):
        practical.score_practical(watched.actor, first, points(), photos=[photo] * 7)


def test_who_when_and_until_when(watched: Watched, world: Any) -> None:
    """EXM-08, ORG-14: examiners only, once the exam is on, until the scores are reported."""
    first, plan = watched.people[0], watched.hall.plan
    for who in (world.actor(plan.institution, role="finance"), world.actor(world.institution())):
        with pytest.raises((NotFoundError, NotAllowedError)):
            practical.score_practical(who, first, points())
    AssessmentPlan.objects.update(stage=AssessmentStage.REVIEWED)
    with pytest.raises(WrongStateError, match="确认线上考核"):
        practical.score_practical(watched.actor, watched.people[0], points())
    AssessmentPlan.objects.update(stage=AssessmentStage.COMPLETED, has_practical=False)
    with pytest.raises(WrongStateError, match="没有实操"):
        practical.score_practical(watched.actor, watched.people[0], points())
    AssessmentPlan.objects.update(has_practical=True)
    review = Review.objects.create(kind="score_report", state=ReviewState.SUBMITTED, subject_label="成绩")
    ScoreReport.objects.create(plan=plan, review=review)
    with pytest.raises(WrongStateError, match="已上报"):
        practical.score_practical(watched.actor, watched.people[0], points())
    Review.objects.filter(pk=review.pk).update(state=ReviewState.REJECTED)
    practical.score_practical(watched.actor, watched.people[0], points())


def test_who_comes_next(watched: Watched, second: Actor, django_assert_max_num_queries: Any) -> None:
    """EXM-08: from person to person without going back to the list."""
    first, other, last = watched.people
    practical.score_practical(watched.actor, other, points())
    with django_assert_max_num_queries(2):
        assert practical.next_to_score(watched.actor, first) == last
    assert practical.next_to_score(watched.actor, last) == first
    assert practical.next_to_score(second, first) == other
    practical.mark_absent(second, last)
    practical.score_practical(watched.actor, first, points())
    assert practical.next_to_score(watched.actor, first) is None

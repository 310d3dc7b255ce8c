"""What has a review, as a queue; what may be done with it (architecture.md 2, QRY-04, SEC-01)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from foundation.errors import WrongStateError
from foundation.review import services
from foundation.review.models import HANDED_IN, WAITING, WITH_SUBMITTER, Place, Queue, Review, ReviewState
from zhupei.organizations.models import Organization

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 20)


@pytest.fixture
def waiting(world: Any) -> list[Organization]:
    """Three that wait for 杭州, the last one made having been handed in first."""
    rows = [world.organization(state=ReviewState.SUBMITTED) for _ in range(3)]
    for days, row in enumerate(rows):
        at = timezone.now() - dt.timedelta(days=days)
        Review.objects.filter(pk=row.review_id).update(submitted_at=at, due_on=TODAY)
    return rows[::-1]


@pytest.fixture
def reviewer(world: Any) -> Any:
    return world.actor(world.authority())


def keys(rows: Any) -> list[int]:
    return [row.pk for row in rows]


@pytest.mark.parametrize("state", ReviewState)
def test_every_state_is_the_submitters_the_reviewers_or_decided(state: ReviewState) -> None:
    """states.md: the sets don't overlap; approved belongs to neither."""
    review = Review(state=state)
    assert review.is_waiting == (state in WAITING) and review.is_with_submitter == (state in WITH_SUBMITTER)
    assert review.is_waiting + review.is_with_submitter == (state != ReviewState.APPROVED)


@pytest.mark.parametrize(
    ("state", "round_", "may"),
    [("draft", 0, True), ("draft", 1, False), ("rejected", 1, False), ("submitted", 1, False)],
)
def test_only_what_was_never_handed_in_may_be_discarded(state: str, round_: int, may: bool) -> None:
    """TRN-03, ASM-03: what was handed in once is kept, also when it is a draft again."""
    assert Review(state=state, round=round_).may_be_discarded is may


def test_handed_in_is_what_the_reviewer_may_know_of(world: Any, waiting: list[Organization]) -> None:
    """SEC-01: a draft is nobody's but the submitter's; taken back after the first time it is known."""
    Review.objects.filter(pk=waiting[0].review_id).update(state="draft", round=0)
    Review.objects.filter(pk=waiting[1].review_id).update(state="draft", round=1)
    assert set(keys(Organization.objects.filter(HANDED_IN))) == set(keys(waiting[1:]))


def test_the_oldest_that_waits_for_this_very_reviewer_comes_first(
    world: Any, waiting: list[Organization], reviewer: Any
) -> None:
    """QRY-04: accepted or not; not what is decided, not what waits for another authority."""
    Review.objects.filter(pk=waiting[1].review_id).update(state="accepted")
    decided = world.organization(state=ReviewState.REJECTED)
    elsewhere = world.organization(
        state=ReviewState.SUBMITTED, supervisor=world.authority("330200", "宁波市")
    )
    found = keys(Organization.objects.all().to_decide(reviewer))
    assert found == keys(waiting)
    assert decided.pk not in found and elsewhere.pk not in found


def test_same_moment_by_key(waiting: list[Organization], reviewer: Any) -> None:
    """QRY-04: the order is certain, so that "the next one" is."""
    now = timezone.now()
    Review.objects.filter(pk__in=[row.review_id for row in waiting]).update(submitted_at=now)
    assert keys(Organization.objects.all().to_decide(reviewer)) == sorted(keys(waiting))


def test_the_place_of_a_case_in_the_queue(waiting: list[Organization], reviewer: Any) -> None:
    """ORG-10: neighbors on both sides, none beyond the ends; of something decided the queue's first."""
    rows = Organization.objects.all()
    first, second, third = keys(waiting)
    assert rows.place_of(reviewer, first) == Place(None, second, 1, 3)
    assert rows.place_of(reviewer, second) == Place(first, third, 2, 3)
    assert rows.place_of(reviewer, third) == Place(second, None, 3, 3)
    Review.objects.filter(pk=waiting[1].review_id).update(state="approved")
    assert rows.place_of(reviewer, second) == Place(None, first, 0, 2)
    Review.objects.update(state="approved")
    assert rows.place_of(reviewer, second) == Place(None, None, 0, 0)


def test_the_queue_in_numbers(
    waiting: list[Organization], reviewer: Any, django_assert_num_queries: Any
) -> None:
    """QRY-04: due today is not overdue; the day after it is."""
    rows = Organization.objects.all()
    Review.objects.filter(pk=waiting[0].review_id).update(due_on=TODAY + dt.timedelta(days=1))
    with django_assert_num_queries(1):
        assert rows.queue(reviewer, TODAY) == Queue(waiting=3, overdue=0, due_soon=2)
    assert rows.queue(reviewer, TODAY + dt.timedelta(days=1)) == Queue(waiting=3, overdue=2, due_soon=1)
    assert rows.queue(reviewer, TODAY - dt.timedelta(days=1)) == Queue(waiting=3, overdue=0, due_soon=0)


# --- the submitter's rows


@pytest.mark.parametrize("state", ReviewState)
def test_only_what_is_with_the_submitter_is_editable(world: Any, state: ReviewState) -> None:
    """states.md: a draft or something rejected."""
    row = world.organization(state=state)
    if state in WITH_SUBMITTER:
        assert services.editable(row) == row
    else:
        with pytest.raises(WrongStateError, match="报名单位已提交审核，不能修改"):
            services.editable(row)


def test_what_is_gone_says_so(world: Any) -> None:
    """No error page for whoever pressed a button a moment later."""
    row = world.organization(state=ReviewState.DRAFT)
    Organization.objects.filter(pk=row.pk).delete()
    with pytest.raises(WrongStateError, match="报名单位已被删除，请返回报名单位列表"):
        services.locked(row)


def test_discarding_takes_the_review_along(world: Any) -> None:
    """TRN-03, ASM-03: nothing is left of what was never handed in; what was is kept."""
    row = world.organization(state=ReviewState.DRAFT)
    with pytest.raises(WrongStateError, match="要留档，不能删除；请改报"):
        services.discard(row, instead="请改报")
    assert Organization.objects.filter(pk=row.pk).exists()
    Review.objects.filter(pk=row.review_id).update(round=0)
    services.discard(services.locked(row))
    assert not Organization.objects.exists() and not Review.objects.exists()

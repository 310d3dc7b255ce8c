"""Two reviewers at two desks (architecture.md 2, ORG-10)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.errors import DomainError, WrongStateError
from foundation.review import services
from foundation.review.models import Review, ReviewState
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> tuple[Review, Any, Any, Any]:
    """A registration that waits, its firm, and two reviewers of its authority."""
    world = World()
    firm = world.organization(state=ReviewState.SUBMITTED)
    desks = [world.actor(firm.supervisor) for _ in range(2)]
    return firm.review, world.actor(firm), *desks


def while_held(act: Callable[[], None], first: Callable[[], None]) -> list[DomainError]:
    """Do `first` in a transaction; `act` has to wait for it. The refusals of `act`."""
    refused: list[DomainError] = []

    def late() -> None:
        try:
            act()
        except DomainError as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()  # it waits for the row
    thread.join()
    return refused


def test_one_decides_and_the_other_is_told(case):
    """ORG-10: whoever comes second decides nothing and reads what has become of it."""
    review, _, one, other = case
    (refusal,) = while_held(
        lambda: services.reject(
            other, Review.objects.get(pk=review.pk), reasons={"cns": "承诺书未盖章"}, seen_round=1
        ),
        lambda: services.approve(one, review, seen_round=1),
    )
    assert isinstance(refusal, WrongStateError) and "已审核" in refusal.message
    now = Review.objects.get(pk=review.pk)
    assert (now.state, now.reasons) == (ReviewState.APPROVED, {})
    assert [log.action for log in services.history(now)] == ["approve"]


def test_two_accept_and_one_is_told(case):
    """ORG-10: accepted once."""
    review, _, one, other = case
    (refusal,) = while_held(
        lambda: services.accept(other, Review.objects.get(pk=review.pk), seen_round=1),
        lambda: services.accept(one, review, seen_round=1),
    )
    assert isinstance(refusal, WrongStateError) and "已受理" in refusal.message


def test_nothing_is_decided_that_is_handed_in_anew_at_that_moment(case):
    """ORG-10: the reviewer waits for the submitter and is sent to look again."""
    review, firm, one, _ = case

    def again() -> None:
        services.withdraw(firm, review)
        services.submit(firm, review)

    (refusal,) = while_held(
        lambda: services.approve(one, Review.objects.get(pk=review.pk), seen_round=1), again
    )
    assert "刚刚重新提交" in refusal.message
    assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED

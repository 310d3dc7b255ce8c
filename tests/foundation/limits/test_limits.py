"""The one throttle (SEC-05): equality at the limit, two at once, what is kept, what is swept."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from foundation.errors import DomainError
from foundation.limits import services as limits
from foundation.limits import tasks
from foundation.limits.models import Use
from foundation.limits.services import Limit

THREE = Limit("t", 3, dt.timedelta(minutes=10))
TEN_A_DAY = Limit("t", 10, dt.timedelta(days=1))
HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`clock(moment)` makes it that moment."""
    return lambda moment: monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.mark.django_db
def test_exactly_so_many_and_not_one_more() -> None:
    """SEC-05: counted for each subject and each name alone; what is refused is not counted."""
    for _ in range(3):
        limits.require(THREE, HERE)
    for _ in range(2):
        with pytest.raises(DomainError, match="太频繁") as refusal:
            limits.require(THREE, HERE)
        assert refusal.value.code == "too_many_requests"
    assert Use.objects.count() == 3
    limits.require(THREE, THERE)
    limits.require(Limit("u", 3, THREE.window), HERE)


@pytest.mark.django_db
def test_the_wait_ends_exactly_when_the_oldest_use_is_as_old_as_the_window(clock: Any) -> None:
    """SEC-05: whoever waits as long as told is let in, a moment earlier nobody is."""
    began = timezone.now()
    for minute in range(3):
        clock(began + dt.timedelta(minutes=minute))
        assert limits.spend([(THREE, HERE)]) is None
    found = limits.spend([(THREE, HERE)])
    assert found == limits.Full(THREE, dt.timedelta(minutes=8))
    clock(began + dt.timedelta(minutes=10) - dt.timedelta(milliseconds=1))
    assert limits.full([(THREE, HERE)]) is not None
    clock(began + dt.timedelta(minutes=10))
    assert limits.full([(THREE, HERE)]) is None
    assert limits.spend([(THREE, HERE)]) is None
    assert limits.full([(THREE, HERE)]) == limits.Full(THREE, dt.timedelta(minutes=1))


@pytest.mark.django_db
def test_one_use_counts_for_all_limits_of_a_name_or_for_none(clock: Any) -> None:
    """SEC-05: hour and day share their uses; a full one lets nothing be counted for the others."""
    began = timezone.now()
    both = [(THREE, HERE), (TEN_A_DAY, HERE)]
    for number in range(10):
        clock(began + dt.timedelta(minutes=10 * number))
        assert limits.spend(both) is None
    clock(began + dt.timedelta(minutes=100))
    assert limits.spend([*both, (THREE, THERE)]) == limits.Full(TEN_A_DAY, dt.timedelta(minutes=22 * 60 + 20))
    assert Use.objects.count() == 10
    assert limits.full([(THREE, THERE)]) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_let_in() -> None:
    """SEC-05: each on a connection of its own, with two subjects in opposite orders."""
    found: list[Any] = []
    barrier = threading.Barrier(8)

    def ask(place: int) -> None:
        asked = [(THREE, HERE), (Limit("other", 100, THREE.window), THERE)]
        barrier.wait()
        try:
            found.append(limits.spend(asked if place % 2 else asked[::-1]))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[place]) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8 and found.count(None) == 3
    assert Use.objects.count() == 6


@pytest.mark.django_db
def test_what_the_caller_takes_back_was_not_counted() -> None:
    """SEC-05: a request that failed for another reason costs nothing."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        limits.require(THREE, HERE)
        raise ZeroDivisionError
    assert not Use.objects.exists()


@pytest.mark.django_db
def test_what_stands_in_the_table_names_nobody() -> None:
    """SEC-01: a digest under a key that is not in the database."""
    limits.require(THREE, "13857100001")
    assert "13857100001" not in "".join(map(str, Use.objects.values_list().get()))


@pytest.mark.django_db
def test_uses_that_count_no_more_are_swept(clock: Any) -> None:
    """SEC-05: after the longest of their windows, not before."""
    began = timezone.now()
    limits.require(THREE, HERE)
    limits.spend([(THREE, THERE), (TEN_A_DAY, THERE)])
    clock(began + dt.timedelta(minutes=11))
    tasks.sweep_uses(0)
    assert Use.objects.count() == 1
    clock(began + dt.timedelta(days=1, minutes=1))
    assert limits.sweep() == 1


class Windows(TestCase):
    """Against plain counting."""

    @settings(max_examples=60)
    @given(
        ages=st.lists(st.integers(min_value=0, max_value=200), max_size=12),
        times=st.integers(min_value=1, max_value=5),
        window=st.integers(min_value=1, max_value=100),
    )
    def test_a_limit_never_lets_more_than_its_number_into_its_window(
        self, ages: list[int], times: int, window: int
    ) -> None:
        """SEC-05: full exactly when as many are younger than the window."""
        limit = Limit("t", times, dt.timedelta(seconds=window))
        with pytest.MonkeyPatch.context() as patch:
            now = timezone.now()
            patch.setattr(timezone, "now", lambda: now)
            Use.objects.bulk_create(
                Use(key=limits._key(limit, HERE), at=now - dt.timedelta(seconds=age), counts_until=now)
                for age in ages
            )
            found = limits.full([(limit, HERE)])
            asked = [(Limit("never", 1, limit.window), HERE), (limit, HERE)]
            assert Use.objects.filter(limits.is_full(asked)).exists() == (found is not None)
            recent = sorted(age for age in ages if age < window)
            assert (found is None) == (len(recent) < times)
            if found is not None:
                assert found.wait == dt.timedelta(seconds=window - recent[times - 1])

"""Number series: never twice, gap-free where the kind says so, nobody waits where it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from foundation.numbers.models import Counter
from foundation.numbers.series import NumbersUsedUpError, Series

LOOSE = Series("loose")
STRICT = Series("strict", gap_free=True)
ENDING = Series("ending", digits=2, grows=False)
NAMES = Series("names", digits=2, grows=False)


def in_threads(*acts: Callable[[], object]) -> None:
    """Run them on connections of their own, beginning together."""
    barrier, failures = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            act()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures


@pytest.mark.django_db
def test_each_prefix_and_kind_counts_for_itself():
    """CER-01: numbers rise by one, several at once if wanted."""
    assert LOOSE.take("A") == ["A0001"]
    assert LOOSE.take("A", 3) == ["A0002", "A0003", "A0004"]
    assert LOOSE.take("B") == ["B0001"] and STRICT.take("A") == ["A0001"]
    assert Counter.objects.get(kind="loose", prefix="A").last == 4


@pytest.mark.django_db
def test_a_growing_series_goes_on_with_longer_numbers():
    """CER-01: after 9999 comes 10000, also in the midst of several; never a number again."""
    LOOSE.pass_over("A", 9997)
    assert LOOSE.take("A") == ["A9998"]
    assert LOOSE.take("A", 3) == ["A9999", "A10000", "A10001"]


@pytest.mark.django_db
def test_a_series_that_ends_refuses_after_its_last_number():
    """CER-01: the last number is given, one more is refused in words, and nothing is lost by the refusal."""
    ENDING.pass_over("A", 97)
    with pytest.raises(NumbersUsedUpError, match="A01 到 A99 的编号已经用完"):
        ENDING.take("A", 3)
    assert ENDING.take("A", 2) == ["A98", "A99"]
    with pytest.raises(NumbersUsedUpError):
        ENDING.take("A")
    assert Counter.objects.get().last == 99


@pytest.mark.django_db
def test_what_was_numbered_otherwise_is_passed_over():
    """CER-01: forward only."""
    LOOSE.pass_over("A", 41)
    LOOSE.pass_over("A", 7)
    assert LOOSE.take("A") == ["A0042"]


def test_the_first_free_name_fills_gaps_and_ends_clearly():
    """TRN-01, ASM-01: 99 is the last; there is no name with three digits and none twice."""
    assert NAMES.first_free("甲", []) == "甲01"
    assert NAMES.first_free("甲", ["甲01", "甲03", "乙02"]) == "甲02"
    all_but_last = [f"甲{number:02d}" for number in range(1, 99)]
    assert NAMES.first_free("甲", all_but_last) == "甲99"
    with pytest.raises(NumbersUsedUpError, match="甲01 到 甲99"):
        NAMES.first_free("甲", [*all_but_last, "甲99"])


@pytest.mark.django_db(transaction=True)
def test_numbers_are_taken_on_their_side_of_a_transaction():
    """A lock that somebody waits for cannot be held by mistake; a gap-free number cannot be lost by mistake."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        LOOSE.take("A")
    with pytest.raises(RuntimeError):
        STRICT.take("A")
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("series", [LOOSE, STRICT])
def test_nobody_gets_a_number_that_another_has(series):
    """CER-01: whatever the concurrency, from the very first number on."""
    taken: list[str] = []

    def take() -> None:
        for count in (1, 2, 1, 3):
            if series.gap_free:
                with transaction.atomic():
                    taken.extend(series.take("A", count))
            else:
                taken.extend(series.take("A", count))

    in_threads(*[take] * 8)
    assert sorted(taken) == [f"A{number:04d}" for number in range(1, 57)]


@pytest.mark.django_db(transaction=True)
def test_a_gap_free_series_has_no_gap_when_others_fail():
    """CER-01: what a failed transaction took is given to the next, whatever the concurrency."""
    kept: list[str] = []

    class FailError(Exception):
        pass

    def take(fails: bool) -> None:
        for _ in range(6):
            try:
                with transaction.atomic():
                    numbers = STRICT.take("A", 2)
                    if fails:
                        raise FailError
            except FailError:
                continue
            kept.extend(numbers)

    in_threads(*[lambda fails=fails: take(fails) for fails in (True, False) * 4])
    assert sorted(kept) == [f"A{number:04d}" for number in range(1, 49)]


@pytest.mark.django_db(transaction=True)
def test_who_takes_a_gap_free_number_waits_for_the_one_before():
    """CER-01: the lock that makes it gap-free is there, for its prefix alone."""
    taken: list[str] = []

    def take(prefix: str) -> None:
        with transaction.atomic():
            taken.extend(STRICT.take(prefix))
        connection.close()

    same, other = (threading.Thread(target=take, args=[prefix]) for prefix in "AB")
    with transaction.atomic():
        assert STRICT.take("A") == ["A0001"]
        same.start()
        other.start()
        other.join(10)
        same.join(0.3)
        assert taken == ["B0001"] and same.is_alive()
        transaction.set_rollback(True)
    same.join(10)
    assert taken == ["B0001", "A0001"]

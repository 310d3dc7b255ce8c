"""Who is barred, in words (ORG-15)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from foundation.crypto import blind_index
from zhupei.people import queries
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def bar(world):
    """Bar somebody from … to … today's distance in days; returns the person's blind index."""

    def make(first: int = 0, last: int | None = None, reason: str = "替考") -> str:
        today, someone = timezone.localdate(), world.invent.person()
        PersonBar.objects.create(
            id_number=someone.id_number,
            name=someone.name,
            authority=world.authority(),
            reason=reason,
            starts_on=today + first * DAY,
            ends_on=None if last is None else today + last * DAY,
        )
        return blind_index(someone.id_number)

    return make


def test_the_words_say_who_why_and_until_when(bar, world):
    """ORG-15: the same words wherever a barred person is stopped."""
    forever, until = bar(), bar(-3, 5, "伪造证明")
    last = timezone.localdate() + 5 * DAY
    assert queries.barred([forever, until]) == {
        forever: f"已被{world.authority()}列入黑名单（替考，未定解除日期）",
        until: f"已被{world.authority()}列入黑名单（伪造证明，至 {last}）",
    }


def test_the_first_and_the_last_day_count(bar):
    """ORG-15: equality at both limits; not before, not after, not once it is lifted."""
    lifted = bar()
    PersonBar.objects.update(lifted_at=timezone.now())
    from_today, to_today, tomorrow, yesterday = bar(0), bar(-9, 0), bar(1), bar(-9, -1)
    asked = [lifted, from_today, to_today, tomorrow, yesterday]
    assert set(queries.barred(asked)) == {from_today, to_today}


def test_many_are_asked_for_at_once(bar, django_assert_num_queries):
    """ORG-15: a whole roster costs one query."""
    keys = [bar() for _ in range(3)]
    with django_assert_num_queries(1):
        assert len(queries.barred([*keys, blind_index("330106197402050425")])) == 3

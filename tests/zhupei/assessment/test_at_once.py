"""Two people at two desks: nobody is in two plans, no room holds two exams (ASM-01, ASM-02)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from foundation.errors import DomainError
from tests.world import World
from tests.zhupei.assessment.halls import make_hall
from zhupei.assessment import services
from zhupei.assessment.models import Candidate, ExamRoom

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Run them in threads that start together; the refusals' codes."""
    refused: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            act()
        except DomainError as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_nobody_is_chosen_for_two_plans():
    """ASM-01: whoever comes second is refused; plans made at the same moment have different names."""
    hall = make_hall(World())
    keys = [row.pk for row in hall.people(5)]
    refused = at_once(
        *[lambda: services.create_plan(hall.actor, hall.training_plan, hall.data(), keys) for _ in range(3)]
    )
    assert refused == ["not_proposed"] * 2
    assert Candidate.objects.live().count() == 5
    plans = [services.create_plan(hall.actor, hall.training_plan, hall.data()) for _ in range(2)]
    other = [row.pk for row in hall.people(4)]
    refused = at_once(*[lambda plan=plan: services.set_candidates(hall.actor, plan, other) for plan in plans])
    assert refused == ["not_proposed"] and Candidate.objects.live().count() == 9


def test_a_room_is_booked_by_one_of_two():
    """ASM-02: the database keeps the room for the first; the second is told whose it is."""
    hall = make_hall(World())
    hall.people(2)
    first = hall.plan(seated=False)
    hall.people(2)
    second = hall.plan(seated=False)
    refused = at_once(
        *[lambda plan=plan: services.arrange_seats(hall.actor, plan) for plan in (first, second)]
    )
    assert refused == ["double_booked"] and ExamRoom.objects.count() == 1

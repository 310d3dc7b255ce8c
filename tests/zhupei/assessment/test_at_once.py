"""Two people at two desks: nobody is in two plans, no room holds two exams (ASM-01, ASM-02)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.errors import DomainError
from foundation.review.models import Review
from tests.world import World
from tests.zhupei.assessment.halls import make_hall
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom

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


def test_a_plan_is_handed_in_or_deleted_but_never_both():
    """ASM-01: of two browsers the first is heard; what has been handed in stays, with its seats and its review."""
    world = World()
    for _ in range(3):
        hall = make_hall(world)
        hall.people(2)
        plan = hall.plan()
        refused = at_once(
            lambda plan=plan, hall=hall: services.submit_plan(hall.actor, plan),
            lambda plan=plan, hall=hall: services.discard_plan(hall.actor, plan),
            lambda plan=plan, hall=hall: services.arrange_seats(hall.actor, plan),
        )
        kept = AssessmentPlan.objects.filter(pk=plan.pk).select_related("review").first()
        if kept is None:
            assert set(refused) <= {"wrong_state"}
        else:
            assert (kept.review.state, refused.count("wrong_state")) == ("submitted", len(refused))
            assert kept.candidates.count() == 2
    assert Review.objects.filter(kind="assessment_plan").count() == AssessmentPlan.objects.count()


def test_who_waited_for_another_sees_what_he_did():
    """ASM-01: deleting waits until the other browser has handed in, and is refused then."""
    hall = make_hall(World())
    hall.people(2)
    plan = hall.plan()
    stale = AssessmentPlan.objects.get(pk=plan.pk)
    refused: list[str] = []

    def discard() -> None:
        try:
            services.discard_plan(hall.actor, stale)
        except DomainError as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    late = threading.Thread(target=discard)
    with transaction.atomic():
        services.submit_plan(hall.actor, plan)
        late.start()
        late.join(0.5)
        assert late.is_alive()
    late.join()
    assert refused == ["wrong_state"]
    assert AssessmentPlan.objects.get().review.state == "submitted"

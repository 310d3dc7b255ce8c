"""Programme B: people are enrolled into plans; the last seat is never sold twice (ENR-07)."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from foundation.errors import DomainError
from zhupei.enrollment.models import Enrollment
from zhupei.enrollment.services import EntryData
from zhupei.training import services
from zhupei.training.models import Placement, TrainingPlan


def entry(world, organization) -> EntryData:
    person = world.invent.person()
    return EntryData(
        name=person.name,
        gender="男" if person.gender == "male" else "女",
        id_number=person.id_number,
        phone=person.phone,
        education="初中",
        work_unit=organization.name,
    )


@pytest.fixture
def firm(school):
    return school.world.actor(school.world.organization(supervisor=school.institution.supervisor))


@pytest.mark.django_db
def test_one_person_enrolled_into_a_plan_has_a_seat_at_the_plans_fee(school, firm):
    """ENR-07, BIL-01: the fee is the plan's, whatever the offer says later."""
    plan = school.plan()
    item = plan.items.get()

    enrollment = services.enroll_one_into_plan(firm, item, entry(school.world, firm.body))
    school.offer.fee = Decimal("999")
    school.offer.save()

    plan.refresh_from_db()
    enrollment.refresh_from_db()
    assert (plan.seats_taken, enrollment.fee) == (1, Decimal("480.00"))
    assert TrainingPlan.objects.visible_to(firm).get() == plan


@pytest.mark.django_db
def test_a_plan_that_is_not_open_or_not_offered_refuses(school, firm):
    """ENR-07: within its dates, public or naming this organization."""
    late = school.plan()
    TrainingPlan.objects.filter(pk=late.pk).update(
        opens_at=timezone.now() - timezone.timedelta(days=2),
        closes_at=timezone.now() - timezone.timedelta(days=1),
    )
    with pytest.raises(DomainError, match="已经结束"):
        services.enroll_one_into_plan(firm, late.items.get(), entry(school.world, firm.body))
    TrainingPlan.objects.update(form="designated")
    with pytest.raises(DomainError, match="没有对本单位开放"):
        services.enroll_one_into_plan(firm, late.items.get(), entry(school.world, firm.body))
    assert not Enrollment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_200_attempts_for_the_last_5_seats_enroll_exactly_5(school, firm):
    """ENR-07: whatever the concurrency, and each refusal is a clear sentence."""
    plan = school.plan(head_count=5)
    item = plan.items.get()
    entries = [entry(school.world, firm.body) for _ in range(200)]
    refusals: list[str] = []
    waiting = iter(entries)
    lock = threading.Lock()

    def clerk() -> None:
        try:
            while True:
                with lock:
                    data = next(waiting, None)
                if data is None:
                    return
                try:
                    services.enroll_one_into_plan(firm, item, data)
                except DomainError as refusal:
                    refusals.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=clerk) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    plan.refresh_from_db()
    assert (plan.seats_taken, Placement.objects.live().count(), Enrollment.objects.count()) == (5, 5, 5)
    assert len(refusals) == 195 and all("名额" in sentence for sentence in refusals)


@pytest.mark.django_db
def test_confirmed_people_are_placed_in_bulk_and_absentees_join_the_next_plan_without_paying(school):
    """TRN-04, TRN-05, TRN-06: placed, class starts, one absent, attendance locked, carried over, corrected."""
    world = school.world
    batch = world.batch(3, state="enrolled", offer=school.offer)
    plan = school.plan()
    proposed = services.propose_placements(school.actor, plan)
    assert services.place_into_plan(school.actor, plan, [row.pk for row in proposed]) == 3
    assert not services.propose_placements(school.actor, plan).exists()

    services.start_class(school.actor, plan)
    absent, *present = list(plan.placements.live().order_by("pk"))
    services.mark_day(school.actor, plan, plan.days.first(), {absent.pk})
    services.confirm_attendance(school.actor, plan, {absent.pk})
    with pytest.raises(DomainError):
        services.confirm_attendance(school.actor, plan, set())

    states = dict(batch.enrollments.values_list("pk", "state"))
    assert states.pop(absent.enrollment_id) == "absent" and set(states.values()) == {"trained"}
    services.correct_attendance(school.actor, present[0], is_absent=True, reason="签到表漏签")
    services.correct_attendance(school.actor, present[0], is_absent=False, reason="核对监控后更正")

    following = school.plan(days=[_later(day) for day in school.data().days])
    assert services.carry_over(school.actor, following, [absent.enrollment_id]) == 1
    absent.enrollment.refresh_from_db()
    assert absent.enrollment.state == "enrolled"
    services.start_class(school.actor, following)
    absent.enrollment.refresh_from_db()
    assert absent.enrollment.state == "in_training"


def _later(day):
    from dataclasses import replace
    from datetime import timedelta

    return replace(day, starts_at=day.starts_at + timedelta(days=7), ends_at=day.ends_at + timedelta(days=7))

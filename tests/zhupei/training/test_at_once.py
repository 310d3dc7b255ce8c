"""Two browsers at one training plan (TRN-03)."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from django.db import connection, transaction

from foundation.errors import DomainError
from tests.rosters import roster_file, roster_row
from tests.world import World
from tests.zhupei.training.schools import make_school, moment
from tests.zhupei.training.test_enrolling import entry
from zhupei.enrollment import services as enrollments
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.people.models import Person
from zhupei.training import services
from zhupei.training.models import TrainingPlan

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_waited_for_another_sees_what_he_did():
    """TRN-03: deleting waits until the other browser has handed in, and is refused then; changing, too."""
    school = make_school(World())
    plan = services.create_plan(school.actor, school.data())
    stale = TrainingPlan.objects.get(pk=plan.pk)
    refused: list[str] = []

    def late() -> None:
        for act in (
            lambda: services.discard_plan(school.actor, stale),
            lambda: services.update_plan(school.actor, stale, school.data()),
        ):
            try:
                act()
            except DomainError as refusal:
                refused.append(refusal.code)
        connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        services.submit_plan(school.actor, plan)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join()
    assert refused == ["wrong_state"] * 2
    assert TrainingPlan.objects.get().review.state == "submitted"


def test_what_was_deleted_elsewhere_is_refused_in_words():
    """TRN-03: no error page for whoever pressed a button a moment later."""
    school = make_school(World())
    plan = services.create_plan(school.actor, school.data())
    services.discard_plan(school.actor, TrainingPlan.objects.get(pk=plan.pk))
    for act in (services.submit_plan, services.discard_plan):
        with pytest.raises(DomainError, match="已被删除"):
            act(school.actor, plan)


def somebody_waits_for_a_lock() -> bool:
    """Whether some connection stands at a row that another holds; asked for a few seconds."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")
            if cursor.fetchone():
                return True
        time.sleep(0.05)
    return False


def test_nobody_waits_for_the_number_of_an_enrollment_that_is_still_storing():
    """ENR-07: while one roster is being stored into a plan, others enroll and get their numbers at once."""
    world = World()
    school = make_school(world)
    plan, other = school.plan(), make_school(world, supervisor=school.institution.supervisor).plan()
    firm, another, third = (
        world.actor(world.organization(supervisor=school.institution.supervisor)) for _ in range(3)
    )
    invented = world.invent.person()
    person = world.person(invented)
    file = roster_file([roster_row(invented, firm.body.name)])
    roster = services.start_plan_roster(firm, plan.items.get(), "名单.xlsx", file)
    unplanned = world.offer(school.institution)
    upload = roster_file([roster_row(world.invent.person(), third.body.name)])
    free = enrollments.start_roster(third, unplanned, "名单.xlsx", upload)
    data = entry(world, another.body)
    done: list[str] = []

    def run(act, name):
        try:
            act()
            done.append(name)
        finally:
            connection.close()

    def start(act, name):
        thread = threading.Thread(target=run, args=[act, name])
        thread.start()
        return thread

    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # storing stands still at this person
        slow = start(lambda: services.confirm_into_plan(firm, plan.items.get(), roster), "slow")
        assert somebody_waits_for_a_lock()
        for act, name in (
            (lambda: services.enroll_one_into_plan(another, other.items.get(), data), "one"),
            (lambda: enrollments.confirm_roster(third, free), "roster"),
        ):
            start(act, name).join(20)
        assert done == ["one", "roster"] and slow.is_alive()
    slow.join(20)
    assert done == ["one", "roster", "slow"]
    numbers = sorted(Batch.objects.values_list("number", flat=True))
    assert [number[-5:] for number in numbers] == ["-0001", "-0002", "-0003"]
    assert Enrollment.objects.get(person=person).batch.number == numbers[0]


def test_two_plans_of_one_name_are_never_made():
    """TRN-01: whoever is second with a name is told so, with a name that is free."""
    school = make_school(World())
    data = school.data()
    days = [dataclasses.replace(day, teacher=None, room=None) for day in data.days]
    same = dataclasses.replace(data, days=days, room=None, closes_at=moment(2))
    refused: list[DomainError] = []

    def late() -> None:
        try:
            services.create_plan(school.actor, same)
        except DomainError as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        services.create_plan(school.actor, data)
        thread.start()
        assert somebody_waits_for_a_lock()
    thread.join(20)
    [refusal] = refused
    assert refusal.code == "plan_refused" and f"{data.name} 已经用过" in refusal.items["name"]
    assert f"可用 {data.name[:-2]}02" in refusal.message
    assert TrainingPlan.objects.count() == 1

"""Programme B: complete people of a plan need no further review; who gives up gives the seat back (ENR-07, ENR-08)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.messages.models import Message
from foundation.workflow.models import TransitionLog
from tests.zhupei.training.test_enrolling import entry
from zhupei.billing import services as billing
from zhupei.billing.models import Order, OrderState
from zhupei.enrollment import services as enrollments
from zhupei.enrollment.admission import required_kinds
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment
from zhupei.enrollment.services import review
from zhupei.training import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(school):
    return school.world.actor(school.world.organization(supervisor=school.institution.supervisor))


@pytest.fixture
def plan(school):
    return school.plan(head_count=30)


def seated(school, firm, plan, people: int = 1) -> list[Enrollment]:
    """People with a seat and all the images their programme asks for."""
    rows = [
        services.enroll_one_into_plan(firm, plan.items.get(), entry(school.world, firm.body))
        for _ in range(people)
    ]
    for row in rows:
        for kind in required_kinds([row.programme_id])[row.programme_id]:
            school.world.material(row, kind)
    return rows


def of(rows: list[Enrollment]):
    return Enrollment.objects.filter(pk__in=[row.pk for row in rows])


def test_complete_people_of_a_plan_pass_when_they_are_handed_in(school, firm, plan):
    """ENR-07: by the platform, in the same transaction; the institution is not asked to review them."""
    rows = seated(school, firm, plan, 2)

    enrollments.submit_for_review(firm, of(rows))

    assert set(of(rows).values_list("state", flat=True)) == {"eligible"}
    log = TransitionLog.objects.of(rows[0]).get(action="approve")
    assert (log.remark, log.actor_label) == ("按培训计划报名", "系统")
    assert not Message.objects.filter(code="enrollment.submitted").exists()


def test_one_person_handed_in_alone_passes_too(school, firm, plan):
    """ENR-07: also by the machine's single move."""
    (row,) = seated(school, firm, plan)
    ENROLLMENT.perform(firm, row, "submit")
    assert of([row]).get().state == "eligible"


def test_incomplete_people_are_still_held(school, firm, plan):
    """MAT-01: the images of the programme come first."""
    row = services.enroll_one_into_plan(firm, plan.items.get(), entry(school.world, firm.body))
    done = enrollments.submit_for_review(firm, of([row]))
    assert not done.submitted and of([row]).get().state == "draft"


def test_people_enrolled_first_are_still_reviewed(school):
    """ELI-01: programme A is not touched."""
    batch = school.world.batch(1, materials=True)
    firm = school.world.actor(batch.organization)
    enrollments.submit_for_review(firm, batch.enrollments.all())
    assert batch.enrollments.get().state == "submitted"
    assert Message.objects.filter(code="enrollment.submitted").count() == 1


def test_handing_in_costs_no_query_a_person(school, firm, plan):
    """PRF: the same number of statements for 2 and for 12 people."""
    few, many = seated(school, firm, plan, 2), seated(school, firm, plan, 12)
    counts = []
    for rows in (few, many):
        with CaptureQueriesContext(connection) as seen:
            enrollments.submit_for_review(firm, of(rows))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_who_withdraws_frees_the_seat(school, firm, plan):
    """ENR-08: once; the others keep theirs."""
    rows = seated(school, firm, plan, 3)
    enrollments.withdraw(firm, of(rows[:2]))
    plan.refresh_from_db()
    assert plan.seats_taken == 1
    assert list(plan.placements.live().values_list("enrollment_id", flat=True)) == [rows[2].pk]


def test_recalling_to_change_something_keeps_the_seat(school, firm, plan):
    """ENR-08: changed, handed in again, passed again."""
    rows = seated(school, firm, plan)
    enrollments.submit_for_review(firm, of(rows))
    enrollments.recall(firm, of(rows))
    plan.refresh_from_db()
    assert plan.seats_taken == 1
    enrollments.submit_for_review(firm, of(rows))
    assert of(rows).get().state == "eligible"


def test_a_mismatch_returned_after_payment_comes_back_enrolled(school, firm, plan):
    """TRN-04: the seat stays, the correction passes, nothing is paid twice (ENR-08)."""
    (row,) = seated(school, firm, plan)
    enrollments.submit_for_review(firm, of([row]))
    order = billing.place_order(firm, [row.pk])
    Order.objects.filter(pk=order.pk).update(state=OrderState.CONFIRMED)
    Enrollment.objects.filter(pk=row.pk).update(state="enrolled")

    row = of([row]).get()
    review.return_enrollment(school.actor, row, {"id_front": "与本人照片不符"})
    plan.refresh_from_db()
    assert (of([row]).get().state, plan.seats_taken) == ("returned", 1)

    enrollments.submit_for_review(firm, of([row]))
    assert of([row]).get().state == "enrolled"

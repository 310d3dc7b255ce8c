"""Placing people into plans, taking them out, carrying absentees over (TRN-05)."""

from __future__ import annotations

import pytest

from foundation.errors import DomainError, NotFoundError, WrongStateError
from foundation.messages.models import Message
from zhupei.enrollment.models import Enrollment
from zhupei.training import services
from zhupei.training.models import Placement, TrainingPlan
from zhupei.training.services import placing

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(school):
    """Four people who paid and wait for a plan."""
    return school.world.batch(4, state="enrolled", offer=school.offer)


def keys(batch):
    return list(batch.enrollments.order_by("created_at", "pk").values_list("pk", flat=True))


def test_the_proposal_fits_occupation_and_mode_longest_waiting_first(school, waiting):
    """TRN-05: not the ones of another mode, nor those not paid, nor another institution's."""
    world = school.world
    world.batch(1, state="paid", offer=school.offer)
    world.batch(1, state="enrolled")
    Enrollment.objects.filter(pk=keys(waiting)[0]).update(delivery="online")
    plan = school.plan()
    found = list(placing.propose_placements(school.actor, plan).values_list("pk", flat=True))
    assert found == keys(waiting)[1:]


def test_the_longest_waiting_fill_the_seats(school, waiting):
    """TRN-05: one click, never more than the seats left."""
    plan = school.plan(head_count=3)
    assert placing.place_longest_waiting(school.actor, plan) == 3
    plan.refresh_from_db()
    assert plan.seats_left == 0
    assert (
        list(plan.placements.order_by("enrollment_id").values_list("enrollment_id", flat=True))
        == keys(waiting)[:3]
    )
    with pytest.raises(DomainError, match="名额已满"):
        placing.place_longest_waiting(school.actor, plan)
    with pytest.raises(DomainError, match="名额已满"):
        services.place_into_plan(school.actor, plan, keys(waiting)[3:])


def test_who_is_taken_out_frees_the_seat_and_the_organization_hears_of_it(school, waiting):
    """TRN-05: twice does nothing more; after the class has started not at all."""
    plan = school.plan()
    services.place_into_plan(school.actor, plan, keys(waiting))
    two = plan.placements.filter(enrollment__in=keys(waiting)[:2])
    assert services.remove_from_plan(school.actor, two) == 2
    plan.refresh_from_db()
    assert plan.seats_taken == 2
    message = Message.objects.get(code="training.removed")
    assert "2 人" in message.title and plan.name in message.title
    with pytest.raises(WrongStateError):
        services.remove_from_plan(school.actor, two)
    services.start_class(school.actor, plan)
    with pytest.raises(WrongStateError, match="已开班"):
        services.remove_from_plan(school.actor, plan.placements.all())
    plan.refresh_from_db()
    assert plan.seats_taken == 2


def test_strangers_move_nobody(school, waiting):
    """SEC-01."""
    plan = school.plan()
    stranger = school.world.actor(school.world.institution())
    with pytest.raises(NotFoundError):
        services.place_into_plan(stranger, plan, keys(waiting))
    with pytest.raises(NotFoundError):
        services.carry_over(stranger, plan, keys(waiting))
    assert not Placement.objects.visible_to(stranger).exists()


def test_a_plan_under_review_takes_nobody(school, waiting):
    """TRN-03: approved first."""
    plan = services.create_plan(school.actor, school.data())
    with pytest.raises(WrongStateError, match="审核通过"):
        services.place_into_plan(school.actor, plan, keys(waiting))
    assert TrainingPlan.objects.get(pk=plan.pk).seats_taken == 0


def test_people_are_told_where_and_when(school, waiting):
    """NTF-01: the organization in the portal, everybody placed by SMS."""
    from foundation.messages.models import Sms

    plan = school.plan()
    services.place_into_plan(school.actor, plan, keys(waiting)[:2])
    message = Message.objects.get(code="training.placed")
    assert message.title == f"2 人已编入培训计划 {plan.name}" and plan.place in message.body
    texts = list(Sms.objects.filter(code="training.placed").values_list("text", flat=True))
    assert len(texts) == 2 and all(plan.name in text and plan.place in text for text in texts)

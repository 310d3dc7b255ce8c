"""Two browsers at one training plan (TRN-03)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from foundation.errors import DomainError
from tests.world import World
from tests.zhupei.training.schools import make_school
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

"""The learner's portal (LRN-01 for what exists, TRN-07's first part)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from zhupei.billing.models import OrderState
from zhupei.enrollment.models import Enrollment
from zhupei.learning.services import open_study_accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(world):
    """Somebody whose fee was confirmed, with the study account opened by it."""
    order = world.order(1, state=OrderState.CONFIRMED)
    enrollment = Enrollment.objects.get(order_lines__order=order)
    open_study_accounts([enrollment])
    enrollment.refresh_from_db()
    return enrollment, world.client(enrollment.person.user)


def test_a_learner_sees_where_the_enrollment_is(learner):
    """LRN-01: state word, next step, institution; the ID number masked."""
    enrollment, client = learner

    home = client.get(reverse("learner:home")).content.decode()
    detail = client.get(reverse("learner:enrollment", args=[enrollment.pk])).content.decode()
    me = client.get(reverse("learner:me")).content.decode()

    assert "已报名" in home and enrollment.institution.name in home
    assert enrollment.work_unit in detail
    for page in (home, detail, me):
        assert enrollment.id_number not in page
        assert enrollment.phone not in page


def test_another_learners_enrollment_is_not_there(learner, world):
    """SEC-01: 404 for a stranger of the same portal and for other portals; sign-in for nobody."""
    enrollment, _ = learner
    url = reverse("learner:enrollment", args=[enrollment.pk])
    other_order = world.order(1, state=OrderState.CONFIRMED)
    other = Enrollment.objects.get(order_lines__order=other_order)
    open_study_accounts([other])
    other.refresh_from_db()

    assert world.client(other.person.user).get(url).status_code == 404
    assert world.client(enrollment.organization).get(url).status_code == 404
    anonymous = world.client(other.person.user).__class__().get(url)
    assert anonymous.status_code == 302 and "/sign-in/learner/" in anonymous["Location"]


def test_home_uses_few_queries(learner, world, django_assert_max_num_queries):
    """No query per row."""
    _, client = learner
    with django_assert_max_num_queries(12):
        client.get(reverse("learner:home"))

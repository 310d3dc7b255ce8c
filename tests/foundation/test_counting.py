"""Counting several things at once."""

from __future__ import annotations

import pytest

from foundation.counting import count_together
from foundation.messages.models import Message
from zhupei.organizations.models import Organization

pytestmark = pytest.mark.django_db


def test_counts_come_in_their_order_by_one_statement(world, django_assert_num_queries):
    """ui.md: few statements a page; nothing is asked about what must be empty."""
    for name in ("甲", "乙", "100%"):
        world.organization(name=name)
    Message.objects.create(recipient_key="user:1", code="test", title="通知", body="正文")
    wanted = [
        Organization.objects.filter(name__in=["甲", "100%"]).order_by("name"),
        Organization.objects.none(),
        Message.objects.unread(),
        Organization.objects.filter(name__icontains="%"),
    ]
    with django_assert_num_queries(1):
        assert count_together(*wanted) == [2, 0, 1, 1]
    with django_assert_num_queries(0):
        assert count_together() == [] and count_together(Message.objects.none()) == [0]

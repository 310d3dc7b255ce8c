"""The tests' own world stands on valid data."""

import pytest

from foundation.identifiers import id_number, uscc
from zhupei.enrollment.models import Enrollment

pytestmark = pytest.mark.django_db


def test_a_world_in_one_line_has_valid_identities(world):
    batch = world.batch(3, state="submitted", materials=True)
    order = world.order(2)

    assert uscc.is_valid(batch.organization.uscc)
    assert all(id_number.is_valid(row.id_number) for row in Enrollment.objects.all())
    assert order.total == 960
    assert world.client(batch.organization).get("/healthz").status_code == 200

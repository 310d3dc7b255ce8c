"""Where a batch stands and what is to be done next."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhupei.enrollment import queries
from zhupei.enrollment.models import EnrollmentState
from zhupei.enrollment.rules import STEPS, STEPS_DONE, Progress, step_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("states", "step", "act", "ours"),
    [
        ({"draft": 3}, "上传资料", "submit", True),
        ({"submitted": 2, "draft": 1}, "上传资料", "submit", True),
        ({"submitted": 2, "returned": 1}, "上传资料", "correct", True),
        ({"submitted": 2}, "资格审核", "review", False),
        ({"submitted": 1, "eligible": 4}, "资格审核", "order", True),
        ({"eligible": 4, "withdrawn": 1}, "生成订单", "order", True),
        ({"ordered": 2, "enrolled": 1}, "缴费", "pay", True),
        ({"paid": 2}, "缴费确认", "confirmation", False),
        ({"enrolled": 5, "ineligible": 1}, None, "done", False),
        ({"in_training": 1, "certified": 1, "failed": 1}, None, "done", False),
        ({"withdrawn": 2}, None, "over", False),
    ],
)
def test_the_least_advanced_person_counts(states, step, act, ours):
    """QRY-04: the batch is where its least advanced person waits; one thing to do."""
    progress = Progress(states)
    assert progress.step == (STEPS_DONE if step is None else STEPS.index(step))
    assert (progress.act, progress.waits_for_us) == (act, ours)


def test_images_come_before_handing_in():
    """MAT-01."""
    assert Progress({"draft": 3}, incomplete=1, missing=2).act == "materials"


def test_every_state_has_its_place():
    """QRY-03: no state is forgotten."""
    over = {state for state in EnrollmentState.values if step_of(state) is None}
    assert over == {"ineligible", "withdrawn", "refunded"}


def test_counts_of_many_batches_in_two_queries(world):
    """QRY-04: figures of a list, whatever the batches and people."""
    offer = world.offer()
    complete = world.batch(2, offer=offer, materials=True)
    lacking = world.batch(3, offer=offer)
    lacking.enrollments.first().materials.all().delete()
    world.material(lacking.enrollments.first(), "portrait")
    late = world.batch(2, offer=offer, state="submitted")
    with CaptureQueriesContext(connection) as captured:
        progress = queries.progress_of([complete, lacking, late])
    assert len(captured) == 2
    assert progress[complete.pk] == Progress({"draft": 2}, 0, 0)
    assert progress[complete.pk].ready == 2
    assert progress[lacking.pk] == Progress({"draft": 3}, 3, 17)
    assert progress[late.pk] == Progress({"submitted": 2}, 0, 0)


def test_who_lacks_what(world):
    """MAT-01: the first few by name, for the card."""
    batch = world.batch(5)
    first = batch.enrollments.order_by("pk").first()
    for kind in ("portrait", "id_front", "id_back", "education", "work_years"):
        world.material(first, kind)
    with CaptureQueriesContext(connection) as captured:
        found = queries.lacks([batch], most=2)[batch.pk]
    assert len(captured) <= 4
    assert len(found) == 2
    assert found[0].enrollment == first and found[0].labels == ["报名表"]
    assert queries.lacks([world.batch(1, materials=True)]) == {}


def test_figures_of_an_organization(world):
    """QRY-04."""
    batch = world.batch(2)
    for state in (
        "returned",
        "submitted",
        "eligible",
        "ordered",
        "paid",
        "enrolled",
        "in_training",
        "withdrawn",
    ):
        world.enrollment(batch, state=state)
    world.batch(4)  # somebody else's
    with CaptureQueriesContext(connection) as captured:
        actor = world.actor(batch.organization)
        captured.captured_queries.clear()
        figures = queries.figures(actor)
    assert figures == queries.Figures(2, 1, 1, 1, 1, 1, 2, 1)
    assert figures.underway == 7

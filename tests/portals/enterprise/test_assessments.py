"""考核 of the enterprise's portal: own people only, seats, tickets, results once approved (ASM-04, ASM-05)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from foundation.audit.models import AuditEntry
from foundation.messages.models import Message
from foundation.review.models import Review
from tests.foundation.documents.reading import pdf_pages
from tests.zhupei.assessment.halls import Hall, make_hall, moment
from zhupei.exam.scores.models import ScoreLine, ScoreReport

pytestmark = pytest.mark.django_db
LIST = "/enterprise/assessments/"


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world)


@pytest.fixture
def own(world):
    return world.organization()


@pytest.fixture
def client(world, own) -> Client:
    return world.client(own)


@pytest.fixture
def plan(hall, own):
    """An approved plan with two of one's own and two others."""
    hall.people(2, organization=own)
    hall.people(2, organization=hall.world.organization())
    return hall.approve(hall.plan())


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def split(plan, own):
    rows = list(plan.candidates.select_related("enrollment"))
    mine = [row for row in rows if row.enrollment.organization_id == own.pk]
    return mine, [row for row in rows if row not in mine]


def test_only_approved_plans_with_own_people_are_listed(client, hall, own, plan):
    """ASM-05: the plan, its own people counted; the message leads there."""
    hall.people(1, organization=own)
    draft = hall.plan(starts_at=moment(20))
    text = page(client, LIST)
    assert plan.name in text and draft.name not in text
    assert 'href="/enterprise/assessments/"' in page(client, "/enterprise/")
    message = Message.objects.visible_to(hall.world.actor(own)).filter(title__contains=plan.name).get()
    assert message.url == f"{LIST}{plan.pk}/"
    assert client.get(f"{LIST}{draft.pk}/").status_code == 404


def test_the_plan_shows_own_people_with_seat_and_ticket(client, own, plan):
    """ASM-04, SEC-01: nobody of another organization, ID numbers masked."""
    mine, others = split(plan, own)
    text = page(client, f"{LIST}{plan.pk}/")
    for row in mine:
        assert row.enrollment.name in text and row.ticket_number in text
        assert row.enrollment.id_number not in text
    for row in others:
        assert row.ticket_number not in text
    assert "第 01 考场" in text and "考生须知" in text and plan.site.address in text


def test_tickets_of_all_own_people_or_of_one(client, own, plan):
    """ASM-04: one PDF, the download is recorded; somebody else's ticket is not there."""
    mine, others = split(plan, own)
    text = "".join(pdf_pages(client.get(f"{LIST}{plan.pk}/tickets.pdf").content))
    assert all(row.ticket_number in text for row in mine)
    assert not any(row.ticket_number in text for row in others)
    (one,) = pdf_pages(client.get(f"{LIST}{plan.pk}/tickets/{mine[0].pk}.pdf").content)
    assert mine[0].ticket_number in one and mine[1].ticket_number not in one
    assert client.get(f"{LIST}{plan.pk}/tickets/{others[0].pk}.pdf").status_code == 404
    counts = [row.detail["people"] for row in AuditEntry.objects.filter(act="assessment_papers.download")]
    assert sorted(counts) == [1, 2]


def test_results_are_shown_once_they_are_approved(client, own, plan):
    """SCO-01: not while the authority looks at them."""
    mine, _ = split(plan, own)
    review = Review.objects.create(
        kind="score_report",
        state="accepted",
        subject_label="成绩",
        submitter_key="x",
        reviewer_key="y",
        round=1,
    )
    report = ScoreReport.objects.create(plan=plan, review=review)
    ScoreLine.objects.create(report=report, candidate=mine[0], theory=Decimal(88), passed=True)
    url = f"{LIST}{plan.pk}/"
    assert "合格</span>" not in page(client, url)
    Review.objects.filter(pk=review.pk).update(state="approved")
    assert "合格" in page(client, url)


def test_an_organization_without_people_in_it_finds_nothing(hall, plan):
    """SEC-01."""
    stranger = hall.world.client(hall.world.organization())
    for url in (f"{LIST}{plan.pk}/", f"{LIST}{plan.pk}/tickets.pdf"):
        assert stranger.get(url).status_code == 404
    assert plan.name not in page(stranger, LIST)


def test_few_queries(client, plan, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page(client, LIST)
    with django_assert_max_num_queries(18):
        page(client, f"{LIST}{plan.pk}/")

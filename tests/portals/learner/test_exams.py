"""考试 of the learner: when, where, which seat, the ticket; earlier ones with the approved result (ASM-04, ASM-05)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.review.models import Review
from tests.foundation.documents.reading import pdf_pages
from tests.zhupei.assessment.halls import Hall, make_hall
from zhupei.accounts.models import User
from zhupei.assessment.models import AssessmentPlan, Candidate, Session
from zhupei.exam.scores.models import ScoreLine, ScoreReport

pytestmark = pytest.mark.django_db
PAGE = "/learner/exams/"


@pytest.fixture
def hall(world: Any) -> Hall:
    return make_hall(world)


@pytest.fixture
def plan(hall: Hall) -> AssessmentPlan:
    hall.people(2)
    return hall.approve(hall.plan())


@pytest.fixture
def own(plan: AssessmentPlan) -> Candidate:
    return plan.candidates.select_related("enrollment__person").order_by("pk")[0]


@pytest.fixture
def learner(hall: Hall, own: Candidate) -> Client:
    return client_of(hall, own)


def client_of(hall: Hall, candidate: Candidate) -> Client:
    person = candidate.enrollment.person
    user = User.objects.create_user(
        "learner", person.id_number, "Gongren-mima-7", name=candidate.enrollment.name
    )
    person.user = user
    person.save()
    return hall.world.client(user)


def page(client: Client, url: str = PAGE) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def test_the_coming_exam_is_a_ticket_on_the_phone(
    learner: Client, plan: AssessmentPlan, own: Candidate
) -> None:
    """ASM-05: day, time, latest arrival, room, seat, ticket number with its code; the bar leads here; the home too."""
    text = page(learner)
    start = timezone.localtime(own.exam_room.session.starts_at)
    for words in (
        f"{start:%Y-%m-%d}",
        "09:00–11:00，最迟 09:30 入场",
        own.ticket_number,
        plan.site.address,
        "准考证号二维码",
        "考生须知",
        f"/learner/exams/{own.pk}/ticket.pdf",
    ):
        assert words in text
    assert "打开考试页面" not in text and "今天考试" not in text
    home = page(learner, "/learner/")
    assert own.ticket_number in home and 'href="/learner/exams/"' in home
    assert own.ticket_number in page(learner, f"/learner/enrollments/{own.enrollment_id}/")


def test_on_the_day_the_way_to_the_exam_is_there(learner: Client, own: Candidate) -> None:
    """EXM-03: from half an hour before the session."""
    now = timezone.now()
    Session.objects.filter(pk=own.exam_room.session_id).update(
        starts_at=now + dt.timedelta(minutes=20), ends_at=now + dt.timedelta(minutes=140)
    )
    assert "打开考试页面" in page(learner) and 'href="/exam/"' in page(learner)


def test_the_ticket_is_one_page_of_ones_own(
    hall: Hall, plan: AssessmentPlan, learner: Client, own: Candidate
) -> None:
    """ASM-04, SEC-01: recorded; somebody else's is not there."""
    (text,) = pdf_pages(learner.get(f"{PAGE}{own.pk}/ticket.pdf").content)
    assert own.ticket_number in text and own.enrollment.id_number in text
    assert AuditEntry.objects.filter(act="assessment_papers.download").get().detail["people"] == 1
    other = plan.candidates.exclude(pk=own.pk).get()
    assert other.ticket_number not in page(learner)
    assert learner.get(f"{PAGE}{other.pk}/ticket.pdf").status_code == 404


def test_an_exam_that_is_over_shows_the_approved_result_only(
    learner: Client, plan: AssessmentPlan, own: Candidate
) -> None:
    """SCO-01, SCO-02: until the approval it says so; the result page is one tap away."""
    now = timezone.now()
    Session.objects.filter(plan=plan).update(
        starts_at=now - dt.timedelta(hours=3), ends_at=now - dt.timedelta(hours=1)
    )
    review = Review.objects.create(
        kind="score_report",
        state="accepted",
        subject_label="成绩",
        submitter_key="x",
        reviewer_key="y",
        round=1,
    )
    report = ScoreReport.objects.create(plan=plan, review=review)
    ScoreLine.objects.create(report=report, candidate=own, theory=77, passed=True)
    text = page(learner)
    assert "现在没有要参加的考试" in text and "成绩审核后公布" in text
    assert f"/learner/results/{own.pk}/" in text and "ticket.pdf" not in text
    assert "考试已结束，成绩经主管部门审核后公布" in page(learner, "/learner/")
    Review.objects.filter(pk=review.pk).update(state="approved")
    assert "成绩审核后公布" not in page(learner) and "合格" in page(learner)


def test_before_the_approval_there_is_nothing(hall: Hall) -> None:
    """ASM-05: people see an exam when it is approved."""
    hall.people(1)
    plan = hall.plan()
    client = client_of(hall, plan.candidates.get())
    assert "现在没有要参加的考试" in page(client) and plan.name not in page(client)


def test_few_queries(learner: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        page(learner)
    with django_assert_max_num_queries(12):
        page(learner, "/learner/")

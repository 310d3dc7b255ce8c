"""SCO-01: 成绩审核 as the authority does it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.review.models import ReviewState
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.exam.scores.models import ScoreLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any) -> FinishedExam:
    made = finished_exam(world, 4)
    made.sat(0, 88)
    made.sat(1, "59.5")
    made.voided(3, "cheating", "携带手机")
    return made


@pytest.fixture
def official(exam: FinishedExam, world: Any) -> Client:
    return world.client(exam.authority.user)


def url(name: str, *args: Any) -> str:
    return reverse(f"authority:{name}", args=args)


def test_nothing_is_seen_before_the_report(exam: FinishedExam, official: Client) -> None:
    """SEC-01: pulled scores are the institution's own."""
    report = exam.pulled()
    assert exam.plan.name not in official.get(url("scores")).content.decode()
    assert official.get(url("score", report.pk)).status_code == 404


def test_accepted_and_approved(exam: FinishedExam, official: Client) -> None:
    """SCO-01: queue with deadline, figures, marks first, 受理, 审核通过."""
    report = exam.reported()
    listed = official.get(url("scores")).content.decode()
    assert exam.plan.name in listed and "待受理" in listed
    shown = official.get(url("score", report.pk)).content.decode()
    assert shown.index("携带手机") < shown.index("59.5</td>")
    assert "与考核计划的考生一致" in shown and "与交卷时系统评定的成绩一致" in shown
    assert "verdict" not in official.post(url("score_decide", report.pk), {"verdict": "approve"}).headers
    assert exam.report.review.state == ReviewState.SUBMITTED
    done = official.post(url("score_accept", report.pk), follow=True).content.decode()
    assert "已受理" in done and "通过" in done
    answer = official.post(url("score_decide", report.pk), {"verdict": "approve", "round": "1"}, follow=True)
    assert "已审核通过" in answer.content.decode()
    assert exam.report.review.state == ReviewState.APPROVED
    assert exam.plan.candidates.filter(enrollment__state="passed").count() == 1


def test_rejected_with_reasons(exam: FinishedExam, official: Client) -> None:
    """SCO-01: a reason per item is needed."""
    report = exam.accepted()
    official.post(url("score_decide", report.pk), {"verdict": "reject", "round": "1"})
    assert exam.report.review.state == ReviewState.ACCEPTED
    reason = "marks|作弊、作废的说明不清楚"
    shown = official.get(url("score", report.pk)).content.decode()
    assert reason in shown
    official.post(url("score_decide", report.pk), {"verdict": "reject", "round": "1", "reason": reason})
    assert exam.report.review.reasons == {"marks": "作弊、作废的说明不清楚"}


def test_a_changed_score_is_noticed(exam: FinishedExam, official: Client) -> None:
    """SCO-01: a line that differs from what the platform scored stands out."""
    report = exam.accepted()
    ScoreLine.objects.filter(candidate=exam.candidates[1]).update(theory=61, passed=True)
    assert "与交卷时系统评定的成绩不一致" in official.get(url("score", report.pk)).content.decode()


def test_people_of_a_report(exam: FinishedExam, official: Client) -> None:
    """SCO-01: every line, filtered."""
    report = exam.reported()
    shown = official.get(url("score_people", report.pk), {"mark": "cheating"}).content.decode()
    assert "携带手机" in shown and "59.5" not in shown


def test_roles_and_other_cities(exam: FinishedExam, world: Any) -> None:
    """ORG-14: who accepts does not decide; another city finds nothing; the province looks on."""
    report = exam.reported()
    body = exam.plan.institution.supervisor
    acceptor = world.client(world.user(body, role="acceptor"))
    acceptor.post(url("score_accept", report.pk))
    assert exam.report.review.state == ReviewState.ACCEPTED
    acceptor.post(url("score_decide", report.pk), {"verdict": "approve", "round": "1"})
    assert exam.report.review.state == ReviewState.ACCEPTED
    assert "这里只能查看" in acceptor.get(url("score", report.pk)).content.decode()
    other = world.client(world.user(world.authority("330200", "宁波市")))
    assert other.get(url("score", report.pk)).status_code == 404
    province = world.client(world.user(world.authority("330000")))
    assert "这里只能查看" in province.get(url("score", report.pk)).content.decode()

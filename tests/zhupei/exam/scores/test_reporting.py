"""SCO-01: scores are pulled, reported, reviewed; an approval is everybody's result."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message, Sms
from foundation.review import services as reviews
from foundation.review.models import ReviewState
from foundation.workflow.models import TransitionLog
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.assessment.models import AssessmentStage
from zhupei.exam.hall.models import Attempt
from zhupei.exam.scores.models import ScoreLine, ScoreReport
from zhupei.exam.scores.services import reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any) -> FinishedExam:
    """Passed, failed, absent, cheating."""
    made = finished_exam(world, 4)
    made.sat(0, 88)
    made.sat(1, "59.5", state="auto_submitted")
    made.voided(3, "cheating", "携带手机")
    return made


def lines(exam: FinishedExam) -> list[tuple[Any, ...]]:
    rows = ScoreLine.objects.filter(report__plan=exam.plan).order_by("candidate__seat_number")
    return list(rows.values_list("theory", "mark", "passed", "remark"))


def states(exam: FinishedExam) -> list[str]:
    rows = exam.plan.candidates.order_by("seat_number")
    return list(rows.values_list("enrollment__state", flat=True))


def test_everybody_has_a_line(exam: FinishedExam) -> None:
    """SCO-01: absent, cheating and failed are marked; a voided theory paper shows no points."""
    exam.pulled()
    assert lines(exam) == [
        (Decimal("88.0"), "normal", True, ""),
        (Decimal("59.5"), "normal", False, ""),
        (None, "absent", False, "理论缺考"),
        (None, "cheating", False, "携带手机"),
    ]
    assert exam.report.review.state == ReviewState.DRAFT


def test_a_second_pull_replaces_the_first(exam: FinishedExam) -> None:
    """SCO-01: pulled again, nobody stands twice."""
    exam.pulled()
    Attempt.objects.filter(candidate=exam.candidates[0]).update(score=55)
    exam.pulled()
    assert ScoreReport.objects.count() == 1 and len(lines(exam)) == 4
    assert lines(exam)[0][:3] == (Decimal("55.0"), "normal", False)


def test_not_before_the_end(world: Any) -> None:
    """SCO-01: while the exam runs it says until when; just over, that papers are being handed in."""
    exam = finished_exam(world, 1, over=False)
    with pytest.raises(WrongStateError, match=r"考核还没有结束，.*结束后再拉取"):
        reporting.pull_scores(exam.actor, exam.plan)
    over = finished_exam(world, 1)
    over.plan.stage = AssessmentStage.RUNNING
    over.plan.save()
    with pytest.raises(WrongStateError, match="正在自动交卷"):
        reporting.pull_scores(over.actor, over.plan)


def test_only_the_holder_pulls_and_reports(exam: FinishedExam, world: Any) -> None:
    """ORG-14: neither another institution, nor examiner or finance."""
    exam.pulled()
    strangers = [world.actor(world.institution())]
    strangers += [world.actor(exam.plan.institution, role) for role in ("examiner", "finance")]
    for actor in strangers:
        for act in (
            lambda a: reporting.pull_scores(a, exam.plan),
            lambda a: reporting.report_scores(a, exam.report),
            lambda a: reporting.withdraw_scores(a, exam.report),
        ):
            with pytest.raises((NotFoundError, NotAllowedError)):
                act(actor)


def test_missing_practical_scores_are_named(world: Any) -> None:
    """EXM-08: two examiners for everybody who sat the theory; absent needs none."""
    exam = finished_exam(world, 4, practical=True)
    for number in range(3):
        exam.sat(number, 80)
    exam.examined(0, 80, 85)
    exam.examined(1, 80)
    with pytest.raises(DomainError, match="的实操还没有两位考评员评分") as refusal:
        reporting.pull_scores(exam.actor, exam.plan)
    names = [candidate.enrollment.name for candidate in exam.candidates]
    assert refusal.value.message.startswith(f"{names[1]}、{names[2]}的")
    exam.examined(1, 82)
    exam.examined(2, 0, absent=True)
    exam.pulled()
    rows = ScoreLine.objects.order_by("candidate__seat_number").values_list("practical", "mark", "remark")
    assert list(rows) == [
        (Decimal("82.5"), "normal", ""),
        (Decimal("81.0"), "normal", ""),
        (None, "absent", "实操缺考"),
        (None, "absent", "理论缺考"),
    ]


def test_examiners_who_disagree_score_again(world: Any) -> None:
    """EXM-08: more than fifteen points apart."""
    exam = finished_exam(world, 1, practical=True)
    exam.sat(0, 80)
    exam.examined(0, 60, 76)
    with pytest.raises(DomainError, match="相差超过 15 分") as refusal:
        reporting.pull_scores(exam.actor, exam.plan)
    assert exam.candidates[0].enrollment.name in refusal.value.message


def test_exactly_fifteen_points_apart_are_pulled(world: Any) -> None:
    """EXM-08, SCO-01: the mean of the two counts, and exactly the pass mark passes."""
    exam = finished_exam(world, 1, practical=True)
    exam.sat(0, 60)
    exam.examined(0, Decimal("52.5"), Decimal("67.5"))
    line = reporting.pull_scores(exam.actor, exam.plan).lines.get()
    assert (line.theory, line.practical, line.passed) == (Decimal(60), Decimal(60), True)


def test_report_withdraw_report(exam: FinishedExam) -> None:
    """SCO-01: reported it is locked; before the acceptance it can be taken back; the authority is told."""
    report = exam.reported()
    assert report.review.state == ReviewState.SUBMITTED and report.review.round == 1
    message = Message.objects.get(code="scores.reported")
    assert message.recipient_key == exam.authority.key and "共 4 人" in message.body
    assert message.url == f"/authority/scores/{report.pk}/"
    with pytest.raises(WrongStateError, match="已上报"):
        reporting.pull_scores(exam.actor, exam.plan)
    reporting.withdraw_scores(exam.actor, report)
    exam.pulled()
    report = exam.accepted()
    with pytest.raises(WrongStateError):
        reporting.withdraw_scores(exam.actor, report)


def test_nothing_is_reported_before_it_was_pulled(exam: FinishedExam) -> None:
    """SCO-01: an empty report is refused."""
    report = exam.pulled()
    report.lines.all().delete()
    with pytest.raises(WrongStateError, match="请先拉取成绩"):
        reporting.report_scores(exam.actor, report)


def test_what_changed_since_the_pull_is_pulled_again(exam: FinishedExam) -> None:
    """SCO-01: a paper voided after the pull does not go out as it was."""
    report = exam.pulled()
    Attempt.objects.filter(candidate=exam.candidates[0]).update(state="voided", void_kind="cheating")
    with pytest.raises(WrongStateError, match="拉取以后成绩有变化"):
        reporting.report_scores(exam.actor, report)
    assert exam.reported().review.state == ReviewState.SUBMITTED
    assert lines(exam)[0][1] == "cheating"


def test_rejected_and_reported_again(exam: FinishedExam) -> None:
    """SCO-01: 未通过, pulled and reported again (去上报); nobody's state has moved."""
    report = exam.accepted()
    reviews.reject(exam.authority, report.review, reasons={"marks": "作弊、作废的说明不清楚"})
    message = Message.objects.get(code="scores.decided")
    assert "未通过" in message.title and "说明不清楚" in message.body
    assert message.url == f"/institution/scores/{report.pk}/"
    assert set(states(exam)) == {"in_assessment"}
    report = exam.reported()
    assert report.review.state == ReviewState.SUBMITTED and report.review.round == 2
    reviews.accept(exam.authority, report.review)
    reviews.approve(exam.authority, report.review)
    assert states(exam) == ["passed", "failed", "missed", "failed"]


def test_approval_needs_acceptance(exam: FinishedExam) -> None:
    """SCO-01: 受理 is a step of its own."""
    with pytest.raises(NotAllowedError):
        reviews.approve(exam.authority, exam.reported().review)


def test_an_approval_is_everybodys_result(exam: FinishedExam) -> None:
    """SCO-01: states, log, candidates no longer live, people and their organization told."""
    exam.approved()
    assert states(exam) == ["passed", "failed", "missed", "failed"]
    assert not exam.plan.candidates.filter(is_live=True).exists()
    log = TransitionLog.objects.get(
        machine="enrollment", subject_id=exam.candidates[0].enrollment_id, action="record_pass"
    )
    assert exam.plan.name in log.remark
    message = Message.objects.get(code="scores.published")
    assert message.recipient_key == f"enterprise:{exam.candidates[0].enrollment.organization_id}"
    assert "4 人参加考核，1 人合格" in message.body
    texts = dict(Sms.objects.filter(code="scores.published").values_list("phone", "text"))
    assert len(texts) == 4
    assert "结果为：合格" in texts[exam.candidates[0].enrollment.phone]
    assert "结果为：缺考" in texts[exam.candidates[2].enrollment.phone]


def test_an_approval_takes_the_same_queries_for_many(world: Any) -> None:
    """SCO-01: thirty people cost as many statements as three."""
    counts = []
    for people in (3, 30):
        exam = finished_exam(world, people)
        for number in range(people - 1):
            exam.sat(number, 90 if number % 2 else 30)
        with CaptureQueriesContext(connection) as pulling:
            exam.pulled()
        review = exam.accepted().review
        with CaptureQueriesContext(connection) as approving:
            reviews.approve(exam.authority, review)
        counts.append((len(pulling), len(approving)))
    assert counts[0] == counts[1]


def test_who_sees_a_report(exam: FinishedExam, world: Any) -> None:
    """SEC-01: the authority once it was reported; another city and another institution never."""
    exam.pulled()
    seen = lambda actor: ScoreReport.objects.visible_to(actor).exists()  # noqa: E731
    assert seen(exam.actor) and not seen(exam.authority)
    reporting.report_scores(exam.actor, exam.report)
    assert seen(exam.authority)
    assert not seen(world.actor(world.authority("330200", "宁波市")))
    assert not seen(world.actor(world.institution()))

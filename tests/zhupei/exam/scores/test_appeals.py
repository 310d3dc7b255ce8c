"""SCO-02: an appeal is filed by the person, answered with the rebuilt paper; a correction reaches the result."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message, Sms
from tests.locks import at_once
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.assessment.models import Session
from zhupei.enrollment.models import Enrollment
from zhupei.exam.hall.models import Attempt
from zhupei.exam.papers.models import Paper
from zhupei.exam.papers.services import PaperMismatchError
from zhupei.exam.scores.models import AppealState, ScoreAppeal, ScoreLine
from zhupei.exam.scores.services import appeals, reporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any) -> FinishedExam:
    made = finished_exam(world, 3)
    made.sat(0, 88)
    made.sat(1, "59.5")
    return made


def appeal_of(exam: FinishedExam, number: int = 1) -> ScoreAppeal:
    return appeals.file_appeal(exam.learner(number), exam.candidates[number], "第 3 题判分有误")


def state(exam: FinishedExam, number: int = 1) -> str:
    return Enrollment.objects.get(pk=exam.candidates[number].enrollment_id).state


def line(exam: FinishedExam, number: int = 1) -> tuple[Any, ...]:
    return ScoreLine.objects.values_list("theory", "passed", "remark").get(candidate=exam.candidates[number])


def test_filed_and_upheld(exam: FinishedExam) -> None:
    """SCO-02: the institution is told, the person gets the reply in the portal and by SMS."""
    appeal = appeal_of(exam)
    assert appeal.score_before == Decimal("59.5")
    assert Message.objects.get(code="appeals.filed").recipient_key == exam.plan.institution.key
    appeals.uphold(exam.actor, appeal, "经复核，判分无误。")
    entry = AuditEntry.objects.get(act="appeal.uphold")
    assert (entry.user, entry.detail["score"]) == (exam.actor.user, "59.5")
    appeal.refresh_from_db()
    assert (appeal.state, appeal.reply, appeal.decided_by) == (
        AppealState.UPHELD,
        "经复核，判分无误。",
        exam.actor.user,
    )
    message = Message.objects.get(code="appeals.decided")
    assert message.recipient_key == f"user:{exam.learner(1).user.pk}" and "判分无误" in message.body
    assert message.url == f"/learner/results/{exam.candidates[1].pk}/"
    assert Sms.objects.get(code="appeals.decided").phone == exam.candidates[1].enrollment.phone
    assert Attempt.objects.get(candidate=exam.candidates[1]).score == Decimal("59.5")
    with pytest.raises(WrongStateError, match="只能申诉一次"):
        appeal_of(exam)


def test_only_ones_own_submitted_score_in_time(exam: FinishedExam) -> None:
    """SCO-02: nobody else's, none without a score, not after a week, one at a time; a reason is needed."""
    with pytest.raises(NotAllowedError):
        appeals.file_appeal(exam.learner(0), exam.candidates[1], "判分有误")
    with pytest.raises(NotAllowedError):
        appeals.file_appeal(exam.actor, exam.candidates[1], "判分有误")
    with pytest.raises(WrongStateError, match="交卷后有理论成绩"):
        appeal_of(exam, 2)
    with pytest.raises(DomainError, match="请写明申诉理由"):
        appeals.file_appeal(exam.learner(1), exam.candidates[1], "  ")
    appeal = appeal_of(exam)
    with pytest.raises(WrongStateError, match="正在复核"):
        appeal_of(exam)
    appeals.withdraw_appeal(exam.learner(1), appeal)
    session = Session.objects.get(plan=exam.plan)
    last = timezone.now() - dt.timedelta(days=7, minutes=1)
    Session.objects.filter(pk=session.pk).update(starts_at=last - dt.timedelta(hours=2), ends_at=last)
    with pytest.raises(WrongStateError, match="申诉时间已过"):
        appeal_of(exam)


def test_the_last_moment_of_an_appeal(exam: FinishedExam, monkeypatch: pytest.MonkeyPatch) -> None:
    """SCO-02: seven days after the last session's end, that moment included."""
    until = appeals.appeal_until(exam.plan)
    assert until == Session.objects.get(plan=exam.plan).ends_at + dt.timedelta(days=appeals.APPEAL_DAYS)
    for moment, sentence in ((until, ""), (until + dt.timedelta(microseconds=1), "申诉时间已过")):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        why = appeals.why_not(exam.candidates[1])
        assert why.startswith(sentence) and bool(why) == bool(sentence)


@pytest.mark.django_db(transaction=True)
def test_filed_twice_at_once_and_answered_twice_at_once(exam: FinishedExam) -> None:
    """SCO-02: of two clicks, and of two who answer, the second is told what happened."""
    person, clerk = exam.learner(1), exam.actor
    filed = at_once(
        *(lambda: appeals.file_appeal(person, exam.candidates[1], "判分有误").pk for _ in range(2))
    )
    assert filed.count("wrong_state") == 1
    appeal = ScoreAppeal.objects.get()
    results = at_once(
        lambda: appeals.uphold(clerk, ScoreAppeal.objects.get(), "判分无误。"),
        lambda: appeals.correct(clerk, ScoreAppeal.objects.get(), Decimal(61), "漏判一题。"),
    )
    assert results.count("wrong_state") == 1
    appeal.refresh_from_db()
    score = Attempt.objects.get(candidate=exam.candidates[1]).score
    assert (appeal.state, score) in {
        (AppealState.UPHELD, Decimal("59.5")),
        (AppealState.CORRECTED, Decimal(61)),
    }
    assert AuditEntry.objects.filter(act__in=["appeal.uphold", "appeal.correct"]).count() == 1


def test_withdrawn_appeals_can_be_filed_again(exam: FinishedExam) -> None:
    """SCO-02: a withdrawn one was not answered; nobody else withdraws it."""
    appeal = appeal_of(exam)
    with pytest.raises(NotFoundError):
        appeals.withdraw_appeal(exam.learner(0), appeal)
    appeals.withdraw_appeal(exam.learner(1), appeal)
    with pytest.raises(WrongStateError):
        appeals.uphold(exam.actor, appeal, "无误")
    appeal_of(exam)


def test_open_appeals_hold_the_report_back(exam: FinishedExam) -> None:
    """SCO-02: answered first, then reported; a corrected score is in the report."""
    exam.pulled()
    appeal = appeal_of(exam)
    with pytest.raises(DomainError, match="还有成绩申诉没有答复"):
        reporting.report_scores(exam.actor, exam.report)
    appeals.correct(exam.actor, appeal, Decimal("60.5"), "第 3 题更正")
    assert line(exam) == (Decimal("60.5"), True, "成绩申诉后更正")
    assert state(exam) == "in_assessment"
    exam.pulled()
    assert line(exam)[:2] == (Decimal("60.5"), True)
    reporting.report_scores(exam.actor, exam.report)


def test_an_approved_result_is_corrected(exam: FinishedExam) -> None:
    """SCO-02: 不合格 becomes 合格; authority and organization are told; the audit log has both scores."""
    exam.approved()
    assert state(exam) == "failed"
    appeals.correct(exam.actor, appeal_of(exam), Decimal(61), "第 3 题更正")
    assert state(exam) == "passed" and line(exam)[:2] == (Decimal("61.0"), True)
    assert Attempt.objects.get(candidate=exam.candidates[1]).score == Decimal("61.0")
    told = set(Message.objects.filter(code="scores.corrected").values_list("recipient_key", flat=True))
    assert told == {
        exam.authority.key,
        f"enterprise:{exam.candidates[1].enrollment.organization_id}",
    }
    entry = AuditEntry.objects.get(act="appeal.correct")
    assert entry.detail == {"before": "59.5", "after": "61.0"}
    appeals.correct(exam.actor, appeal_of(exam, 0), Decimal(50), "重复计分")
    assert state(exam, 0) == "failed"


def test_no_correction_under_the_authoritys_eyes(exam: FinishedExam) -> None:
    """SCO-02: while the report is with the authority its scores stand still; upholding is possible."""
    exam.accepted()
    appeal = appeal_of(exam)
    with pytest.raises(WrongStateError, match="正在主管部门审核"):
        appeals.correct(exam.actor, appeal, Decimal(61), "更正")
    assert Attempt.objects.get(candidate=exam.candidates[1]).score == Decimal("59.5")
    assert ScoreAppeal.objects.get().state == AppealState.SUBMITTED
    appeals.uphold(exam.actor, appeal, "无误")


def test_no_correction_of_somebody_who_is_in_a_resit(exam: FinishedExam) -> None:
    """SCO-02: a later exam is under way; all stays as it was."""
    exam.approved()
    appeal = appeal_of(exam)
    Enrollment.objects.filter(pk=exam.candidates[1].enrollment_id).update(state="in_assessment")
    with pytest.raises(WrongStateError, match="不能再更正"):
        appeals.correct(exam.actor, appeal, Decimal(61), "更正")
    assert ScoreAppeal.objects.get().state == AppealState.SUBMITTED


@pytest.mark.parametrize("score", ["-1", "100.1", "NaN", "59.5"])
def test_impossible_scores(exam: FinishedExam, score: str) -> None:
    """SCO-02: within the full mark and different."""
    with pytest.raises(DomainError):
        appeals.correct(exam.actor, appeal_of(exam), Decimal(score), "更正")


def test_who_decides(exam: FinishedExam, world: Any) -> None:
    """ORG-14: the holder's clerks; neither examiners, nor another institution, nor the person."""
    appeal = appeal_of(exam)
    people = [world.actor(exam.plan.institution, role) for role in ("examiner", "finance")]
    for actor in [*people, world.actor(world.institution()), exam.learner(1), exam.authority]:
        with pytest.raises((NotFoundError, NotAllowedError)):
            appeals.uphold(actor, appeal, "无误")
        with pytest.raises((NotFoundError, NotAllowedError)):
            appeals.correct(actor, appeal, Decimal(61), "更正")
        with pytest.raises((NotFoundError, NotAllowedError)):
            appeals.open_paper(actor, appeal)
    with pytest.raises(WrongStateError, match="原因"):
        appeals.uphold(exam.actor, appeal, " ")


def test_the_paper_is_rebuilt_and_its_opening_logged(world: Any) -> None:
    """SCO-02, EXM-02: what was shown, chosen, right, earned; a tampered record is noticed."""
    exam = finished_exam(world, 1)
    attempt = exam.answered(0, right=3)
    appeal = appeal_of(exam, 0)
    lines = appeals.open_paper(exam.actor, appeal)
    assert sum(row.earned for row in lines) == attempt.score
    assert [row.is_right for row in lines[:4]] == [True, True, True, False]
    assert lines[0].chosen == lines[0].answer and lines[3].chosen != lines[3].answer
    assert [option["key"] for option in lines[0].options if option["chosen"]] == list(lines[0].chosen)
    assert AuditEntry.objects.filter(act="appeal.open_paper").count() == 1
    Paper.objects.update(digest="0" * 64)
    with pytest.raises(PaperMismatchError):
        appeals.open_paper(exam.actor, appeal)
    appeals.withdraw_appeal(exam.learner(0), appeal)
    with pytest.raises(WrongStateError):
        appeals.open_paper(exam.actor, appeal)

"""SCO-02: an appeal from the learner's phone to the institution's answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.audit.models import AuditEntry
from tests.portals.pressing import refused
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.exam.hall.models import Attempt
from zhupei.exam.scores.models import AppealState, ScoreAppeal
from zhupei.exam.scores.services import appeals

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any) -> FinishedExam:
    made = finished_exam(world, 2)
    made.answered(0, right=12)
    return made


@pytest.fixture
def case(exam: FinishedExam) -> ScoreAppeal:
    return appeals.file_appeal(exam.learner(0), exam.candidates[0], "第 13 题我认为选对了")


def url(appeal: ScoreAppeal) -> str:
    return reverse("institution:appeal", args=[appeal.pk])


def test_the_list_and_the_paper(exam: FinishedExam, case: ScoreAppeal, world: Any) -> None:
    """SCO-02: listed with what waits; the case shows reason, questions, choices and key; the look is logged."""
    client = world.client(exam.actor.user)
    listed = client.get(reverse("institution:appeals")).content.decode()
    assert exam.candidates[0].enrollment.name in listed and "待复核" in listed
    shown = client.get(url(case)).content.decode()
    assert "第 13 题我认为选对了" in shown and "正确答案" in shown and "考生选择" in shown
    key = exam.candidates[0].paper.key
    assert shown.count('class="paper-question is-right"') == 12
    assert shown.count('class="paper-question"') == len(key) - 12
    assert AuditEntry.objects.filter(act="appeal.open_paper").count() == 1


def test_upheld(exam: FinishedExam, case: ScoreAppeal, world: Any) -> None:
    """SCO-02: a reply is needed; answered once."""
    client = world.client(exam.actor.user)
    answer = client.post(url(case), {"result": "uphold", "reply": ""})
    assert "请填写答复" in answer.content.decode()
    done = client.post(url(case), {"result": "uphold", "reply": "复核无误"}, follow=True).content.decode()
    assert "已答复" in done and "复核无误" in done and "提交答复" not in done
    again = client.post(url(case), {"result": "correct", "score": "99", "reply": "x"}, follow=True)
    assert "不能再答复" in again.content.decode()
    case.refresh_from_db()
    assert case.state == AppealState.UPHELD


def test_corrected(exam: FinishedExam, case: ScoreAppeal, world: Any) -> None:
    """SCO-02: the new score is asked for, checked, kept."""
    client = world.client(exam.actor.user)
    for values, word in (
        ({"score": ""}, "请填写复核成绩"),
        ({"score": "101"}, "0 至 100 分"),
        ({"score": "60.55"}, "最多一位小数"),
    ):
        answer = client.post(url(case), {"result": "correct", "reply": "更正", **values})
        assert word in answer.content.decode()
    client.post(url(case), {"result": "correct", "score": "77.5", "reply": "第 13 题更正"})
    assert Attempt.objects.get().score == Decimal("77.5")


def test_only_those_who_decide_see_the_paper(exam: FinishedExam, case: ScoreAppeal, world: Any) -> None:
    """SEC-01, EXM-07: examiners and finance see the case without paper; strangers nothing."""
    for role in ("examiner", "finance"):
        client = world.client(world.user(exam.plan.institution, role=role))
        shown = client.get(url(case)).content.decode()
        assert "paper-question" not in shown and "只对办理成绩申诉的经办人员开放" in shown
        assert "提交答复" not in shown
    assert world.client(world.user(world.institution())).get(url(case)).status_code == 404
    assert not AuditEntry.objects.filter(act="appeal.open_paper").exists()


def test_a_withdrawn_case_shows_no_paper(exam: FinishedExam, case: ScoreAppeal, world: Any) -> None:
    """SCO-02: the paper is opened for an open or an answered appeal only."""
    appeals.withdraw_appeal(exam.learner(0), case)
    shown = world.client(exam.actor.user).get(url(case)).content.decode()
    assert "申诉已撤回，不能再查看试卷" in shown and "paper-question" not in shown


def test_on_the_phone(exam: FinishedExam, world: Any) -> None:
    """SCO-02: the learner sees the score, files, withdraws, files again; nobody else's."""
    actor = exam.learner(0)
    client = Client()
    client.force_login(actor.user, backend="zhupei.accounts.backends.PortalBackend")
    own, other = (reverse("learner:result", args=[row.pk]) for row in exam.candidates)
    shown = client.get(own).content.decode()
    assert "主管部门审核后公布" in shown and "提交申诉" in shown
    assert (
        own
        in client.get(reverse("learner:enrollment", args=[exam.candidates[0].enrollment_id])).content.decode()
    )
    assert client.get(other).status_code == 404
    assert client.post(f"{other}appeal/", {"reason": "x"}).status_code == 404
    empty = client.post(f"{own}appeal/", {"reason": " "}, follow=True).content.decode()
    assert "请写明申诉理由" in empty
    long = refused(client, own, f"{own}appeal/", {"reason": "字" * 501})
    assert "500 字以内" in long and "字" * 501 in long
    filed = client.post(f"{own}appeal/", {"reason": "第 13 题"}, follow=True).content.decode()
    assert "申诉已提交" in filed and "撤回申诉" in filed and "提交申诉" not in filed
    assert "申诉已撤回" in client.post(f"{own}appeal/withdraw/", follow=True).content.decode()
    assert "字" * 501 not in client.get(own).content.decode()
    client.post(f"{own}appeal/", {"reason": "第 13 题"})
    appeals.uphold(exam.actor, ScoreAppeal.objects.get(state="submitted"), "复核无误")
    assert "复核无误" in client.get(own).content.decode()


def test_the_result_is_shown_once_approved(exam: FinishedExam) -> None:
    """SCO-01: not before the authority has approved it."""
    actor = exam.learner(0)
    client = Client()
    client.force_login(actor.user, backend="zhupei.accounts.backends.PortalBackend")
    own = reverse("learner:result", args=[exam.candidates[0].pk])
    exam.accepted()
    assert "不合格" not in client.get(own).content.decode()
    from foundation.review import services as reviews

    reviews.approve(exam.authority, exam.report.review)
    assert "不合格" in client.get(own).content.decode()

"""EXM-09: question figures and alike answers on the pages of institution and authority."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.audit.models import AuditEntry
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from tests.zhupei.exam.scores.test_analysis import copy_mistakes
from zhupei.exam.bank.models import QuestionVersion
from zhupei.exam.scores import similarity
from zhupei.exam.scores.models import ScoreReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any, monkeypatch: pytest.MonkeyPatch) -> FinishedExam:
    """Somebody copied from the neighbor."""
    monkeypatch.setattr(similarity, "LEAST_COMMON", 5)
    made = finished_exam(world, 4)
    made.answered(0, right=20)
    copy_mistakes(made, 1, of=0)
    made.answered(2, right=85)
    return made


@pytest.fixture
def report(exam: FinishedExam) -> ScoreReport:
    return exam.reported()


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("portal", ["institution", "authority"])
def test_pages(exam: FinishedExam, report: ScoreReport, world: Any, portal: str) -> None:
    """EXM-09: figures without stems and keys; rooms with pairs; two people side by side; looks are logged."""
    client = world.client((exam.actor if portal == "institution" else exam.authority).user)
    shown = page(client, f"{portal}:score_questions", report.pk)
    assert "需要留意的试题" in shown and "样本少" in shown
    # Four people prove nothing: the page must not say that the questions are good.
    assert "作答的人太少，还不能判断" in shown and "正常范围" not in shown
    every = client.get(reverse(f"{portal}:score_questions", args=[report.pk]), {"all": "1"}).content.decode()
    version = exam.candidates[0].paper.key[0]["version"]
    question = QuestionVersion.objects.get(pk=version)
    assert question.question.code in every and question.content["stem"] not in every
    rooms = page(client, f"{portal}:score_likeness", report.pk)
    one, other = exam.candidates[0].pk, exam.candidates[1].pk
    pair = reverse(f"{portal}:score_pair", args=[report.pk, *sorted([one, other], key=str)])
    assert pair in rooms and "座位相邻" in rooms and "比较 3 人" in rooms
    assert "错得一样" in page(client, f"{portal}:score_pair", report.pk, one, other)
    assert AuditEntry.objects.filter(act="score_report.likeness").exists()
    assert AuditEntry.objects.filter(act="score_report.pair").exists()
    for strange in ((one, one), (one, exam.candidates[3].pk), (one, 10**9)):
        address = reverse(f"{portal}:score_pair", args=[report.pk, *strange])
        assert client.get(address).status_code == 404


def test_the_bank_keeper_gets_to_the_question(exam: FinishedExam, report: ScoreReport, world: Any) -> None:
    """EXM-07: from a code to stem and key, for the province's keeper of the bank alone."""
    question = QuestionVersion.objects.get(pk=exam.candidates[0].paper.key[0]["version"]).question_id
    link = reverse("authority:bank_question", args=[question])
    address = reverse("authority:score_questions", args=[report.pk])
    keeper = world.client(world.user(world.authority("330000")))
    assert link in keeper.get(address, {"all": "1"}).content.decode()
    assert link not in world.client(exam.authority.user).get(address, {"all": "1"}).content.decode()


def test_strangers_and_roles(exam: FinishedExam, report: ScoreReport, world: Any) -> None:
    """SEC-01, ORG-14: another institution and another city find nothing; examiners and finance have no tab."""
    others = {
        "institution": world.client(world.user(world.institution())),
        "authority": world.client(world.user(world.authority("330200", "宁波市"))),
    }
    people = [candidate.pk for candidate in exam.candidates[:2]]
    for portal, client in others.items():
        for name in ("questions", "likeness"):
            assert client.get(reverse(f"{portal}:score_{name}", args=[report.pk])).status_code == 404
        assert client.get(reverse(f"{portal}:score_pair", args=[report.pk, *people])).status_code == 404
    examiner = world.client(world.user(exam.plan.institution, role="examiner"))
    address = reverse("institution:score_likeness", args=[report.pk])
    assert address not in page(examiner, "institution:score", report.pk)
    assert examiner.get(address).status_code == 409

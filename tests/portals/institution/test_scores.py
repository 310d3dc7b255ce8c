"""SCO-01: 成绩报审 as the institution's clerk does it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from foundation.audit.models import AuditEntry
from foundation.review import services as reviews
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from zhupei.exam.scores.models import ScoreReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def exam(world: Any) -> FinishedExam:
    made = finished_exam(world, 4)
    made.sat(0, 88)
    made.sat(1, "59.5")
    made.voided(3, "cheating", "携带手机")
    return made


@pytest.fixture
def clerk(exam: FinishedExam, world: Any) -> Client:
    return world.client(exam.actor.user)


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"institution:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def act(client: Client, name: str, *args: Any) -> str:
    origin = {"referer": f"http://testserver{reverse('institution:scores')}"}  # a refusal leads back there
    answer = client.post(reverse(f"institution:{name}", args=args), follow=True, headers=origin)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_the_end_of_the_exam_to_the_report(exam: FinishedExam, clerk: Client) -> None:
    """SCO-01: listed with what waits, pulled, shown per person, reported, taken back."""
    listed = page(clerk, "scores")
    assert exam.plan.name in listed and "未上报" in listed and "未拉取" in listed
    assert "考试已结束，可以拉取成绩" in page(clerk, "score_plan", exam.plan.pk)
    done = act(clerk, "score_pull", exam.plan.pk)
    assert "已拉取 4 人的成绩，合格 1 人" in done
    for word in ("59.5", "携带手机", "理论缺考", "作弊", exam.candidates[0].ticket_number):
        assert str(word) in done
    assert "上报 4 人的成绩（合格 1 人）" in done and "实操成绩" not in done
    report = ScoreReport.objects.get()
    assert clerk.get(reverse("institution:score_plan", args=[exam.plan.pk])).status_code == 302
    done = act(clerk, "score_report", report.pk)
    assert "成绩已上报" in done and "重新拉取成绩" not in done and "待受理" in done
    assert "成绩已撤回" in act(clerk, "score_withdraw", report.pk)
    assert "已撤回" in page(clerk, "score_record", report.pk)


def test_filters_by_mark_and_result(exam: FinishedExam, clerk: Client) -> None:
    """SCO-01: who is absent, who did not pass."""
    report = exam.pulled()
    names = [candidate.enrollment.name for candidate in exam.candidates]
    tickets = [str(candidate.ticket_number) for candidate in exam.candidates]
    absent = page(clerk, "score", report.pk, mark="absent")
    assert tickets[2] in absent and tickets[0] not in absent
    failed = page(clerk, "score", report.pk, passed="False")
    assert tickets[1] in failed and tickets[0] not in failed
    assert tickets[0] in page(clerk, "score", report.pk, q=names[0])


def test_the_export_has_everybody_and_is_logged(exam: FinishedExam, clerk: Client) -> None:
    """SCO-01: 导出 with full ID numbers; in the audit log."""
    report = exam.pulled()
    answer = clerk.get(reverse("institution:score", args=[report.pk]), {"format": "xlsx"})
    rows = list(load_workbook(io.BytesIO(answer.getvalue())).active.values)
    assert len(rows) == 5 and "实操成绩" not in rows[0]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert first["身份证号"] == exam.candidates[0].enrollment.id_number
    assert (float(first["理论成绩"]), first["结果"]) == (88.0, "合格")
    assert AuditEntry.objects.filter(act="list.export").exists()


def test_not_passed_comes_back_with_the_reasons(exam: FinishedExam, clerk: Client) -> None:
    """SCO-01: 未通过, 去上报; the record names the reason."""
    report = exam.accepted()
    reviews.reject(exam.authority, report.review, reasons={"marks": "作弊的说明不清楚"})
    shown = page(clerk, "score", report.pk)
    assert "审核未通过" in shown and "作弊的说明不清楚" in shown and "去上报" in shown
    assert "未通过" in page(clerk, "scores")
    assert "作弊的说明不清楚" in page(clerk, "score_record", report.pk)


def test_before_the_end_there_is_nothing_to_pull(world: Any) -> None:
    """SCO-01: it says when the exam ends; a pull is refused with a sentence."""
    exam = finished_exam(world, 1, over=False)
    client = world.client(exam.actor.user)
    shown = page(client, "score_plan", exam.plan.pk)
    assert "考试还没有结束" in shown and reverse("institution:score_pull", args=[exam.plan.pk]) not in shown
    assert "考核还没有结束" in act(client, "score_pull", exam.plan.pk)


def test_who_only_looks(exam: FinishedExam, world: Any) -> None:
    """ORG-14: finance and examiners see scores and have no buttons; strangers find nothing."""
    report = exam.pulled()
    client = world.client(world.user(exam.plan.institution, role="finance"))
    shown = page(client, "score", report.pk)
    target = reverse("institution:score_report", args=[report.pk])
    assert target not in shown and client.post(target).status_code == 409
    stranger = world.client(world.user(world.institution()))
    for name in ("score", "score_record"):
        assert stranger.get(reverse(f"institution:{name}", args=[report.pk])).status_code == 404
    assert stranger.post(reverse("institution:score_pull", args=[exam.plan.pk])).status_code == 404

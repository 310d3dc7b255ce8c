"""The sub-navigation of a training plan, an assessment plan, a plan's scores; another page of one is one line here."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from foundation.scoping import Actor
from foundation.ui.parts import Tab
from zhupei.assessment.models import AssessmentPlan
from zhupei.exam.scores.models import ScoreReport
from zhupei.organizations.roles import Capability, may
from zhupei.training.models import PlanStage, TrainingPlan

# (label, URL name, whether the page is there only later: once a plan was approved; for those who answer for scores)
_PLAN = [
    ("计划信息", "institution:plan", False),
    ("学员", "institution:plan_people", True),
    ("考勤", "institution:plan_attendance", True),
]
_ASSESSMENT = [
    ("概况", "institution:assessment", False),
    ("考生", "institution:assessment_people", False),
    ("考场安排", "institution:assessment_rooms", False),
    ("考务资料", "institution:assessment_printouts", True),
    ("审核记录", "institution:assessment_record", False),
]
_SCORES = [
    ("成绩", "institution:score", False),
    ("试题分析", "institution:score_questions", True),
    ("雷同分析", "institution:score_likeness", True),
    ("审核记录", "institution:score_record", False),
]


def _tabs(pages: Iterable[tuple[str, str, bool]], pk: int, active: str, everything: bool) -> list[Tab]:
    """Tabs for `<c-tabs :tabs="tabs" />`; `active` is the URL name of the present page."""
    return [
        Tab(label, reverse(name, args=[pk]), active=name == active)
        for label, name, restricted in pages
        if everything or not restricted
    ]


def plan_tabs(plan: TrainingPlan, active: str) -> list[Tab]:
    """Its data, its people, their attendance."""
    return _tabs(_PLAN, plan.pk, active, plan.stage != PlanStage.PENDING)


def assessment_tabs(plan: AssessmentPlan, active: str) -> list[Tab]:
    """Its data, who sits it where, what is printed for it."""
    return _tabs(_ASSESSMENT, plan.pk, active, plan.stage not in {"not_reported", "not_reviewed"})


def score_tabs(actor: Actor, report: ScoreReport, active: str) -> list[Tab]:
    """The scores, how the questions fared, who answered alike."""
    return _tabs(_SCORES, report.pk, active, may(actor, Capability.ASSESS))

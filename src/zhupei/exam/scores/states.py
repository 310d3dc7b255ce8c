"""成绩报审 as one state that people see, for plans with and without a report (SCO-01)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Count, F, Max, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.exam.scores.models import AppealState, ScoreAppeal, ScoreReport
from zhupei.organizations.roles import Capability, may

WITH_EXAM = (AssessmentStage.RUNNING, AssessmentStage.COMPLETED)


class ScoreState(models.TextChoices):
    """The review's states in the words of the score report."""

    DRAFT = "draft", "未上报"
    SUBMITTED = "submitted", "待受理"
    ACCEPTED = "accepted", "已受理"
    APPROVED = "approved", "已审核"
    REJECTED = "rejected", "未通过"


def state_of(report: ScoreReport | None) -> ScoreState:
    """The state of one report; a plan whose scores nobody has pulled is 未上报."""
    return ScoreState(report.review.state) if report is not None else ScoreState.DRAFT


def with_score_state(plans: QuerySet[Any]) -> QuerySet[Any]:
    """Plans with `score_state`, one of ScoreState."""
    return plans.annotate(
        score_state=Coalesce(F("score_report__review__state"), Value(str(ScoreState.DRAFT)))
    )


def score_plans(actor: Actor) -> QuerySet[Any]:
    """Plans whose exam has begun, with state, report, people, passed and the end of the last session."""
    rows = AssessmentPlan.objects.visible_to(actor).filter(stage__in=WITH_EXAM)
    return with_score_state(rows).annotate(
        report_pk=F("score_report__pk"),
        pulled_at=F("score_report__pulled_at"),
        reported_at=F("score_report__review__submitted_at"),
        people=_count("candidates"),
        passed=_count("candidates", Q(candidates__score_line__passed=True)),
        over_at=_last_end(),
    )


def _count(path: str, only: Q | None = None) -> models.Subquery:
    rows = AssessmentPlan.objects.filter(pk=models.OuterRef("pk")).order_by()
    counted = rows.annotate(n=Count(path, filter=only)).values("n")
    return models.Subquery(counted, output_field=models.IntegerField())


def _last_end() -> models.Subquery:
    rows = AssessmentPlan.objects.filter(pk=models.OuterRef("pk")).order_by()
    return models.Subquery(rows.annotate(over=Max("sessions__ends_at")).values("over"))


def to_do(actor: Actor) -> models.QuerySet[AssessmentPlan]:
    """Plans whose scores wait for the institution itself: to be pulled, reported or corrected."""
    if not may(actor, Capability.ASSESS):
        return AssessmentPlan.objects.none()
    rows = AssessmentPlan.objects.visible_to(actor).filter(stage=AssessmentStage.COMPLETED)
    waiting = [ScoreState.DRAFT, ScoreState.REJECTED]
    return with_score_state(rows).filter(score_state__in=waiting)


def open_appeals(actor: Actor) -> QuerySet[Any]:
    """Appeals that wait for the institution's answer; none for other roles."""
    if not may(actor, Capability.ASSESS):
        return ScoreAppeal.objects.none()
    return ScoreAppeal.objects.visible_to(actor).filter(state=AppealState.SUBMITTED)

"""The sub-navigation of one plan: its data, its people, their attendance."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from foundation.ui.parts import Tab
from zhupei.training.models import PlanStage, TrainingPlan


@dataclass(frozen=True)
class PlanTab:
    """One page of a plan; `published` ones appear once the plan was approved."""

    label: str
    url_name: str
    published: bool = True


PLAN_TABS = [
    PlanTab("计划信息", "institution:plan", published=False),
    PlanTab("学员", "institution:plan_people"),
    PlanTab("考勤", "institution:plan_attendance"),
]


def plan_tabs(plan: TrainingPlan, active: str) -> list[Tab]:
    """Tabs for `<c-tabs :tabs="tabs" />`; `active` is the URL name of the present page."""
    return [
        Tab(tab.label, reverse(tab.url_name, args=[plan.pk]), active=tab.url_name == active)
        for tab in PLAN_TABS
        if not tab.published or plan.stage != PlanStage.PENDING
    ]

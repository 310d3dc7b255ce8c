"""The sub-navigation of one plan: 计划信息 and what other menu modules add to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

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
    tabs = []
    for tab in PLAN_TABS:
        if tab.published and plan.stage == PlanStage.PENDING:
            continue
        try:
            url = reverse(tab.url_name, args=[plan.pk])
        except NoReverseMatch:  # that menu module is not installed
            continue
        tabs.append(Tab(tab.label, url, active=tab.url_name == active))
    return tabs

"""The sub-navigation of one assessment plan; another page of it is one line here."""

from __future__ import annotations

from django.urls import reverse

from foundation.ui.parts import Tab
from zhupei.assessment.models import AssessmentPlan
from zhupei.portals.institution.plan_tabs import PlanTab

# `published` ones appear once the plan was approved.
ASSESSMENT_TABS = [
    PlanTab("概况", "institution:assessment", published=False),
    PlanTab("考生", "institution:assessment_people", published=False),
    PlanTab("考场安排", "institution:assessment_rooms", published=False),
    PlanTab("考务资料", "institution:assessment_printouts", published=True),
    PlanTab("审核记录", "institution:assessment_record", published=False),
]
_BEFORE_APPROVAL = {"not_reported", "not_reviewed"}


def assessment_tabs(plan: AssessmentPlan, active: str) -> list[Tab]:
    """Tabs for `<c-tabs :tabs="tabs" />`; `active` is the URL name of the present page."""
    return [
        Tab(tab.label, reverse(tab.url_name, args=[plan.pk]), active=tab.url_name == active)
        for tab in ASSESSMENT_TABS
        if not tab.published or plan.stage not in _BEFORE_APPROVAL
    ]

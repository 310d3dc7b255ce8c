"""The sub-navigation of one plan's scores; another page of it is one line here."""

from __future__ import annotations

from django.urls import reverse

from foundation.scoping import Actor
from foundation.ui.parts import Tab
from zhupei.exam.scores.models import ScoreReport
from zhupei.organizations.roles import Capability, may

SCORE_TABS = [
    ("成绩", "institution:score"),
    ("试题分析", "institution:score_questions"),
    ("雷同分析", "institution:score_likeness"),
    ("审核记录", "institution:score_record"),
]
# For those who answer for the scores.
_NEED_ASSESS = {"institution:score_questions", "institution:score_likeness"}


def score_tabs(actor: Actor, report: ScoreReport, active: str) -> list[Tab]:
    """Tabs for `<c-tabs :tabs="tabs" />`; `active` is the URL name of the present page."""
    may_assess = may(actor, Capability.ASSESS)
    return [
        Tab(label, reverse(name, args=[report.pk]), active=name == active)
        for label, name in SCORE_TABS
        if may_assess or name not in _NEED_ASSESS
    ]

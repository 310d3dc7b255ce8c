"""The sub-navigation of one plan's scores; another page of it is one line here."""

from __future__ import annotations

from django.urls import reverse

from foundation.ui.parts import Tab
from zhupei.exam.models import ScoreReport

SCORE_TABS = [
    ("成绩", "institution:score"),
    ("审核记录", "institution:score_record"),
]


def score_tabs(report: ScoreReport, active: str) -> list[Tab]:
    """Tabs for `<c-tabs :tabs="tabs" />`; `active` is the URL name of the present page."""
    return [Tab(label, reverse(name, args=[report.pk]), active=name == active) for label, name in SCORE_TABS]

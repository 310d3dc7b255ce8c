"""首页: what waits with its deadlines, and the figures of the region (QRY-04)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.counting import count_together
from foundation.requests import PortalRequest
from foundation.review.deadlines import light_of
from foundation.review.models import WAITING, Queue, ReviewedQuerySet, ReviewState
from foundation.scoping import Actor
from zhupei.assessment.models import AssessmentPlan
from zhupei.exam.scores.models import ScoreReport
from zhupei.organizations import queries
from zhupei.organizations.models import BodyBar, Institution
from zhupei.people.models import PersonBar
from zhupei.portals.shared.access import portal_required
from zhupei.training.models import TrainingPlan

SHOWN = 8
_GROUPS = [
    ("待审核", WAITING, "#e8710a"),
    ("审核不通过", (ReviewState.REJECTED,), "#c5283d"),
    ("未上报", (ReviewState.DRAFT,), "#9aa5b1"),
    ("已审核", (ReviewState.APPROVED,), "#2f9e6e"),
]


@dataclass(frozen=True)
class QueueCard:
    """One queue on the home page."""

    title: str
    url: str
    queue: Queue
    rows: list[dict[str, Any]]
    heads: tuple[str, str] = ("单位", "地区")

    @property
    def tone(self) -> str:
        return "wait" if self.queue.waiting else ""

    @property
    def badge(self) -> tuple[str, str]:
        """The worst light of the queue."""
        if self.queue.overdue:
            return "bad", f"超期 {self.queue.overdue}"
        if self.queue.due_soon:
            return "wait", f"今天到期 {self.queue.due_soon}"
        return ("ok", "均在期限内") if self.queue.waiting else ("mute", "没有待办")


def _plans(actor: Actor) -> ReviewedQuerySet[Any]:
    return TrainingPlan.objects.visible_to(actor).select_related("review", "institution")


def _assessments(actor: Actor) -> ReviewedQuerySet[Any]:
    return AssessmentPlan.objects.visible_to(actor).select_related("review", "institution")


def _scores(actor: Actor) -> ReviewedQuerySet[Any]:
    return ScoreReport.objects.visible_to(actor).select_related("review", "plan__institution")


def _note(row: Any) -> str:
    """What stands small beside the name: the change, the institution of a plan, or the region."""
    if isinstance(row, TrainingPlan | AssessmentPlan):
        return row.institution.name
    if isinstance(row, ScoreReport):
        return row.plan.institution.name
    return str(getattr(row, "what", "") or row.region.name)


def _card(
    actor: Actor,
    title: str,
    list_url: str,
    detail: str,
    rows: ReviewedQuerySet[Any],
    heads: tuple[str, str] = QueueCard.heads,
) -> QueueCard:
    queue = rows.queue(actor, timezone.localdate())
    oldest = rows.to_decide(actor)[:SHOWN] if queue.waiting else []
    return QueueCard(
        title,
        reverse(list_url),
        queue,
        [
            {
                "url": reverse(detail, args=[row.pk]),
                "name": str(getattr(row, "organization", row)),
                "note": _note(row),
                "submitted_at": row.review.submitted_at,
                "light": light_of(row.review),
                "again": row.review.round > 1,
            }
            for row in oldest
        ],
        heads,
    )


def _figures(actor: Actor) -> dict[str, Any]:
    """Organizations by state, one bar a city for the province, one bar a county for a city."""
    places = queries.organizations_by_place(actor)
    counts = [[sum(by_state.get(s, 0) for s in group) for _, group, _ in _GROUPS] for _, by_state in places]
    rows: list[list[Any]] = [[name, *numbers] for (name, _), numbers in zip(places, counts, strict=True)]
    sums = [sum(column) for column in zip(*counts, strict=True)] or [0] * len(_GROUPS)
    total, waiting, approved = sum(sums), sums[0], sums[-1]
    return {
        "total": total,
        "title": f"共 {total} 家单位注册，{approved} 家已审核，{waiting} 家待审核",
        "head": ["地区", *(label for label, _, _ in _GROUPS)],
        "rows": rows,
        "option": _chart(rows),
    }


def _chart(rows: list[list[Any]]) -> dict[str, Any]:
    """Stacked bars, one a place, colored as the states are everywhere."""
    return {
        "grid": {"left": 8, "right": 16, "top": 40, "bottom": 4, "containLabel": True},
        "legend": {"top": 0, "right": 0, "itemWidth": 12, "itemHeight": 12},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "category", "data": [row[0] for row in rows]},
        "yAxis": {"type": "value", "name": "家", "minInterval": 1},
        "series": [
            {
                "name": label,
                "type": "bar",
                "stack": "all",
                "barMaxWidth": 40,
                "itemStyle": {"color": color},
                "data": [row[index + 1] for row in rows],
            }
            for index, (label, _, color) in enumerate(_GROUPS)
        ],
    }


def _supervised(actor: Actor) -> list[tuple[Any, ...]]:
    institutions = Institution.objects.visible_to(actor)
    every, open_, persons, bodies = count_together(
        institutions,
        institutions.filter(is_active=True),
        PersonBar.objects.visible_to(actor).in_force(),
        BodyBar.objects.visible_to(actor).in_force(),
    )
    return [
        ("培训机构", every, "", reverse("authority:institutions")),
        ("其中招生中", open_),
        ("黑名单人员", persons, "bad" if persons else "", reverse("authority:blacklist")),
        ("黑名单单位", bodies, "bad" if bodies else "", reverse("authority:body_bars")),
    ]


@require_safe
@portal_required("authority")
def home(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    cards = [
        _card(
            actor,
            "企业审核",
            "authority:organizations",
            "authority:organization",
            queries.organization_list(actor),
        ),
        _card(
            actor,
            "变更审核",
            "authority:changes",
            "authority:change",
            queries.change_list(actor),
            ("单位", "变更项目"),
        ),
        _card(
            actor, "计划审核", "authority:plans", "authority:plan", _plans(actor), ("培训计划", "培训机构")
        ),
        _card(
            actor,
            "考核审核",
            "authority:assessments",
            "authority:assessment",
            _assessments(actor),
            ("考核计划", "培训机构"),
        ),
        _card(actor, "成绩审核", "authority:scores", "authority:score", _scores(actor), ("成绩", "培训机构")),
    ]
    return render(
        request,
        "authority/home/home.html",
        {"cards": cards, "figures": _figures(actor), "supervised": _supervised(actor)},
    )


urlpatterns = [path("", home, name="home")]

"""资格审核: the work list with bulk approval, and one case after the other (ELI-01, ELI-02)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator

from foundation.crypto import blind_index
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import BulkAction, ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.parts import Place, place_in
from zhupei.catalog.models import Delivery, Occupation
from zhupei.enrollment import cases
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.enrollment.services import review
from zhupei.organizations.roles import Capability, may
from zhupei.portals.shared.access import portal_required

S = EnrollmentState
CHUNK = 1000
WAITING = "submitted"
LONGEST_QUEUE = 5000
TABS = [
    Tabs(WAITING, "待资格审核", [S.SUBMITTED], "wait"),
    Tabs("returned", "退回修改", [S.RETURNED]),
    Tabs(
        "passed",
        "已审核",
        [
            state
            for state in S
            if state not in {S.DRAFT, S.SUBMITTED, S.RETURNED, S.INELIGIBLE, S.WITHDRAWN, S.REFUNDED}
        ],
    ),
    Tabs("ineligible", "不通过", [S.INELIGIBLE]),
]


def occupations(request: PortalRequest) -> QuerySet[Occupation]:
    """What this institution trains for."""
    return Occupation.objects.filter(offers__institution=request.actor.body).distinct()


class PeopleTable(tables.ListTable):
    """What is known of an enrolled person, common to the lists of this portal."""

    name = tables.TextColumn("姓名", sort=True, width=10)
    id_number = tables.IdNumberColumn("身份证号", export_full=True)
    organization = tables.TextColumn(
        "报名单位", accessor="organization__name", sub="batch__number", sort=True, width=30
    )
    occupation = tables.TextColumn(
        "岗位（工种）",
        accessor="trade",
        sub="get_delivery_display",
        sort=("occupation__position", "occupation__name"),
        width=18,
    )
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", visible=False)
    education = tables.TextColumn(
        "学历 / 专业", accessor="get_education_display", sub="major", sort="education", width=22
    )

    def value_education(self, record: Any) -> str:
        """In one line."""
        return " ".join(part for part in (record.get_education_display(), record.major) if part)


class ReviewTable(PeopleTable):
    practice_years = tables.NumberColumn("年限")
    verdict = tables.BadgeColumn(
        "条件判断", badge=lambda row: (row.check.verdict.tone, row.check.verdict.title)
    )
    materials = tables.BadgeColumn("资料", badge=lambda row: materials_badge(row.check))
    submitted_at = tables.DayColumn("提交日期", sort=True)
    state = tables.StateColumn("状态")

    def render_practice_years(self, value: Any) -> str:
        """5, 1.5."""
        return f"{value.normalize():f}"

    def export_rows(self, records: Any) -> Iterator[list[Any]]:
        """The verdicts are asked for a thousand people at a time."""
        chunk: list[Any] = []
        for record in records:
            chunk.append(record)
            if len(chunk) == CHUNK:
                yield from super().export_rows(with_checks(chunk))
                chunk = []
        yield from super().export_rows(with_checks(chunk))


def materials_badge(check: cases.RowCheck) -> tuple[str, str]:
    """6/6, or in red how many are there."""
    return ("ok" if check.is_complete else "bad", f"{check.present}/{check.required}")


def with_checks(rows: list[Any]) -> list[Any]:
    """The rows of `cases.work_list`, each with its `check`."""
    checks = cases.check_rows(rows)
    for row in rows:
        row.check = checks[row.pk]
    return rows


class ReviewFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains", "batch__number__iexact"],
        digests={"id_number_index": blind_index},
        label="姓名、身份证号或批次号",
    )
    organization = django_filters.CharFilter(
        "organization__name", "icontains", label="报名单位", widget=forms.TextInput(attrs={"size": 12})
    )
    occupation = django_filters.ModelChoiceFilter(
        label="岗位（工种）", queryset=occupations, empty_label="全部"
    )
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")


def is_waiting_tab(request: PortalRequest) -> bool:
    """Whether the list shows people to review, to somebody who may."""
    actor = request.actor
    return may(actor, Capability.REVIEW_ELIGIBILITY) and request.GET.get("tab", WAITING) == WAITING


def approve_picked(request: PortalRequest, rows: QuerySet[Enrollment]) -> str | HttpResponse:
    """Bulk act: approve whose checks all pass, list the others with the reason."""
    result = review.approve_many(request.actor, rows)
    if not result.held:
        return f"已通过 {len(result.approved)} 人。"
    back = request.get_full_path()
    return render(request, "institution/eligibility/bulk_result.html", {"result": result, "back": back})


@method_decorator(portal_required("institution"), name="dispatch")
class Eligibility(ListPage):
    """Who is to be reviewed, the longest waiting first."""

    page_title = "资格审核"
    template_name = "institution/eligibility/list.html"
    table_class = ReviewTable
    filterset_class = ReviewFilter
    tabs_field = "state"
    tabs = TABS
    default_tab = WAITING
    order_by = "submitted_at"
    unit = "人"
    empty_icon = "user-check"
    empty_title = "没有待审核的人员"
    empty_text = "报名单位提交资格审核后，会出现在这里。"
    bulk_actions = [
        BulkAction(
            "approve",
            "批量通过",
            approve_picked,
            confirm="将通过所选人员中资料齐全、条件判断为“符合”的人；其余的不会改动，并逐人列出原因。确定吗？",
            tone="primary",
            icon="check",
            may=is_waiting_tab,
        )
    ]

    def queryset(self) -> QuerySet[Enrollment]:
        return cases.work_list(self.request.actor)

    def row_url(self, row: Enrollment) -> str:
        """The case, and in the address the queue it stands in."""
        return case_url(self.request, row.pk)

    def selection(self) -> QuerySet[Enrollment]:
        """The people of the address: filtered, of the tab, in order."""
        filterset = self._filterset()
        assert filterset is not None
        return self._sorted(self._in_tab(filterset.qs))

    def extra_context(self) -> dict[str, Any]:
        return {"is_waiting_tab": is_waiting_tab(self.request)}

    def _table(self, page: Page, *, pickable: bool) -> tables.ListTable:
        with_checks(list(page.object_list))
        table = super()._table(page, pickable=pickable)
        if is_waiting_tab(self.request):
            table.columns.hide("state")
        return table


def queue_address(request: PortalRequest) -> str:
    """`?q=…&tab=…` of the queue: filters, tab and order, not the page."""
    params = request.GET.copy()
    for name in ("page", "per", "format"):
        params.pop(name, None)
    return f"?{params.urlencode()}" if params else ""


def case_url(request: PortalRequest, pk: int) -> str:
    """A case within the queue of the present address."""
    return reverse("institution:eligibility_case", args=[pk]) + queue_address(request)


def queue_of(request: PortalRequest, pk: int) -> Place:
    """The queue that the address describes, seen from the case `pk`; one query (and one for the filter's choices)."""
    page = Eligibility()
    page.setup(request)
    keys = list(page.selection().values_list("pk", flat=True)[:LONGEST_QUEUE])
    return place_in(keys, pk)

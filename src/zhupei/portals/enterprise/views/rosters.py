"""核对名单: what was read, what is wrong, corrected in place, confirmed once (ENR-03 … ENR-05)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.identifiers import id_number
from foundation.requests import PortalRequest
from foundation.ui.parts import Tab, steps_of
from zhupei.enrollment import rules, services
from zhupei.enrollment.models import ImportState, RosterImport
from zhupei.enrollment.roster import RosterRow, RosterVerdict
from zhupei.enrollment.roster_columns import ALL_COLUMNS, COLUMNS, ID_NUMBER, RosterColumn
from zhupei.enrollment.roster_files import MARKED_FILE_NAME
from zhupei.organizations.roles import Capability
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.downloads import file_response
from zhupei.training import services as training
from zhupei.training.models import PlanItem

PER_PAGE = 50
_CELL = re.compile(r"cell-(\d{1,7})-(\d{1,2})")
# What is wrong with one cell may have to be mended in another.
_ALSO_EDITABLE = {"gender_mismatch": ID_NUMBER}


@dataclass(frozen=True)
class ShownCell:
    """One cell of the preview."""

    label: str
    name: str
    value: str
    shown: str
    error: str
    fixed: bool
    editable: bool
    choices: tuple[str, ...]


@dataclass(frozen=True)
class ShownRow:
    """One row of the preview."""

    number: int
    cells: list[ShownCell]
    wrong: bool


def _roster(request: PortalRequest, pk: int) -> RosterImport:
    rows = RosterImport.objects.visible_to(request.actor).select_related(
        "organization", "offer__occupation", "offer__level", "offer__institution", "batch"
    )
    return get_object_or_404(rows, pk=pk)


@portal_required("enterprise", needs=Capability.ENROLL)
def preview(request: PortalRequest, pk: int) -> HttpResponse:
    """GET shows one tab and page of the judged rows; POST puts corrections in and judges again."""
    roster = _roster(request, pk)
    if roster.batch is not None:
        return redirect("enterprise:batch", roster.batch.pk)
    if roster.state == ImportState.DISCARDED:
        messages.info(request, "这份名单已经放弃，请重新上传。")
        return redirect(_start(roster, training.item_of_roster(roster)))
    if request.method == "POST":
        return _correct(request, roster)
    item = training.item_of_roster(roster)
    verdict = services.verdict_of(roster)
    wrong = len(verdict.bad_rows)
    tab = request.GET.get("tab", "")
    if tab not in {"wrong", "good", "all"}:
        tab = "wrong" if wrong else "all"
    rows = {"wrong": verdict.bad_rows, "good": verdict.good_rows}.get(tab, verdict.rows)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    columns = _columns(verdict)
    fixed = {int(item["row"]): set(item.get("fixed", ())) for item in roster.rows}
    edit = request.GET.get("edit", "")
    context = {
        "roster": roster,
        "title": f"名单核对：{verdict.good} 行可导入{f'，{wrong} 行要改' if wrong else ''}",
        "item": item,
        "start_url": _start(roster, item),
        "too_many": max(0, verdict.good - item.plan.seats_left) if item else 0,
        "steps": steps_of(rules.STEPS_INTO_PLAN if item else rules.STEPS, 0),
        "tabs": _tabs(tab, wrong, verdict.good, len(verdict.rows)),
        "tab": tab,
        "wrong": wrong,
        "good": verdict.good,
        "columns": columns,
        "page": page,
        "rows": [_shown(row, columns, fixed.get(row.number, set()), str(row.number) == edit) for row in page],
        "here": f"?{urlencode({'tab': tab, 'page': page.number})}",
    }
    return render(request, "enterprise/enroll/preview.html", context)


def _start(roster: RosterImport, item: PlanItem | None) -> str:
    """Where the upload began: the trade of a plan, or the offer."""
    if item is not None:
        return reverse("enterprise:plan_enroll", args=[item.plan_id, item.pk])
    return reverse("enterprise:enroll_offer", args=[roster.offer_id])


def _tabs(tab: str, wrong: int, good: int, total: int) -> list[Tab]:
    return [
        Tab("要改", "?tab=wrong", wrong, tab == "wrong", "bad"),
        Tab("可导入", "?tab=good", good, tab == "good"),
        Tab("全部", "?tab=all", total, tab == "all"),
    ]


def _columns(verdict: RosterVerdict) -> list[RosterColumn]:
    """The columns that have to be there, and those of the others that somebody has filled."""
    return [
        column
        for column in COLUMNS
        if column.required or any(row.raw.get(column.label) for row in verdict.rows)
    ]


def _shown(row: RosterRow, columns: list[RosterColumn], fixed: set[str], whole: bool) -> ShownRow:
    errors: dict[str, list[str]] = defaultdict(list)
    editable = set(ALL_COLUMNS) if whole else set()
    for error in row.errors:
        errors[error.column].append(error.message)
        if error.code in _ALSO_EDITABLE:
            editable.add(_ALSO_EDITABLE[error.code])
    cells = []
    for column in columns:
        label = column.label
        typed = row.raw.get(label, "")
        cells.append(
            ShownCell(
                label=label,
                name=f"cell-{row.number}-{ALL_COLUMNS.index(label)}",
                value=typed,
                shown=id_number.mask(row.id_number or typed) if label == ID_NUMBER else typed,
                error="".join(errors[label]),
                fixed=label in fixed and not errors[label],
                editable=label in editable,
                choices=column.choices,
            )
        )
    return ShownRow(row.number, cells, bool(row.errors))


def _correct(request: PortalRequest, roster: RosterImport) -> HttpResponse:
    services.correct_roster(request.actor, roster, read_cells(request.POST))
    wrong = len(services.verdict_of(_roster(request, roster.pk)).bad_rows)
    if wrong:
        messages.warning(request, f"已重新核对，还有 {wrong} 行要改。")
    else:
        messages.success(request, "已重新核对，全部可以导入。")
    query = {"tab": request.POST.get("tab", ""), "page": request.POST.get("page", "")} if wrong else {}
    address = reverse("enterprise:roster", args=[roster.pk])
    return redirect(f"{address}?{urlencode(query)}" if query else address)


def read_cells(data: QueryDict) -> dict[int, dict[str, str]]:
    """Row number → {column: text} out of fields named `cell-<row>-<place of the column>`."""
    changes: dict[int, dict[str, str]] = defaultdict(dict)
    for name in data:
        match = _CELL.fullmatch(name)
        if match and int(match[2]) < len(ALL_COLUMNS):
            changes[int(match[1])][ALL_COLUMNS[int(match[2])]] = str(data[name])
    return dict(changes)


@portal_required("enterprise", needs=Capability.ENROLL)
@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Enroll the good rows; what was typed and not judged yet is judged first."""
    roster = _roster(request, pk)
    actor = request.actor
    changes = read_cells(request.POST)
    if changes and roster.state == ImportState.OPEN:
        services.correct_roster(actor, roster, changes)
    item = training.item_of_roster(roster)
    batch = (
        training.confirm_into_plan(actor, item, roster)
        if item is not None
        else services.confirm_roster(actor, roster)
    )
    count = batch.enrollments.count()
    sentence = f"已导入 {count} 人，批次号 {batch.number}。接下来上传报名资料。"
    return done(request, sentence, "enterprise:batch", batch.pk)


@portal_required("enterprise", needs=Capability.ENROLL)
@require_POST
def discard(request: PortalRequest, pk: int) -> HttpResponse:
    """Give an unconfirmed roster up."""
    roster = _roster(request, pk)
    services.discard_roster(request.actor, roster)
    return done(request, "已放弃这份名单，没有导入任何人。", _start(roster, training.item_of_roster(roster)))


@portal_required("enterprise")
@require_safe
def marked(request: PortalRequest, pk: int) -> HttpResponse:
    """The file with its wrong cells marked; after confirming, the rows that were left over."""
    roster = _roster(request, pk)
    return file_response(
        services.marked_roster(roster, only_wrong=roster.batch is not None), MARKED_FILE_NAME
    )


urlpatterns = [
    path("enroll/rosters/<int:pk>/", preview, name="roster"),
    path("enroll/rosters/<int:pk>/confirm/", confirm, name="roster_confirm"),
    path("enroll/rosters/<int:pk>/discard/", discard, name="roster_discard"),
    path("enroll/rosters/<int:pk>/marked.xlsx", marked, name="roster_marked"),
]

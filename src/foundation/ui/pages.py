"""List pages from one declaration: filters, columns, sorting, paging, tabs, bulk acts, export."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.sheets import writer
from foundation.ui.listing import (
    BulkAction,
    DayRangeFilter,
    ListFilter,
    RowsPaginator,
    SearchFilter,
    Tabs,
    count_by_state,
    count_capped,
)
from foundation.ui.parts import Tab
from foundation.ui.tables import ListTable

__all__ = ["BulkAction", "DayRangeFilter", "ListFilter", "ListPage", "SearchFilter", "Tabs", "on_export"]

SIZES = (25, 50, 100)
EXPORT_CHUNK = 1000
ExportHook = Callable[[HttpRequest, str, int], None]

# Called once per export with (request, what was exported, number of rows): the audit log listens here.
on_export: list[ExportHook] = []


def _is_key(rows: QuerySet[Any], text: str) -> bool:
    """Whether `text` could be the key of one of them."""
    try:
        rows.model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True


@dataclass
class ListContext:
    """What `<c-list />` shows."""

    page: Page
    table: ListTable
    tabs: list[Tab]
    filter_form: Any
    filtered: bool
    kept: list[tuple[str, str]]
    clear_url: str
    post_url: str
    sizes: Sequence[int]
    per: int
    capped: bool
    unit: str
    pickable: bool
    exportable: bool
    bulk_actions: list[BulkAction]
    primary_action: tuple[str, str, str] | None
    empty_icon: str
    empty_title: str
    empty_text: str
    filter_end: str = ""


class ListPage(View):
    """A list. Override `queryset`; the rest is declared. `self.request.actor` is who looks."""

    request: PortalRequest
    page_title = ""
    page_intro = ""
    template_name = "ui/list_page.html"
    crumbs: Sequence[tuple[str, str]] = ()
    table_class: type[ListTable] = ListTable
    filterset_class: type[ListFilter] | None = None
    tabs_field = ""
    tabs: Sequence[Tabs] = ()
    default_tab = ""
    order_by: str | tuple[str, ...] = "-pk"
    row_url: Any = ""
    bulk_actions: Sequence[BulkAction] = ()
    primary_action: tuple[str, ...] = ()
    # (request) -> bool; Any, because a function kept on a class is no method here
    primary_allowed: Any = staticmethod(lambda request: True)
    exportable = True
    export_name = ""
    unit = "条"
    empty_icon = "inbox"
    empty_title = "这里还没有记录"
    empty_text = ""

    # -- to override -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Find what the address names (`self.kwargs`), before anything is asked for; raises Http404."""

    def queryset(self) -> QuerySet[Any]:
        """The rows that this actor may see, with select_related for what the columns show."""
        raise TypeError(f"{type(self).__name__}.queryset says which rows are listed")

    def extra_context(self) -> dict[str, Any]:
        """More for a template of one's own."""
        return {}

    # -- parts -------------------------------------------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.prepare()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:
        """The page, or with `?format=xlsx` the same selection as a spreadsheet."""
        filterset = self._filterset()
        rows = filterset.qs if filterset is not None else self.queryset()
        if self.exportable and request.GET.get("format") == "xlsx":
            return self._export(self._sorted(self._in_tab(rows)))
        context = {"page_title": self.page_title, "page_intro": self.page_intro, "crumbs": self.crumbs}
        return render(
            request,
            self.template_name,
            context | {"list": self._context(rows, filterset)} | self.extra_context(),
        )

    def post(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse | FileResponse:
        """A bulk act on the picked rows, or on the whole selection of the address."""
        rows = self._picked()
        name = request.POST.get("_action", "")
        if name == "export" and self.exportable:
            return self._export(self._sorted(rows))
        action = next((each for each in self.bulk_actions if each.name == name and each.may(request)), None)
        if action is None or not rows.exists():
            messages.error(request, "请先选择要办理的记录。")
            return HttpResponseRedirect(request.get_full_path())
        try:
            answer = action.run(request, rows)
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(request.get_full_path())
        if isinstance(answer, HttpResponse):
            return answer
        messages.success(request, answer)
        return HttpResponseRedirect(request.get_full_path())

    def _filterset(self) -> ListFilter | None:
        if self.filterset_class is None:
            return None
        actor = getattr(self.request, "actor", None)
        return self.filterset_class(
            self.request.GET, queryset=self.queryset(), request=self.request, actor=actor
        )

    def _picked(self) -> QuerySet[Any]:
        if self.request.POST.get("all") == "1":
            filterset = self._filterset()
            return self._in_tab(filterset.qs if filterset is not None else self.queryset())
        rows = self.queryset()
        ids = [value for value in self.request.POST.getlist("ids")[:10_000] if _is_key(rows, value)]
        return rows.filter(pk__in=ids)

    def _tab_list(self) -> list[Tabs]:
        if self.tabs or not self.tabs_field:
            return list(self.tabs)
        field = self.queryset().model._meta.get_field(self.tabs_field)
        return [Tabs(str(value), str(label), [str(value)]) for value, label in field.flatchoices]  # type: ignore[union-attr]

    def _chosen_tab(self) -> Tabs | None:
        wanted = self.request.GET.get("tab", self.default_tab)
        return next((tab for tab in self._tab_list() if tab.key == wanted), None)

    def _in_tab(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        tab = self._chosen_tab()
        return rows.filter(**{f"{self.tabs_field}__in": list(tab.states)}) if tab else rows

    def _sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.request.GET.get("sort", "")
        column = self.table_class.base_columns.get(wanted.removeprefix("-"))
        default = (self.order_by,) if isinstance(self.order_by, str) else tuple(self.order_by)
        if column is None or not column.orderable:
            return rows.order_by(*default, "pk")
        names = tuple(column.order_by or (str(column.accessor or wanted.removeprefix("-")),))
        if wanted.startswith("-"):
            names = tuple(name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in names)
        return rows.order_by(*(str(name).replace(".", "__") for name in names), "pk")

    # -- the page ----------------------------------------------------------------------------------

    def _context(self, rows: QuerySet[Any], filterset: ListFilter | None) -> ListContext:
        tab_list, chosen = self._tab_list(), self._chosen_tab()
        capped = False
        if tab_list:
            counts = count_by_state(rows, self.tabs_field)
            states = chosen.states if chosen else counts
            total = sum(counts.get(str(state), 0) for state in states)
        else:
            counts = {}
            total, capped = count_capped(rows)
        per = self._per_page()
        paginator = RowsPaginator(self._sorted(self._in_tab(rows)), per, total)
        page = paginator.get_page(self.request.GET.get("page"))
        actions = [action for action in self.bulk_actions if action.may(self.request)]
        filtered = bool(
            filterset is not None
            and any(self.request.GET.get(name) for name in self._filter_names(filterset))
        )
        return ListContext(
            page=page,
            table=self._table(page, pickable=bool(actions) or self.exportable),
            tabs=self._tabs(tab_list, chosen, counts),
            filter_form=filterset.form if filterset is not None else None,
            filtered=filtered or bool(chosen and chosen.key != self.default_tab),
            kept=[(name, value) for name in ("tab", "sort", "per") if (value := self.request.GET.get(name))],
            clear_url=self._address(self._unfiltered(filterset)),
            post_url=self.request.get_full_path(),
            sizes=SIZES,
            per=per,
            capped=capped,
            unit=self.unit,
            pickable=bool(actions) or self.exportable,
            exportable=self.exportable,
            bulk_actions=actions,
            primary_action=self._primary_action(),
            empty_icon=self.empty_icon,
            empty_title=self.empty_title,
            empty_text=self.empty_text,
        )

    def _per_page(self) -> int:
        wanted = self.request.GET.get("per", "")
        return next((size for size in SIZES if str(size) == wanted), SIZES[0])

    def _filter_names(self, filterset: ListFilter) -> list[str]:
        names = []
        for name in filterset.filters:
            names += [name, f"{name}_min", f"{name}_max", f"{name}_after", f"{name}_before"]
        return names

    def _unfiltered(self, filterset: ListFilter | None) -> QueryDict:
        params = self.request.GET.copy()
        for name in (
            *(self._filter_names(filterset) if filterset is not None else ()),
            "page",
            "tab",
            "format",
        ):
            params.pop(name, None)
        return params

    def _address(self, params: QueryDict) -> str:
        query = params.urlencode()
        return f"{self.request.path}?{query}" if query else self.request.path

    def _tabs(self, tab_list: Sequence[Tabs], chosen: Tabs | None, counts: dict[str, int]) -> list[Tab]:
        if not tab_list:
            return []
        shown = [Tab("全部", self._tab_address(""), sum(counts.values()), chosen is None)]
        for tab in tab_list:
            count = sum(counts.get(str(state), 0) for state in tab.states)
            if count or tab is chosen or self.tabs:
                active = chosen is not None and tab.key == chosen.key
                shown.append(Tab(tab.label, self._tab_address(tab.key), count, active, tab.tone))
        return shown

    def _tab_address(self, key: str) -> str:
        params = self.request.GET.copy()
        for name in ("page", "tab", "format"):
            params.pop(name, None)
        if key or self.default_tab:
            params["tab"] = key
        return self._address(params)

    def _table(self, page: Page, *, pickable: bool) -> ListTable:
        table = self.table_class(
            list(page.object_list), order_by=self.request.GET.get("sort", ""), request=self.request
        )
        table.pickable = pickable
        table.label = self.page_title
        table.row_url = self._row_url_function()
        table.row_class = getattr(self, "row_class", None)
        return table

    def _row_url_function(self) -> Callable[[Any], str] | None:
        if callable(self.row_url):
            return self.row_url
        if not self.row_url:
            return None
        name = str(self.row_url)
        return lambda row: reverse(name, args=[row.pk])

    def _primary_action(self) -> tuple[str, str, str] | None:
        if not self.primary_action or not type(self).primary_allowed(self.request):
            return None
        label, target, *icon = self.primary_action
        url = target if target.startswith("/") else reverse(target)
        return label, url, icon[0] if icon else ""

    # -- the spreadsheet ---------------------------------------------------------------------------

    def _export(self, rows: QuerySet[Any]) -> FileResponse:
        """The selection as .xlsx: read in chunks, written to a temporary file, sent from there."""
        table = self.table_class([], request=self.request)
        name = self.export_name or self.page_title or "导出"
        target = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  FileResponse closes it
        count = writer.write_workbook(
            target.name,
            table.export_heads(),
            table.export_rows(rows.iterator(chunk_size=EXPORT_CHUNK)),
            sheet_name=name,
        )
        for hook in on_export:
            hook(self.request, name, count)
        stamp = timezone.localdate().strftime("%Y%m%d")
        return FileResponse(
            target,
            as_attachment=True,
            filename=f"{name}-{stamp}.xlsx",
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )

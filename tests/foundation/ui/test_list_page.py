"""List pages (architecture.md, mechanism 6), tried on the table of background jobs."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError
from foundation.jobs.models import Job
from foundation.scoping import Actor
from foundation.ui import tables
from foundation.ui.listing import count_by_state
from foundation.ui.pages import BulkAction, ListFilter, ListPage, SearchFilter, Tabs

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
MINE = Actor(portal="enterprise", body=SimpleNamespace(pk=1))


def finish(request: HttpRequest, rows: QuerySet[Job]) -> str:
    if rows.filter(state="failed").exists():
        raise DomainError("failed", "有未完成的任务，请先处理。")
    return f"已处理 {rows.update(done=9)} 项。"


class JobTable(tables.ListTable):
    title = tables.TextColumn("名称", sort=True)
    state = tables.StateColumn("状态")
    task = tables.IdNumberColumn("身份证号", export_full=True)
    done = tables.NumberColumn("已处理", sort="done")
    error = tables.TextColumn("原因", export=False)


class JobFilter(ListFilter):
    q = SearchFilter(["title__icontains"], digests={"task": str.lower}, label="名称")

    class Meta:
        model = Job
        fields = ["total"]


class Jobs(ListPage):
    page_title = "后台任务"
    table_class = JobTable
    filterset_class = JobFilter
    tabs_field = "state"
    order_by = "title"
    row_url = "job"
    empty_text = "还没有任务。"
    primary_action = ("新建", "job-new", "plus")
    bulk_actions = [BulkAction("finish", "完成", finish, confirm="完成 {n} 项？")]

    def queryset(self) -> QuerySet[Job]:
        return Job.objects.visible_to(self.request.actor)  # type: ignore[attr-defined]


class Grouped(Jobs):
    tabs = [
        Tabs("todo", "待办", ["queued", "running"], "wait"),
        Tabs("over", "已结束", ["succeeded", "failed"]),
    ]
    bulk_actions = ()
    exportable = False
    default_tab = "todo"


def nothing(request: HttpRequest, pk: str = "") -> HttpResponse:
    return HttpResponse(pk)


urlpatterns = [
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/new/", nothing, name="job-new"),
    path("jobs/<uuid:pk>/", nothing, name="job"),
]


@pytest.fixture
def many(db: None) -> list[Job]:
    """60 jobs of mine in three states and one of a stranger."""
    states = ["queued", "succeeded", "failed"]
    rows = [
        Job(
            owner_key="enterprise:1",
            title=f"任务{number:02}",
            task=f"1101{number:014}",
            state=states[number % 3],
            done=number,
        )
        for number in range(60)
    ]
    Job.objects.create(owner_key="enterprise:2", title="别人的任务", task="x")
    return Job.objects.bulk_create(rows)


def ask(query: str = "", data: dict[str, Any] | None = None, view: type[ListPage] = Jobs) -> Any:
    factory = RequestFactory()
    request: Any = factory.get(f"/jobs/{query}") if data is None else factory.post(f"/jobs/{query}", data)
    request.actor = MINE
    request.session = {}
    request._messages = FallbackStorage(request)
    request.htmx = False
    answer = view.as_view()(request)
    answer.said = [str(message) for message in request._messages]
    return answer


def html(query: str = "", view: type[ListPage] = Jobs) -> str:
    return ask(query, view=view).content.decode()


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_a_page_of_a_list_takes_few_queries_whatever_the_rows(
    many: list[Job], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """One for the tabs, one for the keys, one for the rows."""
    with django_assert_max_num_queries(3):
        text = html("?per=50")
    assert text.count("data-pick ") == 50


def test_strangers_rows_are_neither_listed_nor_counted(many: list[Job]) -> None:
    """SEC-01: the list starts from visible_to."""
    text = html("?per=100")
    assert "别人的任务" not in text
    assert "共 60 条" in text


def test_rows_are_links_in_the_declared_order(many: list[Job]) -> None:
    """ui.md: row = link, reachable by keyboard."""
    text = html()
    assert text.index("任务00") < text.index("任务01") < text.index("任务24")
    assert "任务25" not in text
    assert f'class="row-link" href="/jobs/{many[0].pk}/"' in text


def test_a_later_page_goes_on_where_the_first_ended(many: list[Job]) -> None:
    """Paging; an address beyond the end shows the last page."""
    assert "第 26–50 条" in html("?page=2")
    assert "任务25" in html("?page=2")
    assert "任务59" in html("?page=999")
    assert "任务24" in html("?page=nonsense")


def test_sorting_by_a_column_and_back(many: list[Job]) -> None:
    """Only declared columns sort; anything else in the address is ignored."""
    assert html("?sort=-done").index("任务59") < html("?sort=-done").index("任务40")
    assert 'aria-sort="descending"' in html("?sort=-done")
    assert html("?sort=password").index("任务00") < html("?sort=password").index("任务01")


def test_tabs_count_every_state_and_keep_the_filters(many: list[Job]) -> None:
    """ui.md: counts per state as tabs, saved in the URL."""
    text = html("?tab=failed&q=任务0")
    assert "共 3 条" in text
    assert "任务02" in text
    assert "任务00" not in text
    assert 'href="/jobs/?q=%E4%BB%BB%E5%8A%A10&amp;tab=queued"' in text
    assert 'name="tab" value="failed"' in text


def test_states_may_be_gathered_in_tabs_of_ones_own(many: list[Job]) -> None:
    """What waits comes first; the default tab needs nothing in the address."""
    text = html("", view=Grouped)
    assert "共 20 条" in text
    assert 'class="n n-wait">20<' in text
    assert "共 40 条" in html("?tab=over", view=Grouped)
    assert "共 60 条" in html("?tab=", view=Grouped)


def test_annotations_of_the_rows_do_not_change_the_counts(many: list[Job]) -> None:
    """An aggregate in the selection groups by row; the tabs must still count rows per state."""
    rows = Job.objects.filter(owner_key="enterprise:1").annotate(twice=Sum("done") * 2).filter(twice__gte=0)
    assert count_by_state(rows, "state") == {"queued": 20, "succeeded": 20, "failed": 20}
    assert count_by_state(rows.distinct(), "state")["failed"] == 20


def test_the_search_box_takes_many_words_and_whole_numbers(many: list[Job]) -> None:
    """Pasted names and ID numbers: any of them fits; a digest must fit as a whole."""
    text = html("?q=任务05,任务07%0A110100000000000009")
    assert "共 3 条" in text
    assert all(name in text for name in ("任务05", "任务07", "任务09"))
    assert "共 0" not in text
    assert "没有符合条件的记录" in html("?q=1101000000000000")


def test_an_empty_list_says_how_to_fill_it(db: None) -> None:
    """ui.md: an empty state that says how to fill it."""
    text = html()
    assert "还没有任务。" in text
    assert 'href="/jobs/new/"' in text


def test_the_export_is_the_same_selection_with_full_numbers_as_text(many: list[Job]) -> None:
    """XLSX of the selection: long numbers stay text, hidden columns stay out, masked on the page only."""
    answer = ask("?format=xlsx&tab=failed&sort=-done")
    rows = sheet(answer)
    assert rows[0] == ("名称", "状态", "身份证号", "已处理")
    assert len(rows) == 21
    assert rows[1] == ("任务59", "未完成", "110100000000000059", 59)
    assert "1101**********0002" in html("?q=任务02")
    assert "filename*=utf-8''" in answer["Content-Disposition"]


def test_a_formula_in_a_name_stays_text(db: None) -> None:
    """SEC-05: spreadsheet formulas are neutralised."""
    Job.objects.create(owner_key="enterprise:1", title="=HYPERLINK(1)", task="x")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(ask("?format=xlsx").streaming_content)))
    cell = book.active["A2"]
    assert (cell.data_type, cell.value) == ("s", "=HYPERLINK(1)")


def test_every_export_is_in_the_audit_log(many: list[Job]) -> None:
    """SEC-02: each export is logged: what, how many, by which filters, without the words searched for."""
    ask("?format=xlsx&tab=failed&q=任务")
    entry = AuditEntry.objects.get(act="list.export")
    assert entry.actor_key == "enterprise:1"
    assert entry.detail == {"list": "后台任务", "rows": 20, "path": "/jobs/", "filters": ["q", "tab"]}


def test_a_bulk_act_takes_the_picked_rows_of_ones_own_only(many: list[Job]) -> None:
    """SEC-01: an identifier of somebody else's row in the form changes nothing."""
    stranger = Job.objects.get(owner_key="enterprise:2")
    answer = ask(data={"_action": "finish", "ids": [str(many[0].pk), str(many[3].pk), str(stranger.pk)]})
    assert answer.said == ["已处理 2 项。"]
    assert answer.status_code == 302
    stranger.refresh_from_db()
    assert stranger.done == 0


def test_all_rows_of_the_selection_can_be_picked_at_once(many: list[Job]) -> None:
    """The bulk bar's 'all' means what the address selects, not the page."""
    assert ask("?tab=queued", {"_action": "finish", "all": "1"}).said == ["已处理 20 项。"]


@pytest.mark.parametrize("data", [{"_action": "finish"}, {"_action": "erase", "all": "1"}])
def test_a_bulk_act_without_rows_or_unknown_does_nothing(many: list[Job], data: dict[str, str]) -> None:
    """Nothing picked, or an act that is not offered."""
    assert ask(data=data).said == ["请先选择要办理的记录。"]


def test_a_refused_bulk_act_says_why(many: list[Job]) -> None:
    """A DomainError becomes the sentence on the page."""
    assert ask(data={"_action": "finish", "ids": [str(many[2].pk)]}).said == ["有未完成的任务，请先处理。"]


@pytest.mark.parametrize("wrong", ["²", "٣", "9" * 5000, "9" * 30, "a-b", "-1", "\0", ""])
def test_whatever_an_address_names_the_list_is_shown(many: list[Job], wrong: str) -> None:
    """LIST-01, OPS-02: sizes, pages and keys that are no numbers, or endless ones, are passed over."""
    for name in ("per", "page", "sort", "tab"):
        assert html(f"?{urlencode({name: wrong})}").count("data-pick ") in (10, 25), name
    keys = [wrong, str(many[1].pk)]
    assert len(sheet(ask(data={"_action": "export", "ids": keys}))) == 2


def test_picked_rows_can_be_exported_alone(many: list[Job]) -> None:
    """ui.md: XLSX export of the selection."""
    assert len(sheet(ask(data={"_action": "export", "ids": [str(many[1].pk)]}))) == 2


def test_a_list_that_exports_nothing_refuses_to(many: list[Job]) -> None:
    """exportable = False closes both doors."""
    assert "text/html" in ask("?format=xlsx", view=Grouped)["Content-Type"]
    assert ask(data={"_action": "export", "all": "1"}, view=Grouped).status_code == 302

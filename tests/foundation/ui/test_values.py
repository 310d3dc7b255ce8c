"""The values and filters that components take."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory

from foundation.errors import DomainError
from foundation.jobs.models import Job
from foundation.ui import uploads
from foundation.ui.parts import CompareRow, steps_of
from foundation.ui.progress import JobView, view_of
from foundation.ui.reviews import Reason, read_reasons, read_verdict, reasons_by_item
from foundation.ui.shell import MenuItem, Shell
from foundation.ui.templatetags import ui


def test_steps_before_the_present_one_are_done() -> None:
    """ui.md: a step indicator, the present step lit."""
    assert [step.state for step in steps_of(["a", "b", "c"], 1)] == ["done", "now", ""]
    assert [step.state for step in steps_of(["a", "b"], 2)] == ["done", "done"]
    assert [step.state for step in steps_of(["a", "b"], 1, bad=True)] == ["done", "bad"]


def test_the_menu_lights_the_longest_matching_entry() -> None:
    """ui.md: where am I."""
    menu = [
        MenuItem("首页", "/e/", "home"),
        MenuItem("人员", "/e/people/", "users"),
        MenuItem("人", "/e/peo", "user"),
    ]
    shell = Shell(menu=menu, path="/e/people/12/")
    assert [item.label for item in shell.menu if item.active] == ["人员"]


def test_an_address_outside_the_menu_lights_nothing() -> None:
    """`/e/peo` is no beginning of `/e/people/`."""
    assert not any(
        item.active for item in Shell(menu=[MenuItem("人", "/e/peo", "user")], path="/e/people/").menu
    )


def test_the_menu_button_of_a_phone_adds_up_what_waits() -> None:
    """ui.md: what waits for me, at 390 px too."""
    assert Shell(menu=[MenuItem("a", "/a/", "x", count=4), MenuItem("b", "/b/", "x", count=1)]).waiting == 5


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (ui.money(Decimal("5760")), "¥5,760.00"),
        (ui.money(None), ""),
        (ui.mask_id("330421197201030411"), "3304**********0411"),
        (ui.mask_id("3304**********0411"), "3304**********0411"),
        (ui.mask_phone("13857100000"), "138****0000"),
        (ui.mask_id("12345678"), "********"),
        (ui.mask_phone(None), ""),
        (ui.day(dt.date(2026, 11, 21)), "2026-11-21"),
        (ui.minute(dt.datetime(2026, 11, 21, 1, 5, tzinfo=dt.UTC)), "2026-11-21 09:05"),
        (ui.filesize_cn(73_728), "72 KB"),
        (ui.filesize_cn(1_887_437), "1.8 MB"),
    ],
)
def test_numbers_dates_and_masks_are_written_as_agreed(shown: str, expected: str) -> None:
    """ui.md: money with ¥ and two places, dates 2026-11-21, times 24 h in local time, ID numbers masked."""
    assert shown == expected


def test_page_numbers_show_the_ends_and_the_neighbors() -> None:
    """A gap of one page is filled, a wider one is 0 (…)."""
    pages = Paginator(range(1000), 10)
    assert ui.page_numbers(pages.page(1)) == [1, 2, 3, 0, 100]
    assert ui.page_numbers(pages.page(5)) == [1, 2, 3, 4, 5, 6, 7, 0, 100]


def test_a_comparison_marks_rows_that_disagree() -> None:
    """ORG-04: what was read and what was submitted side by side."""
    assert CompareRow("名称", ["甲", "乙"]).is_different
    assert not CompareRow("名称", ["甲", "甲"]).is_different
    assert not CompareRow("说明", ["甲", "乙"], differs=False).is_different


def test_reasons_are_read_per_item_without_doubles() -> None:
    """ELI-02: reasons per item, from chips and in own words."""
    data = QueryDict(mutable=True)
    data.setlist("reason", ["portrait|头像不清", "portrait|头像不清", "|整体不全"])
    data.setlist("other_item", ["id", ""])
    data.setlist("other_text", ["反面缺失", "  "])
    reasons = read_reasons(data)
    assert reasons == [Reason("portrait", "头像不清"), Reason("", "整体不全"), Reason("id", "反面缺失")]
    assert reasons_by_item(reasons) == {"portrait": "头像不清", "id": "反面缺失", "other": "整体不全"}


def test_an_unknown_verdict_is_no_verdict() -> None:
    """Only the three verdicts count."""
    assert read_verdict(QueryDict("verdict=approve")) == "approve"
    assert read_verdict(QueryDict("verdict=delete")) == ""


def test_upload_answers_tell_accepted_from_refused() -> None:
    """MAT-02: good files are kept, bad ones named."""
    assert uploads.accepted(id=7, url="/f/7").status_code == 200
    assert uploads.refused("图片打不开，请换一张。").status_code == 422


def test_an_upload_view_tells_a_refusal_where_the_file_was_dropped() -> None:
    """MAT-02: also that there was no file; what is no refusal stays a fault."""

    @uploads.upload_view
    def view(request: HttpRequest) -> HttpResponse:
        file = uploads.file_of(request, "请选择图片。")
        if not file.size:
            raise DomainError("unreadable_image", "图片打不开，请换一张。")
        return uploads.accepted(name=str(file.name))

    def answer(**sent: Any) -> dict[str, Any]:
        return dict(json.loads(view(RequestFactory().post("/x/", sent)).content))

    assert answer(file="a.jpg") == {"ok": False, "message": "请选择图片。"}
    assert answer(file=SimpleUploadedFile("a.jpg", b"")) == {"ok": False, "message": "图片打不开，请换一张。"}
    assert answer(file=SimpleUploadedFile("a.jpg", b"x"))["name"] == "a.jpg"


def test_a_background_job_becomes_a_progress_panel() -> None:
    """ui.md: long work shows progress, then the result and a list of what failed."""
    job = Job(state="running", done=3, total=12, title="导入名单")
    assert view_of(job) == JobView("running", 3, 12, "导入名单")
    job = Job(state="succeeded", done=12, total=12, result={"message": "完成", "problems": ["第 3 行"]})
    assert view_of(job) == JobView("done", 12, 12, "完成", ["第 3 行"])
    told = view_of(job, message="核对完成", problems=(), reload=True)
    assert told == JobView("done", 12, 12, "核对完成", reload=True)
    assert view_of(Job(state="succeeded", title="导入名单", result=None)).message == "导入名单：已完成"
    assert view_of(Job(state="failed", error="文件打不开")).message == "文件打不开"

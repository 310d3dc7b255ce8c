"""EXM-01, EXM-02: the question bank in a real browser: writing, reviewing by keys, adding up a blueprint."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.keys import press
from tests.portals.authority.test_browser import open_page
from tests.test_pages import faults
from tests.world import World, jpeg
from tests.zhupei.exam.banks import Bank, multiple, row, sheet
from zhupei.exam.bank.models import QuestionVersion

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def go(page: Page, live_server: Any, name: str, *keys: Any) -> None:
    page.goto(live_server.url + reverse(f"authority:{name}", args=[str(key) for key in keys]))


def test_a_question_is_written_reviewed_and_drawn_upon(
    browser: Browser, live_server: Any, world: World
) -> None:
    """EXM-01: fields follow the type, one answer for a single choice, a picture; a second person approves with A."""
    bank = Bank(world)
    writer = open_page(browser, live_server, bank.users["writer"])
    go(writer, live_server, "bank_question_new", bank.occupation.pk)
    assert list(faults(writer)) == []
    choices, truth = writer.locator("[data-part] [data-choices]").first, writer.locator("[data-truth]").first
    expect(truth).to_be_hidden()
    expect(writer.locator("[data-case]")).to_be_hidden()
    writer.get_by_label("判断题", exact=True).check()
    expect(truth).to_be_visible()
    expect(choices).to_be_hidden()
    writer.get_by_label("案例题").check()
    expect(writer.get_by_label("案例说明")).to_be_visible()
    expect(writer.get_by_text("第 1 小题")).to_be_visible()
    writer.get_by_label("单选题", exact=True).check()
    writer.get_by_label("章节").select_option(label="第 1 章 施工质量")
    writer.get_by_label("题干").first.fill("图中的标志表示什么？")
    writer.get_by_label("选项 A", exact=True).first.fill("禁止通行")
    writer.get_by_label("选项 B", exact=True).first.fill("注意安全")
    ticks = writer.locator("[data-part]").first.get_by_role("checkbox")
    ticks.nth(0).check()
    ticks.nth(1).check()
    expect(ticks.nth(0)).not_to_be_checked()
    picture = {"name": "标志.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    writer.locator("zp-upload input[type=file]").set_input_files([picture])  # type: ignore[list-item]
    expect(writer.get_by_text("图片已上传")).to_be_visible()
    writer.get_by_role("button", name="预览").click()
    expect(writer.get_by_role("heading", name="考生看到的样子")).to_be_visible()
    expect(writer.get_by_role("img", name="试题图片")).to_be_visible()
    writer.get_by_role("button", name="保存并提交复核").click()
    expect(writer.get_by_text("已提交复核").first).to_be_visible()
    other = bank.submitted(multiple())

    reviewer = open_page(browser, live_server, bank.users["reviewer"])
    go(reviewer, live_server, "bank_reviews")
    reviewer.get_by_role("link", name="逐题复核").click()
    expect(reviewer.get_by_text("图中的标志表示什么？")).to_be_visible()
    press(reviewer, "a")
    expect(reviewer.get_by_text("下列哪些属于安全防护用品？")).to_be_visible()
    press(reviewer, "r")
    expect(reviewer.get_by_role("alert").filter(has_text="原因")).to_be_visible()
    reviewer.get_by_label("选项有歧义").check()
    press(reviewer, "r")
    expect(reviewer.get_by_text("没有待复核的试题")).to_be_visible()
    other.refresh_from_db()
    assert other.remark == "选项：选项有歧义"
    first = QuestionVersion.objects.visible_to(bank.writer).get(type="single")
    assert (first.state, first.content["answer"]) == ("approved", ["B"])
    assert first.picture is not None
    assert writer.faults + reviewer.faults == []  # type: ignore[attr-defined]


def test_a_blueprint_adds_up_as_one_types(browser: Browser, live_server: Any, world: World) -> None:
    """EXM-02: the running total, what the bank has, rows added and removed; on a phone as well."""
    bank = Bank(world)
    bank.stock(4)
    page = open_page(browser, live_server, bank.users["writer"])
    go(page, live_server, "bank_blueprint_edit", bank.occupation.pk)
    first = page.locator("[data-row]").first
    first.get_by_label("题型").select_option("single")
    expect(first.get_by_text("题库里有 4 道可用")).to_be_visible()
    first.get_by_label("题数").fill("5")
    first.get_by_label("每题分值").fill("12.5")
    expect(first.get_by_text("还差 1 道")).to_be_visible()
    expect(page.locator("[data-total]")).to_have_text("共 5 题，62.5 分，还差 37.5 分")
    first.get_by_label("题数").fill("4")
    first.get_by_label("每题分值").fill("25")
    expect(page.locator("[data-total]")).to_have_text("共 4 题，100 分，正好满分")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="增加一行").click()
    expect(rows).to_have_count(4)
    rows.nth(3).get_by_role("button", name="删除这一行").click()
    expect(rows).to_have_count(3)
    assert list(faults(page)) == []
    page.get_by_role("button", name="保存并启用").click()
    expect(page.get_by_text("可以组卷")).to_be_visible()
    assert page.faults == []  # type: ignore[attr-defined]


def test_a_sheet_is_dropped_and_confirmed(browser: Browser, live_server: Any, world: World) -> None:
    """EXM-01: after the upload the preview opens by itself."""
    bank = Bank(world)
    page = open_page(browser, live_server, bank.users["writer"])
    go(page, live_server, "bank_import_new", bank.occupation.pk)
    assert list(faults(page)) == []
    file = {
        "name": "题库.xlsx",
        "mimeType": "application/zip",
        "buffer": io.BytesIO(sheet([row()])).getvalue(),
    }
    page.locator("zp-upload input[type=file]").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="确认导入 1 道题").click()
    page.get_by_role("dialog").get_by_role("button", name="导入").click()
    expect(page.get_by_text("已导入 1 道题")).to_be_visible()
    assert page.faults == []  # type: ignore[attr-defined]

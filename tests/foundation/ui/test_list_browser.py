"""A list page in a real browser: filtering without leaving the page, picking rows, exporting."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from foundation.jobs.models import Job

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.foundation.ui.test_list_page"),
]
SURNAMES = "陆沈许何施严林周王方"


@pytest.fixture
def jobs(page: Page, live_server: Any) -> Page:
    """60 rows that a visitor may see."""
    states = ["queued", "succeeded", "failed"]
    Job.objects.bulk_create(
        Job(
            owner_key="visitor",
            title=f"{SURNAMES[number % 10]}导入名单{number:02}",
            task=f"33010619900{number:07}",
            state=states[number % 3],
        )
        for number in range(60)
    )
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{live_server.url}/jobs/")
    return page


@pytest.mark.parametrize("width", [1366, 390])
def test_a_list_is_accessible_and_fits_its_width(jobs: Page, width: int) -> None:
    """ui.md: tables become cards at 390 px."""
    jobs.set_viewport_size({"width": width, "height": 844})
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(jobs, options=options).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    assert jobs.evaluate("document.documentElement.scrollWidth") <= width


def test_searching_changes_the_list_and_the_address_but_not_the_page(jobs: Page) -> None:
    """ui.md: filters are saved in the URL; empty ones stay out of it."""
    jobs.evaluate("window.same = true")
    jobs.get_by_label("名称").fill("陆")
    jobs.get_by_label("名称").press("Enter")
    expect(jobs.locator("tbody tr")).to_have_count(6)
    assert jobs.url.endswith("/jobs/?q=%E9%99%86")
    assert jobs.evaluate("window.same")
    jobs.get_by_role("link", name="未完成").click()
    expect(jobs.locator("tbody tr")).to_have_count(2)
    assert "tab=failed" in jobs.url
    jobs.get_by_role("link", name="清空条件").click()
    expect(jobs.locator("tbody tr")).to_have_count(25)


def test_sorting_and_paging_stay_on_the_page(jobs: Page) -> None:
    """Sorted by its heading; the last page is short."""
    jobs.get_by_role("link", name="名称").click()
    expect(jobs.locator("th[aria-sort=ascending]")).to_have_text("名称")
    jobs.get_by_role("link", name="3", exact=True).click()
    expect(jobs.locator("tbody tr")).to_have_count(10)


def test_picked_rows_bring_up_the_acts_and_a_question(jobs: Page) -> None:
    """ui.md: a bulk bar that appears on selection; it asks with the number."""
    bar = jobs.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()
    jobs.get_by_label("选择本页全部").check()
    expect(bar).to_contain_text("已选 25 条")
    jobs.get_by_role("button", name="选择全部 60 条").click()
    expect(bar).to_contain_text("已选 60 条")
    jobs.get_by_role("button", name="取消选择").click()
    expect(bar).to_be_hidden()
    jobs.get_by_role("link", name="排队中").click()
    expect(jobs.locator("tbody tr")).to_have_count(20)
    jobs.locator("[data-pick]").nth(0).check()
    jobs.locator("[data-pick]").nth(3).check()
    bar.get_by_role("button", name="完成").click()
    dialog = jobs.get_by_role("dialog")
    expect(dialog).to_contain_text("完成 2 项？")
    dialog.get_by_role("button", name="完成").click()
    expect(jobs.get_by_text("已处理 2 项。")).to_be_visible()


def test_the_selection_is_exported_and_the_page_stays_usable(jobs: Page) -> None:
    """XLSX export of the picked rows; the button comes back."""
    jobs.locator("[data-pick]").nth(0).check()
    with jobs.expect_download() as download:
        jobs.get_by_role("button", name="导出所选").click()
    assert download.value.suggested_filename.startswith("后台任务-")
    expect(jobs.get_by_role("button", name="导出所选")).to_be_enabled(timeout=6000)


def test_a_row_is_a_link_for_mouse_and_keyboard(jobs: Page) -> None:
    """ui.md: row = link."""
    row = jobs.locator("tbody tr").nth(1)
    target = row.locator("a.row-link").get_attribute("href")
    row.locator("td").last.click(force=True)  # the link covers the whole row
    jobs.wait_for_url(f"**{target}")
    jobs.go_back()
    jobs.locator("a.row-link").nth(1).focus()
    jobs.keyboard.press("Enter")
    jobs.wait_for_url(f"**{target}")

"""What is pressed before the page's modules have run, in a real browser: kept, asked about, done once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.foundation.ui.urls"),
]


class SlowPage:
    """A page of the gallery one of whose modules is still on its way."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.sent: list[str] = []
        self.under_way: list[Route] = []
        page.on("request", self._heard)

    def _heard(self, request: Any) -> None:
        if request.method == "POST":
            self.sent.append(request.post_data or "")

    def open(self, name: str, module: str) -> Page:
        self.page.route(re.compile(rf"/js/{module}[.\w]*\.js"), lambda route: self.under_way.append(route))
        self.page.goto(f"{self.address}/dev/components/{name}/", wait_until="commit")
        return self.page

    def arrive(self) -> None:
        """The module is there."""
        for route in self.under_way:
            route.continue_()
        self.page.wait_for_load_state("domcontentloaded")


@pytest.fixture
def slow(page: Page, live_server: Any) -> Iterator[SlowPage]:
    """Fails on errors of scripts."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield SlowPage(page, live_server.url)
    assert faults == []


def test_a_button_pressed_early_asks_all_the_same(slow: SlowPage) -> None:
    """ui.md: irreversible acts say what will happen and ask, however slow the line."""
    page = slow.open("parts", "forms")
    button = page.get_by_role("button", name="注销")
    button.click()
    button.click()
    expect(page.locator("html.is-holding")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_count(0)
    slow.arrive()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_count(1)
    expect(dialog).to_contain_text("证书作废，不能恢复")
    expect(page.locator("html.is-holding")).to_have_count(0)
    assert slow.sent == []
    dialog.get_by_label("注销原因").fill("证书系冒名取得")
    with page.expect_request(lambda request: request.method == "POST"):
        dialog.get_by_role("button", name="注销").click()
    assert len(slow.sent) == 1


def test_a_key_struck_early_leafs_or_says_why_it_decides_nothing(slow: SlowPage) -> None:
    """ELI-02: J goes on, A and R must be struck again after a look."""
    page = slow.open("eligibility-review", "review")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("j")
    slow.arrive()
    page.wait_for_url("**#next")

    slow.under_way.clear()
    page.reload(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    early = page.get_by_text("刚才的按键没有生效")
    page.keyboard.press("r")
    expect(early).to_be_hidden()
    slow.arrive()
    expect(early).to_be_visible()
    expect(page.get_by_text("请先点选或写明原因")).to_be_hidden()
    expect(page.locator("[data-key=r][aria-keyshortcuts=R]")).to_be_visible()
    page.keyboard.press("r")
    expect(early).to_be_hidden()
    expect(page.get_by_text("请先点选或写明原因")).to_be_visible()
    assert slow.sent == []


def test_a_file_chosen_early_is_sent(slow: SlowPage) -> None:
    """MAT-01: the upload begins when the page can."""
    page = slow.open("forms", "upload")
    slot = page.locator("zp-upload:not([data-portrait]):not([data-readonly])").first
    slot.locator("input[type=file]").set_input_files(
        {"name": "me.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(slot.locator(".upload-message")).to_have_text("")
    slow.arrive()
    expect(slot.locator(".upload-message")).not_to_have_text("")

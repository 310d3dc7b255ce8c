"""取消本次安排 in a real browser: the question says what happens, the reason is asked for (ASM-03)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.zhupei.assessment.halls import make_hall

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("CALL_OFF_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_the_reason_is_asked_for_before_a_plan_is_called_off(
    context: BrowserContext, page: Page, live_server: Any, world: Any
) -> None:
    """ASM-03: nothing happens without a reason; afterwards the page says who and why, on a phone as well."""
    hall = make_hall(world)
    hall.people(3)
    plan = hall.approve(hall.plan())
    session = world.client(hall.actor.user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(f"{live_server.url}/institution/assessments/{plan.pk}/")
    page.get_by_role("button", name="取消本次安排").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("3 名考生的准考证和座位作废")
    shot(page, "dialog")
    dialog.get_by_label("取消原因").fill("台风红色预警，全市停考")
    dialog.get_by_role("button", name="退回重报").click()
    expect(page.get_by_text("本次安排已取消，准考证作废")).to_be_visible()
    shot(page, "after")
    page.set_viewport_size({"width": 390, "height": 844})
    shot(page, "after-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_role("link", name="审核记录").click()
    expect(page.get_by_text("审核通过后取消，退回重报")).to_be_visible()
    shot(page, "record")

"""Reviewing with the keyboard, correcting with new papers: in a real browser, both sides (ORG-10)."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, expect

from foundation.review.models import Review, ReviewState
from tests.keys import press
from tests.zhupei.organizations.filling import picture, registered
from zhupei.accounts.models import User
from zhupei.organizations.models import Organization

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Verdict keys sleep for a moment after a page has opened (review.js).


def open_page(browser: Browser, live_server: Any, user: User, width: int = 1366) -> Page:
    """A page of somebody who is signed in; faults of scripts are kept in `page.faults`."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "zhupei.accounts.backends.PortalBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    context = browser.new_context(
        viewport={"width": width, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.faults = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
    return page


def test_reject_by_keyboard_correct_in_the_page_approve(browser: Browser, live_server, world):
    """ORG-10: R needs a reason, J goes on, a replaced paper and a changed county arrive at the reviewer, A approves."""
    first, second = registered(world, name="甲建设有限公司"), registered(world, name="乙建设有限公司")
    clerk = open_page(browser, live_server, world.user(first.supervisor))
    clerk.goto(f"{live_server.url}/authority/")
    clerk.get_by_role("link", name="开始审核").click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("甲建设有限公司")
    press(clerk, "j")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("乙建设有限公司")
    press(clerk, "k")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("甲建设有限公司")
    press(clerk, "r")
    expect(clerk.get_by_role("alert").filter(has_text="原因")).to_be_visible()
    clerk.get_by_label("承诺书未盖章").check()
    press(clerk, "r")
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("乙建设有限公司")
    assert Review.objects.get(pk=first.review_id).reasons == {"cns": "承诺书未盖章"}

    firm = open_page(browser, live_server, User.objects.get(membership__organization=first))
    firm.goto(f"{live_server.url}/enterprise/")
    expect(firm.get_by_text("审核不通过，请按原因修改后重新提交")).to_be_visible()
    expect(firm.locator("[data-when-changed]")).to_be_hidden()
    firm.fill("#id_responsible_phone", "13857100088")
    expect(firm.locator("[data-when-changed]")).to_be_visible()
    firm.fill("#id_responsible_phone", "13857100002")
    firm.select_option("#id_city", label="宁波市")
    expect(firm.locator("[data-field=review_choice]")).to_be_hidden()
    firm.select_option("#id_region", label="镇海区")
    firm.select_option("#id_city", label="杭州市")
    assert firm.locator("#id_region optgroup").count() == 1
    firm.select_option("#id_region", label="拱墅区")
    new = picture("cns.jpg")
    letter = firm.locator("zp-upload").filter(has_text="企业承诺书")
    letter.locator("input[type=file]").set_input_files(
        {"name": "cns.jpg", "mimeType": "image/jpeg", "buffer": new.read()}
    )
    expect(letter.locator(".upload-message")).to_contain_text("提交后生效")
    firm.get_by_role("button", name="重新提交").click()
    firm.get_by_role("dialog").locator("button[type=submit]").click()
    expect(firm.get_by_text("已提交，等待")).to_be_visible()

    clerk.goto(f"{live_server.url}/authority/organizations/{first.pk}/")
    expect(clerk.get_by_text("第 2 次提交，改动了 2 项")).to_be_visible()
    expect(clerk.locator("mark")).to_have_text("浙江省杭州市拱墅区")
    clerk.get_by_role("button", name="企业承诺书（上次）").click()
    expect(clerk.locator(".stage-caption")).to_have_text("企业承诺书（上次）")
    press(clerk, "a")
    clerk.wait_for_url(f"**/organizations/{second.pk}/")
    assert Organization.objects.get(pk=first.pk).review.state == ReviewState.APPROVED
    assert not clerk.faults and not firm.faults  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [1366, 390])
def test_everybody_can_use_the_pages(browser: Browser, live_server, world, width):
    """ui.md: no fault of axe-core, nothing wider than the screen."""
    organization = registered(world)
    page = open_page(browser, live_server, world.user(organization.supervisor), width)
    firm = open_page(browser, live_server, User.objects.get(membership__organization=organization), width)
    visits = [
        (page, "/authority/"),
        (page, "/authority/organizations/"),
        (page, f"/authority/organizations/{organization.pk}/"),
        (page, "/authority/institutions/new/"),
        (page, "/authority/blacklist/"),
        (page, "/authority/notices/new/"),
        (firm, "/enterprise/registration/"),
    ]
    for tab, address in visits:
        tab.goto(live_server.url + address)
        tab.wait_for_load_state("networkidle")
        found = Axe().run(tab)
        assert found.violations_count == 0, (address, found.generate_report())
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert not page.faults and not firm.faults  # type: ignore[attr-defined]

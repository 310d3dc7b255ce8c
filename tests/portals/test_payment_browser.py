"""Ordering, paying and confirming in a real browser (BIL-01 … BIL-04)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from foundation.messages.models import Sms
from tests.keys import press
from tests.world import jpeg
from zhupei.billing.models import Order, OrderState
from zhupei.enrollment.models import Enrollment, EnrollmentState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(context: BrowserContext, live_server: Any, world: Any, who: Any) -> Page:
    """A page of somebody who works for `who`; anything on its console is a fault."""
    session = world.client(who).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def accessible(page: Page) -> list[Any]:
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=options).response["violations"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]


def fits(page: Page) -> bool:
    """No sideways scrolling on a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    narrow = page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})
    return narrow


def test_sums_follow_the_ticks_and_the_question_names_them(live_server, world, context):
    """BIL-01: head-count and money as one ticks; the question says institution, head-count, amount."""
    organization = world.organization()
    offer = world.offer(world.institution(supervisor=organization.supervisor))
    first = world.batch(3, state="eligible", organization=organization, offer=offer)
    second = world.batch(2, state="eligible", organization=organization, offer=offer)
    page = signed_in(context, live_server, world, organization)
    page.goto(f"{live_server.url}/enterprise/orders/")
    total, count = page.locator("[data-pick-total]"), page.locator("[data-pick-count]")
    expect(total).to_have_text("¥2,400.00")
    assert accessible(page) == [] and fits(page)

    page.get_by_label(re.compile("整批 .*，3 人")).uncheck()
    expect(count).to_have_text("2")
    page.locator(".pick-group", has_text=first.number).locator("summary").click()
    page.get_by_label(first.enrollments.first().name).check()
    expect(total).to_have_text("¥1,440.00")
    page.get_by_label(re.compile("整批 .*，2 人")).uncheck()
    expect(total).to_have_text("¥480.00")
    page.get_by_role("button", name="生成订单").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"向“{offer.institution.name}”生成订单：共 1 人，应缴 ¥480.00")
    dialog.get_by_role("button", name="取消").click()
    page.get_by_label(first.enrollments.first().name).uncheck()
    page.get_by_role("button", name="生成订单").click()
    expect(page.get_by_text("请先勾选要生成订单的人员。")).to_be_visible()
    page.get_by_label(re.compile("整批 .*，2 人")).check()
    page.get_by_role("button", name="生成订单").click()
    page.get_by_role("dialog").get_by_role("button", name="生成订单").click()

    expect(page.get_by_text("请用本单位账户转账")).to_be_visible()
    order = Order.objects.get()
    assert set(order.lines.values_list("enrollment__batch", flat=True)) == {second.pk}


def test_a_voucher_survives_an_error_and_is_handed_in(live_server, world, context, tmp_path):
    """BIL-03: the file goes up at once, an error loses neither it nor what was typed."""
    order = world.order(2)
    file = tmp_path / "回单.jpg"
    file.write_bytes(jpeg(640, 400, "#d8e6f5"))
    page = signed_in(context, live_server, world, order.organization)
    page.goto(live_server.url + reverse("enterprise:order", args=[order.pk]))
    assert accessible(page) == [] and fits(page)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制账号").click()
    assert page.evaluate("navigator.clipboard.readText()") == order.account_number

    page.locator("zp-upload input[type=file]").set_input_files(file)
    expect(page.get_by_text("已上传，请核对下面的内容后提交。")).to_be_visible()
    page.get_by_label("汇款金额（元）").fill("100")
    page.get_by_label("汇款日期").fill("2026-01-05")
    page.get_by_label("情况说明").fill("线下 2 人")
    page.get_by_role("button", name="提交凭证").click()
    expect(page.locator("#id_amount_error")).to_contain_text("应与订单金额 ¥960.00 一致")
    assert accessible(page) == []
    expect(page.get_by_label("情况说明")).to_have_value("线下 2 人")
    expect(page.locator("zp-upload img")).to_be_visible()
    page.get_by_label("汇款金额（元）").fill("960")
    page.get_by_role("button", name="提交凭证").dblclick()

    expect(page.get_by_text("等待培训机构确认").first).to_be_visible()
    assert order.vouchers.count() == 1


def test_the_institution_confirms_with_one_key_and_the_next_one_comes(live_server, world, context):
    """BIL-04: the question says what will happen; Enter confirms; R without a reason stays."""
    from tests.portals.institution.test_payments import waiting

    institution = world.institution()
    first, second = waiting(world, 2, institution), waiting(world, 1, institution)
    page = signed_in(context, live_server, world, institution)
    page.goto(f"{live_server.url}/institution/payments/")
    assert accessible(page) == [] and fits(page)
    page.get_by_role("link", name=first.number).click()
    expect(page.get_by_text("第 1 / 2 单")).to_be_visible()
    assert accessible(page) == [] and fits(page)

    press(page, "r")
    expect(page.get_by_text("请先点选或写明原因，对方才知道怎么改。")).to_be_visible()
    page.get_by_role("button", name="确认缴费").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 人变为“已报名”，开通学习账号并发短信")
    page.get_by_role("dialog").get_by_role("button", name="确定").dblclick()

    expect(page.get_by_role("heading", level=1)).to_contain_text(second.organization.name)
    expect(page.get_by_text(f"订单 {first.number} 缴费已确认")).to_be_visible()
    assert Sms.objects.filter(code="billing.enrolled").count() == 2
    people = Enrollment.objects.filter(order_lines__order=first).values_list("state", flat=True)
    assert set(people) == {EnrollmentState.ENROLLED}

    page.get_by_label("凭证看不清").check()
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("没有待确认的缴费")).to_be_visible()
    second.refresh_from_db()
    assert second.state == OrderState.VOUCHER_REJECTED

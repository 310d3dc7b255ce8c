"""What a worker does on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.stage import PHONE, Stage


def first_sign_in(stage: Stage, page: Page, id_number: str, phone: str, password: str) -> None:
    """ID number and initial password, then an SMS code and a password of one's own (ACC-03)."""
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto("/sign-in/learner/")
    page.locator("[name=account]").fill(id_number)
    page.locator("[name=password]").fill("111111")
    stage.shot(page, "学员-登录")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="首次登录")).to_be_visible()
    page.get_by_role("button", name="获取验证码").click()
    expect(page.locator(".code-message")).to_contain_text("验证码已发到")
    code = re.search(r"\d{6}", stage.sms(phone, "验证码"))
    assert code
    page.locator("[name=code]").fill(code[0])
    page.locator("[name=new_password]").fill(password)
    page.locator("[name=repeat_password]").fill(password)
    stage.shot(page, "学员-首次登录")
    page.get_by_role("button", name="设置密码并登录").click()
    page.wait_for_url("**/learner/")


def sees_enrolled(stage: Stage, page: Page, occupation: str) -> None:
    """The home page says 已报名, and the details do."""
    expect(page.get_by_text("已报名").first).to_be_visible()
    expect(page.get_by_text(occupation).first).to_be_visible()
    stage.shot(page, "学员-首页")
    page.get_by_role("link", name="查看详情").click()
    expect(page.get_by_text("报名成功，培训机构会安排开班").first).to_be_visible()
    stage.shot(page, "学员-报名详情")

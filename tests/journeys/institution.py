"""What the people of a training institution do."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.stage import Stage, confirm, field, fill, follow, sign_in, told
from tests.keys import press


def first_sign_in(stage: Stage, page: Page, account: str, initial: str, password: str) -> None:
    """Whoever got his password from the authority must set one of his own first (ORG-12)."""
    sign_in(page, "institution", account, initial)
    expect(page.get_by_role("heading", name="请先设置自己的密码")).to_be_visible()
    page.goto("/institution/offers/")
    expect(page.get_by_role("heading", name="请先设置自己的密码")).to_be_visible()
    stage.shot(page, "机构-首次登录改密码")
    fill(page, {"原密码": initial, "新密码": password, "确认新密码": password})
    page.get_by_role("button", name="修改密码").click()
    told(page, "密码已修改")
    told(page, "还没有开放报名的培训项目")
    stage.shot(page, "机构-首页（空）")


def describe_itself(stage: Stage, page: Page, values: dict[str, str], site: dict[str, str]) -> None:
    """A test site, contact and bank account."""
    follow(page, "机构备案")
    page.get_by_role("link", name="新增地点").first.click()
    fill(page, site)
    page.get_by_role("button", name="保存").click()
    told(page, site["名称"])
    page.get_by_role("link", name="修改", exact=True).first.click()
    fill(page, values)
    stage.shot(page, "机构-修改信息")
    page.get_by_role("button", name="保存").click()
    for value in values.values():
        told(page, value)
    stage.shot(page, "机构-信息")


def offer(stage: Stage, page: Page, occupations: list[str], fee: str, site: str, pattern: str) -> None:
    """Several offers at the same terms (CAT-01, ORG-13)."""
    follow(page, "培训项目")
    page.get_by_role("link", name="新增培训项目").first.click()
    for occupation in occupations:
        page.get_by_label(occupation, exact=True).check()
    page.get_by_label("线下", exact=True).check()
    fill(page, {"收费标准（元/人）": fee, "开班安排": pattern})
    chosen = field(page, "测试地点").locator("option", has_text=site)
    field(page, "测试地点").select_option(value=chosen.get_attribute("value"))
    stage.shot(page, "机构-新增项目")
    page.get_by_role("button", name="新增", exact=True).click()
    told(page, f"已新增 {len(occupations)} 个培训项目")
    stage.shot(page, "机构-项目列表")


def review_people(stage: Stage, page: Page, names: list[str], returned: str) -> None:
    """The whole queue by the keyboard: A approves, R returns the one whose picture is bad (ELI-01, ELI-02)."""
    follow(page, "首页")
    stage.shot(page, "机构-首页（待审核）")
    follow(page, "资格审核")
    stage.shot(page, "机构-待审核列表")
    page.get_by_role("link", name="逐个审核").click()
    for place in range(len(names)):
        heading = page.locator("h1")
        expect(heading).to_contain_text("待资格审核")
        name = next(name for name in names if name in heading.inner_text())
        verdict = page.locator(".card").filter(has=page.get_by_role("heading", name="报考条件"))
        expect(verdict.get_by_text("符合", exact=True)).to_be_visible()
        expect(page.locator(".pane img").first).to_be_visible()
        if place == 0:
            stage.shot(page, "机构-审核一人")
        if name == returned:
            page.get_by_label("年限未盖章", exact=True).check()
            stage.shot(page, "机构-退回一人")
            press(page, "r")
            told(page, f"已退回：{name}")
        else:
            press(page, "a")
            told(page, f"已通过：{name}")
    told(page, "这一队列已全部办完")
    stage.shot(page, "机构-审核完")


def approve_again(stage: Stage, page: Page, name: str) -> None:
    """The one who was returned, with what was changed since."""
    follow(page, "资格审核")
    page.get_by_role("link", name="逐个审核").click()
    expect(page.locator("h1")).to_contain_text(name)
    told(page, "退回过 1 次")
    told(page, "已重新上传")
    stage.shot(page, "机构-复审")
    press(page, "a")
    told(page, f"已通过：{name}")


def open_payment(stage: Stage, page: Page, firm: str, picture: str) -> None:
    follow(page, "缴费确认")
    stage.shot(page, f"机构-{picture}列表")
    page.get_by_role("row").filter(has_text=firm).get_by_role("link").first.click()
    expect(page.locator(".pane img").first).to_be_visible()
    stage.shot(page, f"机构-{picture}")


def reject_voucher(stage: Stage, page: Page, firm: str, reason: str) -> None:
    """A voucher goes back with its reason (BIL-04)."""
    open_payment(stage, page, firm, "缴费核对")
    others = page.get_by_label("其他原因")
    if not others.is_visible():
        page.get_by_role("button", name="其他…").click()
    others.fill(reason)
    page.get_by_role("button", name="退回").click()
    told(page, "退回")
    stage.shot(page, "机构-凭证已退回")


def confirm_payment(stage: Stage, page: Page, firm: str, amount: str) -> None:
    """Agreed line by line, asked once, confirmed."""
    open_payment(stage, page, firm, "再次核对")
    page.get_by_role("button", name="确认缴费").click()
    asked = confirm(page, "确定", lambda: stage.shot(page, "机构-确认缴费提问"))
    assert amount in asked
    assert "不能撤销" in asked
    page.wait_for_load_state("networkidle")
    stage.shot(page, "机构-缴费已确认")


def sees_enrolled(stage: Stage, page: Page, names: list[str]) -> None:
    """Everybody is 已报名 on the institution's side (QRY-01)."""
    follow(page, "报名人员")
    for name in names:
        row = page.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("已报名")
    stage.shot(page, "机构-报名人员")

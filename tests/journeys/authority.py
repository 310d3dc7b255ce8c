"""What the people of a housing and construction department do."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.stage import Stage, field, fill, follow, sign_in, told


def first_sign_in(stage: Stage, page: Page, account: str, initial: str, password: str) -> None:
    """With the password that the operator was shown, then one of one's own (SEC-04)."""
    sign_in(page, "authority", account, initial)
    fill(page, {"原密码": initial, "新密码": password, "确认新密码": password})
    page.get_by_role("button", name="修改密码").click()
    told(page, "密码已修改")
    stage.shot(page, "主管部门-首页（空）")


def create_institution(stage: Stage, page: Page, values: dict[str, str], account: str, password: str) -> None:
    """Enter a training institution and its first account (ORG-12)."""
    follow(page, "培训机构")
    page.get_by_role("link", name="新建机构").first.click()
    field(page, "所在地区").select_option(label=values["所在地区"])
    fill(page, {label: value for label, value in values.items() if label != "所在地区"})
    fill(page, {"登录账号": account, "初始密码": password})
    stage.shot(page, "主管部门-新建机构")
    page.get_by_role("button", name="新建", exact=True).click()
    told(page, f"已新建，登录账号为 {account}")
    stage.shot(page, "主管部门-机构已建")


def open_registration(stage: Stage, page: Page, name: str, picture: str) -> None:
    """From the home page over the queue to one registration (ORG-10)."""
    follow(page, "首页")
    expect(page.get_by_role("link", name=name).first).to_be_visible()
    stage.shot(page, f"{picture}-首页")
    follow(page, "企业审核")
    stage.shot(page, f"{picture}-列表")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator(".stage img, .pane img").first).to_be_visible()
    stage.shot(page, f"{picture}-审核")


def reject_registration(stage: Stage, page: Page, name: str, own_words: str) -> None:
    """A reason from the list for the letter, one in own words for the basic data."""
    open_registration(stage, page, name, "主管部门-首次")
    page.get_by_label("承诺书未签字", exact=True).check()
    page.get_by_role("button", name="其他…").click()
    page.get_by_label("哪一项").select_option(label="基本信息")
    page.get_by_label("其他原因").fill(own_words)
    stage.shot(page, "主管部门-退回原因")
    page.get_by_role("button", name="不通过").click()
    told(page, f"{name}：审核不通过，原因已通知对方")


def approve_registration(stage: Stage, page: Page, name: str, *, before: str, after: str) -> None:
    """The second submission: what changed is marked, then approved."""
    open_registration(stage, page, name, "主管部门-再次")
    told(page, "改动了 2 项")
    expect(page.locator("mark", has_text=after)).to_be_visible()
    told(page, f"地址：{before} → {after}")
    told(page, f"上次：{before}")
    expect(page.get_by_text("企业承诺书（新）").first).to_be_visible()
    expect(page.get_by_text("企业承诺书（上次）").first).to_be_visible()
    page.get_by_role("button", name="通过", exact=False).first.click()
    told(page, f"{name}：已审核通过")
    stage.shot(page, "主管部门-已通过")

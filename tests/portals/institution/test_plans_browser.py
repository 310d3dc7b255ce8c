"""Making a training plan and having it reviewed, in a real browser (TRN-01 … TRN-03)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests import chromium
from tests.keys import press
from tests.zhupei.training.schools import make_school, moment
from zhupei.organizations.models import Teacher
from zhupei.training import services
from zhupei.training.models import TrainingPlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's browser with the arguments of all our browser tests."""
    return {
        **browser_type_launch_args,
        "executable_path": chromium.executable(),
        "args": list(chromium.ARGUMENTS),
    }


def sign_in(context: BrowserContext, live_server: Any, world: Any, who: Any) -> None:
    session = world.client(who).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def looked_at(page: Page, name: str) -> None:
    """No fault of axe, no sideways scrolling on a phone."""
    page.wait_for_load_state("networkidle")
    shots = os.environ.get("PLAN_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/{name}-wide.png", full_page=True)
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
    faults = Axe().run(page, options=options).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == [], name
    page.set_viewport_size({"width": 390, "height": 844})
    if shots:
        page.screenshot(path=f"{shots}/{name}-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.set_viewport_size({"width": 1440, "height": 900})


def fill_row(page: Page, number: int, day: int) -> None:
    row = page.locator("[data-row]").nth(number)
    row.get_by_label("日期").fill(f"{moment(day):%Y-%m-%d}")
    row.get_by_label("开始").fill("08:30")
    row.get_by_label("结束").fill("17:30")
    row.get_by_label("培训内容").fill("建筑施工安全生产知识")


def test_a_plan_is_made_reviewed_and_published(live_server, world, context, page):
    """TRN-01 … TRN-03: rows come and go in place, firms are found as one types, the verdict by keyboard."""
    school = make_school(world)
    Teacher.objects.create(
        institution=school.institution,
        kind="external",
        name="周工",
        subject="实操",
        id_number=world.invent.person().id_number,
    )
    firm = world.organization(supervisor=school.institution.supervisor)
    busy = services.create_plan(school.actor, school.data())
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})
    sign_in(context, live_server, world, school.actor.user)

    page.goto(f"{live_server.url}/institution/plans/new/")
    page.get_by_label("计划人数").fill("30")
    page.get_by_label(str(school.offer)).check()
    page.get_by_label("报名开始").fill(f"{moment(0):%Y-%m-%dT%H:%M}")
    page.get_by_label("报名截止").fill(f"{moment(1):%Y-%m-%dT%H:%M}")
    page.locator("#id_room").select_option(str(school.room.pk))
    fill_row(page, 0, 3)
    page.locator("[data-row]").nth(0).get_by_label("授课老师").select_option(label="沈老师")
    page.locator("[data-remove-row]").nth(1).click()
    page.get_by_role("button", name="增加一行").click()
    added = page.locator("[data-row]").nth(1)
    expect(added.get_by_label("日期")).to_have_value(f"{moment(4):%Y-%m-%d}")
    expect(added.get_by_label("开始")).to_have_value("08:30")
    added.get_by_label("培训内容").fill("实操训练")
    expect(page.locator("[data-hours]")).to_have_text("现在共 24 学时")

    expect(page.locator("[data-designated]")).to_be_hidden()
    page.get_by_label("指定企业", exact=True).check()
    page.get_by_label("查找企业").press_sequentially(firm.uscc[:8])
    page.locator("#organizations-found").get_by_label(firm.name).check()
    expect(page.locator("[data-picked-organizations]")).to_contain_text(firm.name)
    page.get_by_role("button", name="保存", exact=True).last.click()

    expect(page.locator(".row-errors").first).to_contain_text(f"已安排在计划 {busy.name}")
    looked_at(page, "form")
    for number in (0, 1):
        page.locator("[data-row]").nth(number).get_by_label("日期").fill(f"{moment(6 + number):%Y-%m-%d}")
    page.get_by_role("button", name="保存并提交审核").click()
    expect(page.locator("h1")).to_contain_text("未受理")
    plan = TrainingPlan.objects.exclude(pk=busy.pk).get()
    assert list(plan.organizations.all()) == [firm] and plan.days.count() == 2
    looked_at(page, "detail")
    page.get_by_role("link", name="查看审核记录").click()
    page.get_by_text("查看详情").click()
    looked_at(page, "record")
    page.goto(f"{live_server.url}/institution/plans/")
    looked_at(page, "list")
    page.goto(f"{live_server.url}/institution/plans/calendar/?month={moment(6):%Y-%m}")
    looked_at(page, "calendar")

    sign_in(context, live_server, world, school.institution.supervisor)
    page.goto(f"{live_server.url}/authority/plans/")
    looked_at(page, "work-list")
    page.get_by_role("link", name=plan.name).click()
    looked_at(page, "case")
    press(page, "a")
    expect(page.get_by_role("button", name="不通过")).to_be_visible()
    looked_at(page, "verdict")
    press(page, "a")
    page.wait_for_url("**/authority/plans/")
    plan.refresh_from_db()
    assert plan.stage == "upcoming"

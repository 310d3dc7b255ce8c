"""A score sheet on the examiner's phone, in a real browser (EXM-08)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.world import jpeg
from tests.zhupei.exam.rooms import Watched
from zhupei.assessment.models import AssessmentPlan
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.scores.models import PracticalScore

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def looked_at(page: Page, name: str) -> None:
    """No fault of axe, no sideways scrolling, on a phone and at a desk."""
    shots = os.environ.get("HALL_SHOTS")
    for width, height in ((1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        if shots:
            page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)
        options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
        faults = Axe().run(page, options=options).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_sheet_is_filled_in_on_a_phone(
    live_server: Any, world: Any, context: BrowserContext, page: Page
) -> None:
    """EXM-08: points add up as one types, a photo is taken, the next person comes by itself."""
    hall = open_hall(3)
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(has_practical=True, practical_place="一号实训棚")
    watched = Watched(hall, world.actor(hall.plan.institution, role="examiner"))
    first, other = watched.people[:2]
    world.material(first.enrollment)
    session = world.client(watched.actor.user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/institution/practical/")
    looked_at(page, "practical-plans")
    page.get_by_role("link", name=hall.plan.name).click()
    expect(page.get_by_text(first.enrollment.name)).to_be_visible()
    looked_at(page, "practical-people")
    page.get_by_role("link", name=first.enrollment.name).click()
    for label, points in (("安全防护", "18"), ("操作工艺", "35.5"), ("成品质量", "27"), ("文明施工", "9")):
        page.get_by_label(label).fill(points)
    expect(page.locator("[data-sum]")).to_have_text("89.5")
    photo = {"name": "工作面.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.locator("zp-upload").first.locator("input[type=file]").set_input_files([photo])
    expect(page.get_by_text("已上传，保存评分后生效")).to_be_visible()
    looked_at(page, "practical-sheet")
    page.get_by_role("button", name="保存，评下一人").click()
    expect(page.locator("h1")).to_contain_text(other.enrollment.name)
    score = PracticalScore.objects.get()
    assert score.candidate == first and score.photos.count() == 1
    page.goto(f"{live_server.url}/institution/practical/people/{first.pk}/")
    expect(page.get_by_label("安全防护")).to_have_value("18")
    looked_at(page, "practical-given")

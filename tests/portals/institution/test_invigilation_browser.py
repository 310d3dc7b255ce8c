"""A room in a real browser: what happens appears by itself, focus and typing stay (EXM-03, EXM-06)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.zhupei.exam.rooms import Watched, sit
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.hall.models import Answer, Attempt, Entry, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, invigilation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def watched(world: Any) -> Watched:
    hall = open_hall(14, admission="invigilator")
    found = Watched(hall, world.actor(hall.plan.institution, role="examiner"))
    for person in found.people[:6]:
        world.material(person.enrollment)
    return found


def sign_in(context: BrowserContext, live_server: Any, world: Any, who: Any) -> None:
    session = world.client(who).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])


def looked_at(page: Page, name: str) -> None:
    """No fault of axe, no sideways scrolling on a phone."""
    shots = os.environ.get("HALL_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/{name}-wide.png")
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
    faults = Axe().run(page, options=options).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == [], name
    for width, height in ((820, 1180), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        if shots:
            page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.set_viewport_size({"width": 1366, "height": 768})


def furnish(watched: Watched) -> None:
    """Somebody in every state."""
    people = watched.people
    for place, person in enumerate(people[2:8]):
        attempt = sit(person, left_count=place % 3)
        Answer.objects.bulk_create(
            Answer(
                month=attempt.month,
                attempt=attempt,
                number=n,
                choice="A",
                version=1,
                saved_at=watched.hall.session.starts_at,
            )
            for n in range(1, 8 * place + 2)
        )
    sit(people[8], "admitted")
    sit(people[9], "submitted")
    invigilation.void(watched.actor, people[10], "cheating", "替考")
    Attempt.objects.filter(candidate=people[7]).update(seen_at=watched.hall.session.starts_at)
    ExamEvent.objects.create(candidate=people[4], kind=EventKind.LEFT)
    Entry.objects.create(candidate=people[6], address="10.1.3.22")


def test_what_happens_in_the_room_appears_by_itself(
    live_server: Any, world: Any, context: BrowserContext, page: Page, watched: Watched
) -> None:
    """EXM-06: sign-in, admission, more time, void, without a reload; focus and half-typed reasons stay."""
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in(context, live_server, world, watched.actor.user)
    first, second = watched.people[:2]
    page.goto(f"{live_server.url}/institution/invigilation/")
    page.get_by_role("link", name="第 01 考场").first.click()
    seat = page.locator("#seat-1")
    expect(seat).to_contain_text("未到")
    seat.focus()

    entry = Entry.objects.create(candidate=first, address="10.1.3.21")
    Entry.objects.create(candidate=second, address="10.1.3.22")
    expect(seat).to_contain_text("待放行")
    expect(seat).to_be_focused()
    expect(page.get_by_role("button", name="全部放行（已核对身份证）")).to_be_visible()
    admission.admit(watched.actor, first, note="核对本人", entry=entry)
    expect(seat).to_contain_text("已签到")

    furnish(watched)
    third = watched.people[2]
    page.locator("#seat-3").click()
    panel = page.locator("[data-region=panel]")
    expect(panel).to_contain_text(third.ticket_number or "-")
    expect(page.locator("#seat-8")).to_contain_text("断线")
    expect(page.locator("#seat-5")).to_contain_text("离开窗口")
    panel.get_by_text("延长时间").click()
    panel.get_by_label("原因").first.fill("机器重")
    attempt = Attempt.objects.get(candidate=third)
    invigilation.extend(watched.actor, attempt, 20, "停电")
    expect(panel).to_contain_text("延长 20 分钟：停电")
    expect(panel.get_by_label("原因").first).to_have_value("机器重")
    looked_at(page, "room")
    panel.get_by_label("延长几分钟").fill("5")
    panel.get_by_role("button", name="延长").click()
    expect(page.get_by_text("延长 5 分钟，考试到")).to_be_visible()

    invigilation.void(watched.actor, third, "cheating", "夹带")
    expect(page.locator("#seat-3")).to_contain_text("作废")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.get_by_role("button", name="放行", exact=True).first.click()
    expect(page.get_by_text("已放行。")).to_be_visible()
    page.goto(f"{live_server.url}/institution/invigilation/{watched.room.pk}/events/")
    looked_at(page, "record")
    page.goto(f"{live_server.url}/institution/invigilation/")
    looked_at(page, "rooms")

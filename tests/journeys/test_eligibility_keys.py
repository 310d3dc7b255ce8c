"""资格审核 with the keyboard alone, in a real browser (ELI-01, ELI-02): look, approve, return with a reason, on to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.keys import press
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
S = EnrollmentState
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOK_FIRST_MS = 600  # so long a case must have been in sight


@pytest.fixture
def batch(transactional_db: None) -> Batch:
    """Five people in a certain order; the third is not eligible by the rules."""
    from tests.world import World

    made = World().batch(5, state=S.SUBMITTED, materials=True)
    names = ["陆一鸣", "沈若兰", "欧阳振华", "许文静", "何晓峰"]
    for number, row in enumerate(made.enrollments.order_by("pk")):
        Enrollment.objects.filter(pk=row.pk).update(
            name=names[number],
            practice_years=0 if number == 2 else 5,
            submitted_at=timezone.now() - dt.timedelta(hours=9 - number),
        )
    return made


@pytest.fixture
def clerk(page: Page, live_server: Any, batch: Batch) -> Iterator[Callable[..., Page]]:
    """Opens an address signed in as a clerk of the institution; fails on errors of scripts and breaches of the policy."""
    from tests.world import World

    client = World().client(batch.institution)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda entry: faults.append(entry.text) if "Content Security Policy" in entry.text else None,
    )

    def open_(path: str, width: int = 1366, height: int = 768) -> Page:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    page.wait_for_load_state("networkidle")  # a request under way would hold the tables that are emptied now
    assert faults == []


def state_of(name: str) -> str:
    return Enrollment.objects.get(name=name).state


def test_a_queue_is_reviewed_by_keys_alone(clerk: Callable[..., Page], batch: Batch) -> None:
    """J and K leaf, A approves, a chip and R return, the next case comes by itself, at the end the list."""
    page = clerk("/institution/eligibility/")
    page.get_by_role("link", name="逐个审核").click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_contain_text("陆一鸣")
    expect(page.get_by_text("第 1 / 5 人")).to_be_visible()
    press(page, "j")
    expect(title).to_contain_text("沈若兰")
    press(page, "k")
    expect(title).to_contain_text("陆一鸣")

    press(page, "a")
    expect(title).to_contain_text("沈若兰")
    expect(page.get_by_text("已通过：陆一鸣。")).to_be_visible()
    expect(page.get_by_text("第 1 / 4 人")).to_be_visible()

    press(page, "r")
    expect(page.get_by_text("请先点选或写明原因")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "reason"
    page.keyboard.press("Space")
    press(page, "r")
    expect(title).to_contain_text("欧阳振华")
    expect(page.get_by_text("已退回：沈若兰。")).to_be_visible()

    press(page, "a")
    expect(page.get_by_text("条件判断为“不符合”：")).to_be_visible()
    page.get_by_label("仍要通过的请写明依据").fill("另附社保证明")
    page.get_by_role("button", name="通过 A").click()
    expect(title).to_contain_text("许文静")

    for name in ("何晓峰", "资格审核"):
        press(page, "a")
        expect(title).to_contain_text(name)
    expect(page.get_by_text("这一队列已全部办完。")).to_be_visible()
    assert [state_of(name) for name in ("陆一鸣", "沈若兰", "欧阳振华", "许文静", "何晓峰")] == [
        S.ELIGIBLE,
        S.RETURNED,
        S.ELIGIBLE,
        S.ELIGIBLE,
        S.ELIGIBLE,
    ]
    assert Enrollment.objects.get(name="沈若兰").reasons == {"portrait": "不清晰，请换近期清晰的一寸免冠照"}


def test_a_key_struck_twice_decides_once(clerk: Callable[..., Page], batch: Batch) -> None:
    """Nobody is approved before having been looked at; a key that came too early says so."""
    page = clerk("/institution/eligibility/")
    page.clock.install()
    page.clock.pause_at(timezone.now() + dt.timedelta(minutes=1))  # time passes by command only
    page.get_by_role("link", name="逐个审核").click()
    title, early = page.get_by_role("heading", level=1), page.get_by_text("刚才的按键没有生效")
    acts = page.locator("[data-key=a][aria-keyshortcuts]")
    expect(title).to_contain_text("陆一鸣")
    expect(acts).to_have_count(0)
    in_sight(page)
    expect(acts).to_be_visible()
    page.keyboard.down("a")
    page.clock.run_for(1)  # whatever the page does after the key
    expect(title).to_contain_text("沈若兰")
    page.wait_for_load_state()
    page.keyboard.down("a")  # held: it repeats
    expect(early).to_be_hidden()
    page.keyboard.up("a")
    page.keyboard.press("a")
    expect(early).to_be_visible()
    expect(title).to_contain_text("沈若兰")
    assert state_of("陆一鸣") == S.ELIGIBLE
    assert state_of("沈若兰") == S.SUBMITTED
    in_sight(page)
    press(page, "a")
    page.clock.run_for(1)
    expect(title).to_contain_text("欧阳振华")
    assert state_of("沈若兰") == S.ELIGIBLE


def in_sight(page: Page) -> None:
    """The case has been in sight long enough; the first frame starts the time."""
    page.wait_for_load_state()
    page.clock.run_for(100)
    page.clock.run_for(LOOK_FIRST_MS)


def test_images_are_looked_at_closely(clerk: Callable[..., Page], batch: Batch) -> None:
    """ELI-01: wheel, zoom, rotation, side by side with the portrait, arrows for the next image."""
    row = Enrollment.objects.get(name="陆一鸣")
    page = clerk(f"/institution/eligibility/{row.pk}/")
    picture, caption = page.locator(".stage .pane img"), page.locator(".stage-caption")
    expect(caption).to_have_text("身份证正面")

    def transform() -> str:
        return picture.evaluate("image => image.style.transform")

    before = transform()
    page.locator(".stage .pane").hover()
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        "before => document.querySelector('.stage .pane img').style.transform !== before", arg=before
    )
    page.get_by_role("button", name="旋转").click()
    assert "rotate(90deg)" in transform()
    expect(page.locator(".pane-face")).to_be_hidden()
    page.get_by_role("button", name="与头像并排").click()
    expect(page.locator(".pane-face img")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(caption).to_have_text("身份证反面")
    page.get_by_role("button", name="学历证书").click()
    expect(caption).to_have_text("学历证书")


def test_the_id_number_shows_for_a_while(clerk: Callable[..., Page], batch: Batch) -> None:
    """SEC-02: by the eye button."""
    row = Enrollment.objects.get(name="陆一鸣")
    page = clerk(f"/institution/eligibility/{row.pk}/")
    expect(page.locator(".masked-text")).not_to_have_text(row.id_number)
    page.get_by_role("button", name="查看完整身份证号").click()
    expect(page.locator(".masked-text")).to_have_text(row.id_number)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1366, 768), (390, 844)])
def test_pages_fit_and_are_accessible(
    clerk: Callable[..., Page], batch: Batch, width: int, height: int
) -> None:
    """ui.md: axe-core clean, no sideways scrolling; the verdict is in sight without scrolling on a clerk's screen."""
    row = Enrollment.objects.get(name="欧阳振华")
    for path in (
        "",
        "eligibility/",
        f"eligibility/{row.pk}/",
        "people/",
        f"people/{row.pk}/",
        "profile/",
        "profile/edit/",
    ):
        page = clerk(f"/institution/{path}", width, height)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if path.startswith("eligibility/") and path != "eligibility/" and width > 1000:
            box = page.get_by_role("button", name="通过 A").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= height

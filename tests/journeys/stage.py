"""Where a journey is played: one Chromium window for each role, a worker process, pictures of every step."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

DESK = (1366, 768)
PHONE = (390, 844)
# What Chromium writes to the console when a page is answered with a refusal; the page itself says it in words.
REFUSED = re.compile(r"status of (404|409|422|429)")


class Stage:
    """Opens windows, takes pictures (JOURNEY_SHOTS names the folder), and keeps an eye on the console."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.faults: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._numbers = itertools.count(1)
        folder = os.environ.get("JOURNEY_SHOTS", "")
        self.folder = Path(folder) if folder else None
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)

    def window(self) -> Page:
        """A browser window of its own: own cookies, own tab storage."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": DESK[0], "height": DESK[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda entry: self._heard(page, entry))
        return page

    def _heard(self, page: Page, entry: ConsoleMessage) -> None:
        if entry.type == "error" and not REFUSED.search(entry.text):
            self.faults.append(f"{page.url}: {entry.text}")

    def shot(self, page: Page, name: str, *, phone: bool = False) -> None:
        """A picture of the whole page, with `phone` a second one at 390 px; nothing unless JOURNEY_SHOTS is set."""
        if self.folder is None:
            return
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        heard = len(self.faults)
        number = next(self._numbers)
        page.screenshot(path=self.folder / f"{number:02d}-{name}.png", full_page=True)
        if phone:
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            page.screenshot(path=self.folder / f"{number:02d}-{name}-phone.png", full_page=True)
            page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        del self.faults[heard:]  # what taking the picture itself puts into the page

    def sms(self, phone: str, words: str) -> str:
        """The newest text message to a phone that holds `words`, read from the inbox page (NTF-01)."""
        page = self.window()
        page.goto(f"/dev/sms/?phone={phone}")
        found = page.locator(".sms").filter(has_text=words).filter(has_text="已发送").first
        expect(found).to_be_visible(timeout=20_000)
        text = found.locator("p").inner_text()
        page.context.close()
        return text

    def close(self) -> None:
        """Leave; the last state of every window is worth a picture when something went wrong."""
        for context in self._contexts:
            for page in context.pages:
                self.shot(page, "last")
            context.close()


@contextmanager
def worker() -> Iterator[None]:
    """The worker process that `zhupei serve` starts, on the test's database and files."""
    with connection.cursor() as cursor:  # what other tests enqueued and nobody was there to do
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    address = (
        urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    )
    environment = os.environ | {"DATABASE_URL": address, "ZHUPEI_VAR": str(settings.VAR)}
    command = [
        sys.executable,
        "-m",
        "zhupei.config.cli",
        "procrastinate",
        "worker",
        "--fetch-job-polling-interval",
        "1",
    ]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def follow(page: Page, entry: str) -> None:
    """Click an entry of the left menu."""
    page.get_by_role("navigation", name="主菜单").get_by_role("link", name=entry).click()


def field(page: Page, label: str) -> Locator:
    """The control of a labeled field."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}\s*\*?$")).first


def fill(page: Page, values: dict[str, str]) -> None:
    """Type into fields by their labels."""
    for label, value in values.items():
        field(page, label).fill(value)


def confirm(page: Page, label: str, picture: Callable[[], None] | None = None) -> str:
    """Answer the question that the page asks with yes; returns what was asked."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    asked = dialog.inner_text()
    if picture:
        picture()
    dialog.get_by_role("button", name=label, exact=True).click()
    return asked


def told(page: Page, words: str) -> None:
    """The page says so, in a message or alert."""
    expect(page.locator("#main, main").get_by_text(words).first).to_be_visible()


def sign_in(page: Page, portal: str, account: str, password: str) -> None:
    page.goto(f"/sign-in/{portal}/")
    page.locator("[name=account]").fill(account)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)

"""Keys of the review screens in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def press(page: Page, key: str) -> None:
    """Strike a key of a review screen once the page says that it acts: a verdict must be looked at first."""
    expect(page.locator(f"[data-key='{key}'][aria-keyshortcuts]").first).to_be_visible()
    page.keyboard.press(key)

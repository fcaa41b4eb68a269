"""What one does on pages, and hears of them, with scripts or without."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.signing_in import sign_in


def sign_in_and_open_email(page: Page) -> None:
    """Alice signs in for the first time, skips choosing, and has a look at her e-mails."""
    sign_in(page, "alice")
    press(page, "Skip for now")
    page.get_by_role("link", name="E-mail").click()


def press(page: Page | Locator, name: str, then: str | re.Pattern[str] = "") -> None:
    """Press the first button of that name, and see what the page says then."""
    page.get_by_role("button", name=name, exact=True).first.click()
    if then:
        expect_text(page, then)


def expect_text(page: Page | Locator, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def expand(page: Page | Locator, words: str) -> None:
    page.locator("summary").filter(has_text=words).first.click()


def fill(page: Page, label: str, value: str, button: str) -> None:
    page.get_by_label(label).fill(value)
    press(page, button)

"""The browser's time zone, and pausing everything, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import World


@pytest.fixture
def berlin(browser: Browser, world: World) -> Iterator[Page]:
    """A window of somebody in Berlin."""
    base_url = world.services.settings.web.base_url
    with browser.new_context(base_url=base_url, timezone_id="Europe/Berlin") as context:
        yield context.new_page()


def test_a_zone_is_offered_and_taken_with_one_click(berlin: Page) -> None:
    sign_in(berlin, "alice")
    # Given a page that says where the browser is, and has saved nothing
    offer = berlin.locator("#zone-offer")
    expect(offer).to_contain_text("You seem to be in Berlin")
    berlin.goto("/account")
    expect(berlin.get_by_label("Your time zone")).to_have_value("UTC")
    # When that's right
    berlin.get_by_role("button", name="Use Berlin").click()
    # Then it's saved, one stays where one was, and is never asked again
    expect(berlin.get_by_role("heading", name="alice")).to_be_visible()
    expect(berlin.get_by_label("Your time zone")).to_have_value("Europe/Berlin")
    expect(offer).to_have_count(0)


def test_who_is_in_utc_is_offered_nothing(page: Page) -> None:
    sign_in(page, "alice")
    expect(page.locator("#zone-offer")).to_be_hidden()


def test_everything_is_paused_and_resumed_by_keyboard(page: Page) -> None:
    sign_in(page, "alice")
    page.goto("/")
    page.locator("#pause summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="For an hour")).to_be_focused()
    page.keyboard.press("Enter")
    notice = page.get_by_role("status").filter(has_text="All your notifications are paused until today at")
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Resume now").click()
    expect(notice).to_have_count(0)

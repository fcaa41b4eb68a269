"""Setting a context up on a phone, by the keyboard alone and without JavaScript."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from fmn.people.models import Confirmation, Preference
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import World


def press(where: Locator, *keys: str) -> None:
    where.focus()
    for key in keys:
        where.page.keyboard.press(key)


def confirm_elsewhere(browser: Browser, world: World) -> None:
    """Follow the newest link in another browser."""
    with world.services.database.reading() as session:
        newest = session.scalars(select(Confirmation)).one().public_id
    with browser.new_context() as context:
        window = context.new_page()
        window.goto(world.services.links.confirm(newest))
        press(window.get_by_role("button", name="Confirm address"), "Enter")
        expect(window.get_by_role("heading", level=1)).to_have_text("ali@example.net is confirmed")


def saved(world: World) -> Preference:
    with world.services.database.reading() as session:
        return session.get_one(Preference, world.preference_id)


def set_frequency(frequency: Locator, mode: str, **fields: str) -> None:
    """Choose one way of being written to, fill in what that shows, and save it."""
    press(frequency.get_by_label(mode), "Space")
    for label, text in fields.items():
        frequency.get_by_label(label.replace("_", " "), exact=True).fill(text)
    press(frequency.get_by_role("button", name="Save"), "Enter")


def test_alice_adds_an_address_and_is_sent_digests(browser: Browser, world: World) -> None:
    base_url = world.services.settings.web.base_url
    with browser.new_context(
        base_url=base_url, java_script_enabled=False, viewport={"width": 390, "height": 800},
    ) as context:
        page = context.new_page()
        sign_in(page, "alice")
        page.goto("/preferences/email")

        # When she adds an address, and confirms it elsewhere
        page.get_by_label("E-mail address").fill("ali@example.net")
        press(page.get_by_label("E-mail address"), "Enter")
        expect(page.get_by_role("status")).to_contain_text("a link to ali@example.net")
        expect(page.get_by_text("Pending")).to_be_visible()
        confirm_elsewhere(browser, world)
        page.reload()
        expect(page.get_by_text("Pending")).not_to_be_visible()
        press(page.get_by_role("button", name="Send test ali@example.net"), "Enter")
        expect(page.get_by_role("status")).to_have_text("Sent a test notification to ali@example.net.")

        # And opens what's closed, where each choice shows what belongs to it, and slips once
        frequency = page.locator("#frequency")
        expect(frequency.get_by_label("At set times")).not_to_be_visible()
        press(frequency.locator("summary"), "Enter")
        expect(frequency.get_by_label("Send after this many notifications")).not_to_be_visible()
        set_frequency(frequency, "At set times", Times="25:00")
        expect(page.get_by_text("“25:00” isn’t a time of day. Write one such as 08:00.")).to_be_visible()
        set_frequency(
            frequency, "In a digest", Send_after_this_many_notifications="20",
            Or_this_long_after_the_first_one="2")

        # Then it's saved, and said so
        expect(page.get_by_role("status")).to_have_text(
            "Saved: in a digest every 2 hours or 20 notifications.")
        assert (saved(world).digest_count, saved(world).digest_seconds) == (20, 7_200)

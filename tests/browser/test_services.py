"""Adding a chat by its tile, by the keyboard alone, and copying what is to be said on IRC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from fmn.wiring import Services
from tests.browser.accessibility import axe_violations
from tests.browser.conftest import being_served, window
from tests.browser.page_actions import expect_text, press
from tests.browser.signing_in import sign_in

TOPIC = "fmn-x8Qe2vLk0a"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with being_served(tmp_path, channels=("email", "irc", "apprise")) as served:
        yield served


def test_a_chat_is_two_clicks_and_what_is_copied_away(browser: Browser, services: Services) -> None:
    with window(browser, services, scripts=False) as page:
        sign_in(page, "alice")
        page.goto("/preferences/apprise")
        page.get_by_role("link", name="Choose a service").press("Enter")
        page.get_by_role("link", name="ntfy A topic on your phone or desktop").press("Enter")
        page.get_by_label("Topic").fill("two words")
        page.get_by_label("Topic").press("Enter")
        expect_text(page, "Enter the topic’s name: up to 64 letters")
        page.get_by_label("Topic").fill(TOPIC)
        page.get_by_label("Topic").press("Enter")
        expect_text(page, "Type it below to confirm the address.")
        expect(page.get_by_role("button", name="Switch Matrix, chat and push off")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/services", "/services/signal", "/preferences/apprise", "/preferences/irc"])
def test_the_pages_are_for_everyone(browser: Browser, services: Services, path: str) -> None:
    with window(browser, services) as page:
        sign_in(page, "alice")
        page.goto(path)
        for scheme in ("light", "dark"):
            page.emulate_media(
                color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.set_viewport_size({"width": 320, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert axe_violations(page) == []


def test_what_is_to_be_said_on_irc_is_copied(browser: Browser, services: Services) -> None:
    with window(browser, services) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        sign_in(page, "alice")
        page.goto("/preferences/irc")
        page.get_by_label("Nick, such as alice").fill("alice")
        press(page, "Add", "send the message shown below")
        page.locator("pre + [data-copy]").click()
        expect_text(page, "Copied")
        assert page.evaluate("navigator.clipboard.readText()").startswith("/msg fmn confirm ")

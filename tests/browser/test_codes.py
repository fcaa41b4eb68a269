"""Confirming addresses by codes on a phone, by the keyboard alone and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from fmn.people.models import Confirmation
from fmn.wiring import Services
from tests.browser.accessibility import axe_violations
from tests.browser.conftest import being_served, window
from tests.browser.page_actions import expect_text, press
from tests.browser.signing_in import sign_in
from tests.factories.extra_channels import PARROT, PIGEON, other_channels

PHONE: Final = 390
#: The width that WCAG's reflow (1.4.10) asks for.
NARROWEST: Final = 320
LOFT: Final = "loft://example.org/secret"


@pytest.fixture
def aviary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The web app with channels in which addresses are confirmed by codes."""
    with other_channels(tmp_path_factory.mktemp("channels")), being_served(
        tmp_path_factory.mktemp("site"), channels=("email", PIGEON, PARROT),
    ) as services:
        yield services


@pytest.fixture
def phone(browser: Browser, aviary: Services) -> Iterator[Page]:
    """Alice's, without scripts. She has just come."""
    with window(browser, aviary, scripts=False) as page:
        page.set_viewport_size({"width": PHONE, "height": 844})
        sign_in(page, "alice")
        yield page


@pytest.fixture
def judge(browser: Browser, aviary: Services) -> Iterator[Page]:
    """A window of hers with scripts, which those need who judge pages."""
    with window(browser, aviary) as page:
        sign_in(page, "alice")
        yield page


def code_sent(services: Services) -> str:
    with services.database.reading() as session:
        return services.links.code(
            session.scalars(select(Confirmation).order_by(Confirmation.id.desc()).limit(1)).one().public_id)


def enter(page: Page, label: str, text: str) -> None:
    """Type into a field and send its form, without the mouse."""
    field = page.get_by_label(label)
    field.fill(text)
    field.press("Enter")


def judged(page: Page, path: str) -> None:
    """Everybody can use it, in whichever colours, and nobody has to scroll sideways."""
    page.goto(path)
    for scheme, width in (("light", NARROWEST), ("dark", NARROWEST), ("light", PHONE)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe_violations(page) == []


def test_a_code_is_typed_where_it_is_wanted(phone: Page, judge: Page, aviary: Services) -> None:
    # When Alice begins with a channel that sends codes
    phone.goto("/welcome")
    expect(phone.get_by_label("Loft, such as")).not_to_be_visible()
    phone.get_by_text("Other channels").click()
    phone.get_by_label("Pigeon").check()
    expect(phone.get_by_label("E-mail address")).not_to_be_visible()
    phone.locator("summary", has_text="eady-made filters").click()
    phone.get_by_label("My name comes up").check()
    enter(phone, "Loft, such as", LOFT)
    expect_text(phone, "type the code we sent to loft://example.org/…")
    phone.get_by_role("link", name="Confirm the address").click()
    judged(judge, f"/preferences/{PIGEON}")

    # and mistypes it once
    enter(phone, "Code for loft://example.org/…", "0000-0000")
    expect_text(phone, "Wrong code for loft://example.org/….")
    enter(phone, "Code for loft://example.org/…", code_sent(aviary).lower().replace("-", " "))

    # Then she's there
    expect_text(phone, "Confirmed loft://example.org/….")
    expect_text(phone, "We send matching notifications immediately.")
    press(phone, "Send test loft://example.org/…", "Sent a test notification")


def test_a_code_is_shown_that_is_to_be_said(phone: Page, judge: Page, aviary: Services) -> None:
    phone.goto(f"/preferences/{PARROT}")
    enter(phone, "Perch, such as polly", "Polly")
    expect_text(phone, "To confirm polly, send the message shown below from that nick.")
    judged(judge, f"/preferences/{PARROT}")
    said = phone.get_by_text(re.compile("^/squawk confirm ")).inner_text()
    aviary.chat_commands.answer(PARROT, "polly", said.removeprefix("/squawk "))
    phone.reload()
    expect_text(phone, "Confirmed")
    expect(phone.get_by_text("/squawk")).to_have_count(0)


def test_the_first_visit_with_several_channels_is_for_everyone(judge: Page) -> None:
    judged(judge, "/welcome")

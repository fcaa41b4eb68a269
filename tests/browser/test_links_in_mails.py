"""What a person does who follows a mail's links, in a real browser."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.integration.webapp.world import World

#: A phone's width in CSS pixels, and one that WCAG's reflow (1.4.10) asks for.
NARROW = (390, 320)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def reach(page: Page, words: str) -> None:
    """Go on with Tab until a link or button of these words has the focus."""
    for _ in range(30):
        press(page, "Tab")
        if page.evaluate("document.activeElement.textContent").strip() == words:
            return
    pytest.fail(f"{words!r} can't be reached with the keyboard")


def test_alice_sees_why_and_stops_it_with_the_keyboard_alone(page: Page, world: World) -> None:
    # Given a page that says why Alice got a mail
    page.goto(world.why)
    expect(page.get_by_role("heading", level=1)).to_contain_text("tom commented on the update moss")

    # When she looks at what else the filter asks, and follows the link that stops it
    reach(page, "2 exceptions, none of which apply")
    press(page, "Enter")
    expect(page.get_by_text("Mentioning me")).to_be_visible()
    reach(page, "Stop this filter")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stop “My packages”?")
    assert world.on == (True, True)
    reach(page, "Stop this filter")
    press(page, "Enter")

    # Then it's stopped, until she takes that back
    expect(page.get_by_role("heading", level=1)).to_have_text("“My packages” is stopped")
    assert world.on == (True, False)
    reach(page, "Undo")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("“My packages” is on again")
    assert world.on == (True, True)


def test_the_first_stop_of_the_keyboard_skips_to_the_content(page: Page, world: World) -> None:
    page.goto(world.stop_filter)
    press(page, "Tab")
    expect(page.get_by_text("Skip to content")).to_be_in_viewport()
    press(page, "Enter", "Tab")
    expect(page.get_by_role("button", name="Stop this filter")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", NARROW)
def test_nothing_is_cut_off_on_a_phone(
    page: Page, world: World, width: int, scheme: Literal["light", "dark"],
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for where in ("/", world.why, world.stop_filter, world.stop_all):
        page.goto(where)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width

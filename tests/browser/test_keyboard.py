"""From signing in to muting by the keyboard alone, in a real browser: one always sees where one is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe_violations
from tests.browser.keyboard import Keyboard
from tests.integration.webapp.world import NAME, World


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    return Keyboard(page)


def test_all_can_be_done_with_the_keyboard_alone(page: Page, keyboard: Keyboard, world: World) -> None:
    # Given messages about moss
    world.receive_recent_comment()

    comes(page, keyboard)
    sets_how_often(page, keyboard)
    makes_a_filter(page, keyboard)
    tends_the_list(page, keyboard)
    mutes(page, keyboard)
    world.receive_comment()
    assert world.notifications == 1


def lands(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def comes(page: Page, keyboard: Keyboard) -> None:
    page.goto("/")
    keyboard.press("Tab", "Enter", "Tab")
    assert keyboard.sees() == "Sign in"
    keyboard.press("Enter")
    lands(page, "Sign in")
    keyboard.reach("Account name")
    keyboard.type("alice")
    keyboard.press("Enter")
    lands(page, "Your notifications")
    keyboard.reach("Add a ready-made filter")
    keyboard.press("Enter")
    lands(page, "What should we notify you about?")
    keyboard.reach("Skip for now")
    keyboard.press("Space")
    lands(page, "Your notifications")
    keyboard.reach("E-mail")
    keyboard.press("Enter")
    lands(page, "E-mail")


def sets_how_often(page: Page, keyboard: Keyboard) -> None:
    keyboard.reach("Schedule immediately")
    keyboard.press("Enter")
    keyboard.reach("Immediately")
    keyboard.press("ArrowDown")
    assert keyboard.sees() == "In a digest"
    keyboard.press("ArrowDown")
    assert keyboard.sees() == "At set times"
    keyboard.reach("Times")
    keyboard.type("25:30")
    keyboard.press("Enter")
    expect(page.get_by_text("“25:30” isn’t a time of day.")).to_be_visible()
    assert axe_violations(page) == []
    keyboard.reach("Times")
    keyboard.type("07:30")
    keyboard.reach("Sat")
    keyboard.press("Space")
    keyboard.reach("Save")
    keyboard.press("Enter")
    expect(page.get_by_text("Saved: in a digest at 07:30 on Monday")).to_be_visible()


def makes_a_filter(page: Page, keyboard: Keyboard) -> None:
    keyboard.reach("Create filter")
    keyboard.press("Enter")
    lands(page, "New filter")
    assert keyboard.sees() == "Find a rule"
    keyboard.type("Concerns a package")
    expect(page.locator("#offers")).not_to_contain_text("Caused by a person")
    keyboard.reach("Add Concerns a package")
    keyboard.press("Enter")

    # In place, and the keyboard is where one goes on
    expect(page.get_by_label("Package", exact=True)).to_be_focused()
    keyboard.type("moss")
    expect(page.locator("#words")).to_contain_text("1 message")
    keyboard.press("Escape")  # names that it may be completed with
    keyboard.reach("Condition", by="Shift+Tab")
    keyboard.press("ArrowDown")
    expect(page.locator("#findings")).to_contain_text("Fix this before saving")
    assert axe_violations(page) == []
    keyboard.press("ArrowUp")
    expect(page.locator("#findings")).to_be_empty()
    assert keyboard.sees() == "Condition"
    keyboard.reach("Edit as text", by="Shift+Tab")
    keyboard.press("Enter")
    expect(page.get_by_label("Expression")).to_be_focused()

    # What can't be in rows is said, and takes nothing away
    keyboard.type("not not koji_tag")
    keyboard.reach("Edit as rows", by="Shift+Tab")
    keyboard.press("Enter")
    expect(page.get_by_text("This filter uses double negation")).to_be_visible()
    expect(page.get_by_label("Expression")).to_be_focused()
    keyboard.type("koji_tag and package_filter(moss)")
    keyboard.reach("Edit as rows", by="Shift+Tab")
    keyboard.press("Enter")
    expect(page.get_by_label("Condition").first).to_be_focused()
    keyboard.reach("Remove Build tagged")
    keyboard.press("Enter")
    expect(page.get_by_label("Package", exact=True)).to_be_focused()
    expect(page.locator("#words")).to_contain_text("1 message")
    keyboard.reach("Save")
    keyboard.press("Enter")
    expect(page.get_by_text("Saved “About moss”.")).to_be_visible()


def tends_the_list(page: Page, keyboard: Keyboard) -> None:
    """Each button renews the list in place, and one is where one was."""
    name, where = "About moss", page.url
    keyboard.reach(f"Switch off {name}")
    keyboard.press("Enter")
    expect(page.get_by_text(f"Switched “{name}” off.")).to_be_visible()
    assert keyboard.sees() == f"Switch on {name}"
    keyboard.press("Enter")
    expect(page.get_by_text(f"Switched “{name}” on.")).to_be_visible()
    assert keyboard.sees() == f"Switch off {name}"
    keyboard.reach(f"More for {name}")
    keyboard.press("Enter")
    keyboard.reach("Snooze")
    keyboard.press("ArrowDown")
    keyboard.reach(f"Snooze {name}")
    keyboard.press("Enter")
    expect(page.get_by_text(f"Snoozed “{name}” until")).to_be_visible()
    assert keyboard.sees() == f"Snooze {name}"
    keyboard.reach(f"Switch off after one match {name}")
    keyboard.press("Enter")
    expect(page.get_by_text(f"“{name}” will switch itself off after one match.")).to_be_visible()
    assert keyboard.sees() == f"Keep on after a match {name}"
    keyboard.reach(f"Delete {name}")
    keyboard.press("Enter")
    expect(page.get_by_text(f"Deleted “{name}”.")).to_be_visible()
    assert axe_violations(page) == []
    assert keyboard.sees() == "Undo"
    keyboard.press("Enter")
    expect(page.get_by_text(f"Restored “{name}”.")).to_be_visible()
    assert keyboard.sees() == name
    keyboard.reach("Ready-made filters 16 filters to add")
    keyboard.press("Enter")
    keyboard.reach("Add Builds of my packages")
    keyboard.press("Enter")
    expect(page.get_by_text("Added “Builds of my packages”.")).to_be_visible()
    assert keyboard.sees() == "Builds of my packages"
    keyboard.reach("Start over reset or delete all filters")
    keyboard.press("Enter")
    keyboard.reach("Delete all 3 filters")
    keyboard.press("Enter")
    expect(page.get_by_text("No filters yet")).to_be_visible()
    assert keyboard.sees() == "Undo"
    keyboard.press("Enter")
    expect(page.get_by_text("Restored 3 filters")).to_be_visible()
    assert keyboard.sees() == NAME
    assert page.url == where


def mutes(page: Page, keyboard: Keyboard) -> None:
    keyboard.reach("Inbox 1 unread", by="Shift+Tab")
    keyboard.press("Enter")
    lands(page, "Inbox")
    keyboard.reach("Unread: tom commented on the update moss-2.4-1.fc44 and gave it +1 karma", by="Shift+Tab")
    keyboard.press("Enter")
    lands(page, "tom commented on the update moss-2.4-1.fc44 and gave it +1 karma")
    keyboard.reach("Mute for a week the package rpms/moss")
    keyboard.press("Enter")
    expect(page.get_by_text("Muted for a week: the package rpms/moss.")).to_be_visible()

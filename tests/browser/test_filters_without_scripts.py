"""Making filters, and all that can be done to them, in a real browser without scripts.

Only one context has a channel by now, so there's none to copy a filter to.
"""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from fmn.wiring import Services
from tests.browser.background_work import receive_comment, sweep
from tests.browser.page_actions import expand, expect_text, press, sign_in_and_open_email

NAME = "Comments on moss"


def test_filters_are_made_and_looked_after(plain_page: Page, services: Services) -> None:
    # Given two comments on moss
    receive_comment(services)
    receive_comment(services, author="zoe")
    sweep(services)
    sign_in_and_open_email(plain_page)

    # When Alice makes a filter, then she sees what each step means
    makes_a_filter(plain_page)
    writes_it_as_text(plain_page)
    tries_it(plain_page)
    plain_page.get_by_label("Name", exact=True).fill(NAME)
    expand(plain_page, "Options")
    plain_page.get_by_label("Only once").check()
    press(plain_page, "Save", f"Saved “{NAME}”.")
    row = plain_page.locator(".filter").filter(has_text=NAME)
    expect(row).to_contain_text("“Comment on an update” and about moss, but not done by zoe")

    # And can change and take back whatever she does with it
    changes_it(plain_page)
    arranges_filters(plain_page)
    takes_them_away_and_back(plain_page)


def makes_a_filter(page: Page) -> None:
    page.get_by_role("link", name="Create filter").click()
    expect_text(page, "Add a rule to see which recent messages match.")
    page.get_by_label("Application", exact=True).select_option("Bodhi")
    page.get_by_label("Find a rule").fill("comment")
    press(page.locator("#choice"), "Search")
    press(page, "Add Comment on an update")
    press(page, "Preview", would_get_through("2 messages"))
    adds(page, "package", "Concerns a package")
    press(page, "Preview", "Fix this before saving")
    page.get_by_role("textbox", name="Package").fill("fern")
    press(page, "Preview", would_get_through("No messages"))
    page.get_by_role("textbox", name="Package").fill("moss")
    adds(page, "caused", "Caused by a person")
    rule = page.get_by_role("group", name="Caused by a person")
    rule.get_by_label("Condition").select_option("Doesn’t match")
    rule.get_by_role("textbox").fill("zoe")
    press(page, "Preview", would_get_through("1 message"))


def adds(page: Page, search: str, title: str) -> None:
    if not page.get_by_label("Find a rule").is_visible():
        expand(page, "Add a rule")
    page.get_by_label("Application", exact=True).select_option("All applications")
    page.get_by_label("Find a rule").fill(search)
    press(page.locator("#choice"), "Search")
    press(page, f"Add {title}")


def writes_it_as_text(page: Page) -> None:
    press(page, "Edit as text")
    text = page.get_by_label("Expression")
    expect(text).to_have_value("bodhi_update_comment and package_filter(moss) and not actor(zoe)")
    text.fill("bodhi_update_comment and (")
    press(page, "Preview")
    expect(text).to_have_attribute("aria-invalid", "true")
    text.fill("bodhi_update_comment and package_filter(moss) and koji_tag and not actor(zoe)")
    press(page, "Edit as rows")
    press(page, "Remove Build tagged")
    press(page, "Preview", would_get_through("1 message"))


def tries_it(page: Page) -> None:
    panel = page.locator("#panel")
    panel.get_by_role("button", name="Why it matches").click()
    expect(panel.locator(".verdict li")).to_have_count(3)
    panel.get_by_role("button", name="Why it matches").click()
    expect(panel.locator(".verdict")).to_have_count(0)
    latest = page.locator("#latest option")
    for number, words in ((0, "This message doesn’t match."), (1, "This message matches.")):
        page.get_by_label("Message id").fill(latest.nth(number).get_attribute("value") or "")
        press(page, "Test", words)


def would_get_through(what: str) -> re.Pattern[str]:
    """What the preview says, since whenever there are messages."""
    return re.compile(f"^{what} would have matched")


def changes_it(page: Page) -> None:
    page.get_by_role("link", name=NAME).click()
    page.get_by_label("Name", exact=True).fill("Comments")
    page.get_by_label("Only once").uncheck()
    press(page, "Save", "Saved “Comments”.")
    press(page, "Switch off Comments", "Switched “Comments” off.")
    press(page, "Switch on Comments", "Switched “Comments” on. It starts with the next message.")
    expand(page, "More for Comments")
    press(page, "Switch off after one match Comments", "“Comments” will switch itself off after one match.")
    expand(page, "More for Comments")
    press(page, "Keep on after a match Comments", "“Comments” will stay on after a match.")
    expand(page, "More for Comments")
    page.get_by_label("Snooze").select_option("for a week")
    press(page, "Snooze Comments", "Snoozed “Comments” until ")
    press(page, "Unsnooze Comments", "Switched “Comments” on. It starts with the next message.")


def arranges_filters(page: Page) -> None:
    expand(page, "Ready-made filters")
    press(page, "Add Builds of my packages", "Added “Builds of my packages”.")
    press(page, "Move up Builds of my packages", "Moved “Builds of my packages” to position 1.")
    expect(names(page)).to_have_text(["Builds of my packages", "Comments"])
    press(page, "Move down Builds of my packages", "Moved “Builds of my packages” to position 2.")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])


def takes_them_away_and_back(page: Page) -> None:
    expand(page, "More for Comments")
    press(page, "Delete Comments", "Deleted “Comments”.")
    expect(names(page)).to_have_text(["Builds of my packages"])
    press(page, "Undo", "Restored “Comments”.")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])
    expand(page, "Start over")
    press(page, "Reset to defaults", "Replaced your filters with the default filters.")
    expect(names(page).filter(has_text="Comments")).to_have_count(0)
    press(page, "Undo", "Restored 2 filters: “Comments” and “Builds of my packages”.")
    expand(page, "Start over")
    press(page, "Delete all 2 filters", "Deleted all filters. We send nothing more by e-mail.")
    expect_text(page, "No filters yet")
    press(page, "Undo", "Restored 2 filters")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])


def names(page: Page) -> Locator:
    return page.locator(".filter h3")

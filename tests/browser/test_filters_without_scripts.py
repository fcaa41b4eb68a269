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
    plain_page.get_by_label("Only once").check()
    press(plain_page, "Save", f"“{NAME}” is saved.")
    row = plain_page.locator(".filter").filter(has_text=NAME)
    expect(row).to_contain_text("“Comment on an update” and about moss, but not done by zoe")

    # And can change and take back whatever she does with it
    changes_it(plain_page)
    arranges_filters(plain_page)
    takes_them_away_and_back(plain_page)


def makes_a_filter(page: Page) -> None:
    page.get_by_role("link", name="Make a filter").click()
    expect_text(page, "Add a rule, and see here what would have got through lately.")
    page.get_by_label("In", exact=True).select_option("Bodhi")
    page.get_by_label("Look for a rule").fill("comment")
    press(page.locator("#choice"), "Look")
    press(page, "Add Comment on an update")
    press(page, "Preview", would_get_through("2 messages"))
    adds(page, "package", "Concerns a package")
    press(page, "Preview", "It can’t be saved like this")
    page.get_by_role("textbox", name="Package").fill("fern")
    press(page, "Preview", would_get_through("Nothing"))
    page.get_by_role("textbox", name="Package").fill("moss")
    adds(page, "caused", "Caused by a person")
    page.get_by_role("group", name="Caused by a person").get_by_label("How it counts").select_option("Not if")
    page.get_by_role("group", name="Caused by a person").get_by_role("textbox").fill("zoe")
    press(page, "Preview", would_get_through("1 message"))


def adds(page: Page, search: str, title: str) -> None:
    if not page.get_by_label("Look for a rule").is_visible():
        expand(page, "Add a rule")
    page.get_by_label("In", exact=True).select_option("All applications")
    page.get_by_label("Look for a rule").fill(search)
    press(page.locator("#choice"), "Look")
    press(page, f"Add {title}")


def writes_it_as_text(page: Page) -> None:
    press(page, "Write it as text")
    text = page.get_by_label("Expression")
    expect(text).to_have_value("bodhi_update_comment and package_filter(moss) and not actor(zoe)")
    text.fill("bodhi_update_comment and (")
    press(page, "Preview")
    expect(text).to_have_attribute("aria-invalid", "true")
    text.fill("bodhi_update_comment and package_filter(moss) and koji_tag and not actor(zoe)")
    press(page, "Show it as rows")
    press(page, "Remove Build tagged")
    press(page, "Preview", would_get_through("1 message"))


def tries_it(page: Page) -> None:
    panel = page.locator("#panel")
    panel.get_by_role("button", name="Why it matches").click()
    expect(panel.locator(".verdict li")).to_have_count(3)
    panel.get_by_role("button", name="Why it matches").click()
    expect(panel.locator(".verdict")).to_have_count(0)
    latest = page.locator("#latest option")
    for number, words in ((0, "This one doesn’t get through."), (1, "This one gets through.")):
        page.get_by_label("A message’s id").fill(latest.nth(number).get_attribute("value") or "")
        press(page, "Try it", words)


def would_get_through(what: str) -> re.Pattern[str]:
    """What the preview says, since whenever there are messages."""
    return re.compile(f"^{what} .* would have got through")


def changes_it(page: Page) -> None:
    page.get_by_role("link", name=NAME).click()
    page.get_by_label("Name", exact=True).fill("Comments")
    page.get_by_label("Only once").uncheck()
    press(page, "Save", "“Comments” is saved.")
    press(page, "Switch off Comments", "“Comments” is off.")
    press(page, "Switch on Comments", "“Comments” is on, from the next message on.")
    expand(page, "More for Comments")
    press(page, "Let it fire once Comments", "“Comments” lets one message through and is off then.")
    expand(page, "More for Comments")
    press(page, "Keep it on when it fires Comments", "“Comments” stays on when it lets a message through.")
    expand(page, "More for Comments")
    page.get_by_label("Snooze it").select_option("for a week")
    press(page, "Snooze Comments", "“Comments” is off until ")
    press(page, "Wake it now Comments", "“Comments” is on, from the next message on.")


def arranges_filters(page: Page) -> None:
    expand(page, "Add one that’s ready")
    press(page, "Add Builds of my packages", "Added “Builds of my packages”.")
    press(page, "Move up Builds of my packages", "“Builds of my packages” is number 1 now.")
    expect(names(page)).to_have_text(["Builds of my packages", "Comments"])
    press(page, "Move down Builds of my packages", "“Builds of my packages” is number 2 now.")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])


def takes_them_away_and_back(page: Page) -> None:
    expand(page, "More for Comments")
    press(page, "Delete Comments", "“Comments” is deleted.")
    expect(names(page)).to_have_text(["Builds of my packages"])
    press(page, "Undo", "“Comments” is back, as it was.")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])
    expand(page, "Start over")
    press(page, "Reset to the defaults", "The default filters are in the place of those that you had.")
    expect(names(page).filter(has_text="Comments")).to_have_count(0)
    press(page, "Undo", "2 filters are back, as they were: “Comments” and “Builds of my packages”.")
    expand(page, "Start over")
    press(page, "Delete all 2 filters", "All filters are deleted, so nothing more is sent by e-mail.")
    expect_text(page, "No filters, so nothing is sent")
    press(page, "Undo", "2 filters are back")
    expect(names(page)).to_have_text(["Comments", "Builds of my packages"])


def names(page: Page) -> Locator:
    return page.locator(".filter h3")

"""Asking why a message didn't come, in a real browser without scripts."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from fmn.ledger.models import StoredMessage
from fmn.wiring import Services
from tests.browser.page_actions import expect_text, fill
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import NAME, World


def test_somebody_finds_the_rule_that_said_no(plain_page: Page, services: Services) -> None:
    # Given a comment of Alice's own, which her filter leaves out
    world = World.of(services)
    message = world.receive_comment(author="alice")
    with services.database.reading() as session:
        msg_id = session.get_one(StoredMessage, message).msg_id
    sign_in(plain_page, "alice")

    # When she looks for it in her inbox in vain, and asks
    plain_page.get_by_role("navigation", name="Site").get_by_role("link", name="Inbox").click()
    fill(plain_page, "Search", msg_id, "Search")
    expect_text(plain_page, "No matches")
    plain_page.get_by_role("link", name="Why didn’t I get this?").first.click()

    # Then the page names the rule, and leads to the filter
    expect_text(plain_page, "Nothing was sent to you")
    expect_text(plain_page, "not: Mentioning me")
    expect(plain_page.get_by_text("About my packages")).to_have_count(0)
    # And by its link it finds the same
    fill(plain_page, "Message", f"https://archive.example.org/id?id={msg_id}", "Find out")
    expect_text(plain_page, "not: Mentioning me")
    plain_page.get_by_role("link", name=NAME).click()
    expect(plain_page.get_by_label("Name", exact=True)).to_have_value(NAME)

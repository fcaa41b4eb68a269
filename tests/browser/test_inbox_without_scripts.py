"""Finding notifications, muting and stopping them, in a real browser without scripts."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from fmn.ledger.inbox import PAGE
from fmn.wiring import Services
from tests.browser.background_work import receive_comment, sweep
from tests.browser.page_actions import expand, expect_text, fill, press
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import NAME, World
from tests.servers.smtp import SmtpServer


def test_notifications_are_found_muted_and_stopped(
    plain_page: Page, services: Services, smtp_server: SmtpServer,
) -> None:
    # Given Alice, to whom more was sent than fits on a plain_page, and the newest is still to be sent
    world = World.of(services)
    for _ in range(PAGE):
        receive_comment(services)
    sweep(services)
    world.receive_comment(author="zoe")
    assert len(smtp_server.mails) == PAGE
    sign_in(plain_page, "alice")
    plain_page.get_by_role("link", name=f"Inbox {PAGE + 1} unread").click()

    finds_it(plain_page)
    looks_for_some(plain_page)
    plain_page.get_by_role("link", name="Unread: zoe commented").click()
    expand(plain_page, "Full message")
    expect_text(plain_page, '"status": "testing"')
    mutes_it(plain_page, world)
    stops_it(plain_page, world)
    reads_all(plain_page)


def opens_the_inbox(page: Page) -> None:
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Inbox").click()


def finds_it(page: Page) -> None:
    expect(entries(page)).to_have_count(PAGE)
    page.get_by_role("link", name="Older").click()
    expect(entries(page)).to_have_count(1)
    page.get_by_role("link", name="Newer").click()
    expect(entries(page)).to_have_count(PAGE)
    fill(page, "Search", "nobody", "Search")
    expect_text(page, "No matches")
    fill(page, "Search", "zoe", "Search")
    expect(entries(page)).to_have_count(1)
    page.get_by_role("link", name="Clear search").click()
    expect(entries(page)).to_have_count(PAGE)


def looks_for_some(page: Page) -> None:
    expand(page, "Filters")
    for label, other, right in (
        ("Status", "Sent", "Pending"), ("Application", "Koji", "Bodhi"),
    ):
        page.get_by_label(label).select_option(other)
        press(page, "Apply")
        expect(entries(page).filter(has_text="zoe")).to_have_count(0)
        page.get_by_label(label).select_option(right)
    page.get_by_label("Channel").select_option("E-mail")
    page.get_by_label("Filter").select_option(f"{NAME} (E-mail)")
    page.get_by_label("Unread only").check()
    press(page, "Apply")
    expect(entries(page)).to_have_count(1)
    expect(entries(page)).to_contain_text(f"matched {NAME}")
    expect(entries(page)).to_contain_text("Pending for alice@example.org, due")


def mutes_it(page: Page, world: World) -> None:
    """For a week or for ever, and lifts that on the same page or where all of it is."""
    before = world.notifications
    kind = "“Comment on an update” from Bodhi"
    press(page, f"Mute {kind} for a week",
          f"Muted for a week: {kind}. The mute starts with the next message.")
    world.receive_comment()
    assert world.notifications == before
    press(page, f"Unmute {kind}",
          "Unmuted. You get these notifications again, starting with the next message.")
    world.receive_comment()
    assert world.notifications == before + 1
    press(page, "Mute the package rpms/moss forever", "Muted forever: the package rpms/moss.")
    thread = "the thread bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7"
    press(page, f"Mute {thread} for a week", f"Muted for a week: {thread}.")
    page.get_by_role("link", name="All mutes").click()
    expect(page.get_by_role("button", name="Unmute")).to_have_count(2)
    press(page, "Unmute the package rpms/moss",
          "Unmuted. You get these notifications again, starting with the next message.")
    press(page, f"Unmute {thread}", "No mutes")
    world.receive_comment()
    assert world.notifications == before + 2


def stops_it(page: Page, world: World) -> None:
    opens_the_inbox(page)
    page.get_by_role("link", name="zoe commented").click()
    page.get_by_role("link", name="Edit this filter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Filter “{NAME}”")
    page.go_back()
    page.get_by_role("link", name="Stop this filter").click()
    press(page, "Stop this filter", f"“{NAME}” is stopped")
    assert world.on == (True, False)
    press(page, "Undo", f"“{NAME}” is on again")
    opens_the_inbox(page)
    page.get_by_role("link", name="zoe commented").click()
    page.get_by_role("link", name="Stop all notifications by e-mail").click()
    press(page, "Stop all notifications by e-mail", "Notifications by e-mail are stopped")
    assert world.on == (False, True)
    press(page, "Undo", "Notifications by e-mail are on again")
    assert world.on == (True, True)


def reads_all(page: Page) -> None:
    opens_the_inbox(page)
    expect(entries(page).and_(page.locator(".unread"))).to_have_count(PAGE - 1)
    press(page, "Mark all as read", "Marked everything as read.")
    expect(page.locator(".unread")).to_have_count(0)
    expect(page.get_by_role("link", name="Inbox", exact=True)).to_be_visible()


def entries(page: Page) -> Locator:
    return page.locator(".entry")

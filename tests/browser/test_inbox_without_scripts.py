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
    for label, other, right in (
        ("Status", "Sent", "Pending"), ("Application", "Koji", "Bodhi"),
    ):
        page.goto("/inbox")
        expand(page, "Search options")
        page.get_by_label(label).select_option(other)
        press(page, "Add to the search")
        expect(entries(page).filter(has_text="zoe")).to_have_count(0)
        page.goto("/inbox")
        expand(page, "Search options")
        page.get_by_label(label).select_option(right)
        press(page, "Add to the search")
        expect(entries(page).filter(has_text="zoe")).to_have_count(1)
    fill(page, "Search", f'from:zoe status:pending channel:email filter:"{NAME}" is:unread', "Search")
    expect(entries(page)).to_have_count(1)
    entries(page).locator(".menu > summary").click()
    expect(entries(page)).to_contain_text(f"matched {NAME}")
    expect(entries(page)).to_contain_text("Pending for alice@example.org, due")


def mutes_it(page: Page, world: World) -> None:
    """For a week or for ever, and lifts that on the same page or where all of it is."""
    before = world.notifications
    kind = "“Comment on an update” from Bodhi"
    press(page, f"Mute for a week {kind}",
          f"Muted for a week: {kind}. The mute starts with the next message.")
    world.receive_comment()
    assert world.notifications == before
    press(page, f"Unmute {kind}",
          "Unmuted. You get these notifications again, starting with the next message.")
    world.receive_comment()
    assert world.notifications == before + 1
    press(page, "Mute forever the package rpms/moss", "Muted forever: the package rpms/moss.")
    thread = "the thread bodhi.fedoraproject.org/updates/FEDORA-2026-3f0c2a51d7"
    press(page, f"Mute for a week {thread}", f"Muted for a week: {thread}.")
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
    page.locator(".all-tools > summary").click()
    press(page, "Mark all as read", "notifications are marked as read.")
    expect(page.locator(".unread")).to_have_count(0)
    site = page.get_by_role("navigation", name="Site")
    expect(site.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    works_through(page)


def works_through(page: Page) -> None:
    """Ticks two, snoozes them until a day, and has them back; then does a row and all of a package."""
    for number in range(2):
        entries(page).nth(number).get_by_role("checkbox").check()
    page.locator(".selected-tools .menu > summary").first.click()
    page.locator(".selected-tools").get_by_label("Day").fill("2999-12-31")
    press(page, "Snooze until then", "2 notifications are snoozed until 31 December 2999 at 09:00.")
    page.get_by_role("link", name="Snoozed").click()
    expect(entries(page)).to_have_count(2)
    opens_the_inbox(page)
    first = entries(page).first.get_attribute("id")
    entries(page).first.get_by_role("button", name="Done: ").click()
    expect_text(page, "1 notification is done.")
    expect(page.locator(f"#{first}")).to_have_count(0)
    press(page, "Undo", "1 notification is as before.")
    expect(page.locator(f"#{first}")).to_have_count(1)
    # one is snoozed on a page of its own, and a group that goes on over two pages is done as a whole
    entries(page).first.locator(".menu > summary").click()
    entries(page).first.get_by_role("link", name="Snooze").click()
    page.get_by_role("button", name="Tomorrow morning").click()
    expect_text(page, "1 notification is snoozed until tomorrow at 09:00.")
    press(page, "Undo", "1 notification is as before.")
    page.get_by_role("link", name="Package", exact=True).click()
    page.get_by_role("button", name="Done: all of rpms/moss").click()
    expect_text(page, f"{PAGE + 1} notifications are done.")
    expect(entries(page)).to_have_count(0)


def entries(page: Page) -> Locator:
    return page.locator(".entry")

"""The inbox in a real browser: it grows while one reads, and what isn't wanted is muted by the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from fmn.ledger.inbox import PAGE
from tests.browser.accessibility import axe_violations
from tests.browser.keyboard import Keyboard
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import World
from webapp.views import inbox

#: More than fits on a screen.
SOME = 12


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers ask again at once, for a test shouldn't have to wait for them."""
    monkeypatch.setattr(inbox, "POLL_MILLISECONDS", 100)


def entry(world: World, **what: str) -> str:
    """Something happens; the selector of its entry."""
    return f"#notification-{world.notification(world.receive_comment(**what))}"


def place_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["y"]


def reach(page: Page, words: str) -> None:
    """Go on with Tab until a link or button that begins with these words has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith(words):
            return
    pytest.fail(f"{words!r} can't be reached with the keyboard")


def test_grows_while_somebody_reads_and_moves_nothing(page: Page, world: World) -> None:
    # Given an empty inbox in one window
    sign_in(page, "alice")
    page.goto("/inbox")
    expect(page.get_by_text("No notifications yet")).to_be_visible()

    # When something arrives, then it's there, and the empty place isn't
    first = entry(world)
    expect(page.locator(first)).to_be_visible()
    expect(page.get_by_role("status").get_by_text("1 new")).to_be_visible()
    expect(page.get_by_text("No notifications yet")).to_be_hidden()
    assert page.get_by_role("heading", name="Today").count() == 1

    # And when somebody reads further down, then what arrives moves nothing of that
    for _ in range(SOME):
        world.receive_comment()
    page.reload()
    other = page.context.new_page()
    other.goto("/inbox")
    page.locator(first).scroll_into_view_if_needed()
    before = place_of(page, first)
    newest = [entry(world, author=author) for author in ("zoe", "<b>yan")]
    expect(page.get_by_role("status").get_by_text("2 new")).to_be_visible()
    assert abs(place_of(page, first) - before) <= 2  # browsers scroll by whole pixels, here twice
    assert page.locator(".entry").first.get_attribute("id") == newest[1].removeprefix("#")
    expect(page.locator(newest[1])).to_contain_text("<b>yan commented")

    # Every window is told, and who follows what it says is at the top
    expect(other.get_by_role("status").get_by_text("2 new")).to_be_visible()
    page.get_by_role("link", name="2 new").click()
    expect(page.locator(newest[1])).to_be_in_viewport()
    expect(page.get_by_text("2 new")).to_be_hidden()

    # and "Mark all as read" marks these, too
    page.locator(".all-tools > summary").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("notifications are marked as read.")).to_be_visible()
    expect(page.locator(".entry.unread")).to_have_count(0)


def test_what_is_not_wanted_is_muted_with_the_keyboard_alone(page: Page, world: World) -> None:
    # Given a notification
    sign_in(page, "alice")
    world.receive_comment()
    page.goto("/inbox")

    # When Alice opens it, and mutes its thread for a week
    reach(page, "Unread: tom commented")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("tom commented")
    reach(page, "Full message")
    page.keyboard.press("Enter")
    expect(page.get_by_text('"status": "testing"')).to_be_visible()
    reach(page, "Mute for a week the thread")
    page.keyboard.press("Enter")

    # Then she hears nothing more of it, until she lifts that
    expect(page.get_by_text("Muted for a week: the thread")).to_be_visible()
    world.receive_comment()
    assert world.notifications == 1
    reach(page, "All mutes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mutes")
    reach(page, "Unmute")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No mutes")).to_be_visible()
    world.receive_comment()
    assert world.notifications == 2


def test_works_without_scripts(browser: Browser, world: World) -> None:
    base_url = world.services.settings.web.base_url
    with browser.new_context(base_url=base_url, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, "alice")
        page.goto("/inbox")
        new = entry(world)
        page.reload()
        expect(page.locator(new)).to_be_visible()
        page.get_by_label("Search").fill("nobody")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No matches")).to_be_visible()
        page.goto("/inbox")
        page.get_by_text("Search options").click()
        page.get_by_label("Application").select_option("Bodhi")
        page.get_by_role("button", name="Add to the search").click()
        page.locator(new).get_by_role("link", name="tom commented").click()
        page.get_by_role("button", name="Mute forever the package rpms/moss").click()
        expect(page.get_by_text("Muted forever: the package rpms/moss")).to_be_visible()


def test_is_worked_through_with_the_keyboard_alone(page: Page, world: World) -> None:
    # Given five notifications, the oldest first
    sign_in(page, "alice")
    there = [entry(world, author=author) for author in ("ann", "bob", "cat", "dan", "eve")]
    page.goto("/inbox")
    keyboard = Keyboard(page)
    rows = page.locator(".entry")

    def focus_is_on(selector: str) -> None:
        expect(page.locator(f"{selector} .what")).to_be_focused()
        keyboard.sees()

    # When she steps to the second one and back to the first, and that is done
    keyboard.press("j", "j", "k")
    focus_is_on(there[4])
    keyboard.press("e")
    expect(page.locator(there[4])).to_have_count(0)
    expect(page.get_by_text("1 notification is done.")).to_be_visible()
    focus_is_on(there[3])
    expect(page).to_have_title("(4) Inbox – FMN")

    # and undone, then all is as before
    keyboard.press("z")
    expect(page.get_by_text("1 notification is as before.")).to_be_visible()
    focus_is_on(there[4])

    # One is read and unread, and snoozed; another's thread is muted
    keyboard.press("u")
    expect(page.locator(f"{there[4]}.unread")).to_have_count(0)
    focus_is_on(there[4])
    keyboard.press("u")
    expect(page.locator(f"{there[4]}.unread")).to_have_count(1)
    # Enter on a box that is ticked sends nothing
    page.locator(f"{there[4]} [name=ids]").focus()
    keyboard.press("Enter", "j", "k", "s")
    assert keyboard.sees().startswith("Later today")
    keyboard.press("Tab")
    assert keyboard.sees() == "Tomorrow morning tomorrow at 09:00"
    keyboard.press("Enter")
    expect(page.get_by_text("1 notification is snoozed until tomorrow at 09:00.")).to_be_visible()
    focus_is_on(there[3])
    keyboard.press("m")
    assert keyboard.sees() == "Mute the thread"
    keyboard.press("Escape")
    focus_is_on(there[3])
    keyboard.press("m", "Enter")
    expect(page.get_by_text("Muted forever: the thread")).to_be_visible()

    # Two are ticked, and snoozed together until a day and a time
    keyboard.press("j", "x", "j", "x")
    expect(page.locator("[name=ids]:checked")).to_have_count(2)
    keyboard.press("s")
    keyboard.reach("Day")
    page.get_by_role("dialog").get_by_label("Day").fill("2999-12-31")
    keyboard.press("Enter")
    expect(page.get_by_text("2 notifications are snoozed until 31 December 2999 at 09:00.")).to_be_visible()
    expect(rows).to_have_count(2)
    focus_is_on(there[0])
    assert axe_violations(page) == []


def test_what_is_opened_is_where_one_goes_on(page: Page, world: World) -> None:
    # Given something that is looked for and opened
    sign_in(page, "alice")
    there = [entry(world, author=author) for author in ("ann", "bob", "ann")]
    page.goto("/inbox")
    keyboard = Keyboard(page)
    keyboard.press("/")
    page.keyboard.type("from:ann")
    keyboard.press("Enter")
    expect(page.locator(".entry")).to_have_count(2)
    keyboard.press("j", "j", "o")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ann commented")
    # When she goes back, then she is where she was, and it's read
    page.go_back()
    expect(page.locator(f"{there[0]} .what")).to_be_focused()
    expect(page.locator(f"{there[0]}.unread")).to_have_count(0)
    expect(page).to_have_title("(2) Inbox – FMN")
    # And with the last one done she is told so, and can undo it
    keyboard.press("e", "e")
    expect(page.get_by_text("No matches")).to_be_visible()
    expect(page.get_by_text("1 notification is done.")).to_be_visible()
    keyboard.press("z")
    expect(page.locator(f"{there[2]} .what")).to_be_focused()


def test_a_group_is_done_beyond_its_page(page: Page, world: World) -> None:
    sign_in(page, "alice")
    for _ in range(PAGE + 2):
        world.receive_comment()
    page.goto("/inbox?group=thread")
    count = page.locator(".group-head .count")
    expect(count).to_have_text(f"{PAGE} of {PAGE + 2}")
    keyboard = Keyboard(page)
    keyboard.press("j", "e")
    expect(count).to_have_text(f"{PAGE - 1} of {PAGE + 1}")
    expect(page.locator(".top .count")).to_contain_text(str(PAGE + 1))
    page.get_by_role("button", name="Mark as read: all of").click()
    expect(page.get_by_text(f"{PAGE + 1} notifications are marked as read.")).to_be_visible()
    expect(page.locator(".entry.unread")).to_have_count(0)
    expect(page.locator(".top .count")).to_have_count(0)
    # What arrives counts in its badge again
    world.receive_comment()
    page.goto("/inbox")
    expect(page.locator(".group-head .count")).to_have_text(f"{PAGE} of {PAGE + 2}")
    keyboard.press("j", "u")
    expect(page.locator(".top .count")).to_have_count(0)
    world.receive_comment()
    expect(page.get_by_role("link", name="Inbox 1 unread")).to_be_visible()
    expect(page.locator(".group-head .count")).to_have_text(f"{PAGE + 1} of {PAGE + 3}")
    page.get_by_role("button", name="Done: all of Today").click()
    expect(page.get_by_text(f"{PAGE + 3} notifications are done.")).to_be_visible()
    expect(page.get_by_text("All done")).to_be_visible()
    keyboard.press("z")
    expect(page.locator(".entry")).to_have_count(PAGE)


def test_keys_and_commands_are_found_with_the_keyboard(page: Page, world: World) -> None:
    sign_in(page, "alice")
    world.receive_comment()
    page.goto("/inbox")
    keyboard = Keyboard(page)
    keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert axe_violations(page) == []
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    # The palette is on every page, and what is typed narrows it
    page.goto("/mutes")
    keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Commands")
    expect(dialog).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.type("inbox sno")
    expect(dialog.get_by_role("link")).to_have_count(1)
    keyboard.press("Enter")
    expect(page.get_by_text("What you snooze waits here")).to_be_visible()


def test_the_search_is_completed(page: Page, world: World) -> None:
    sign_in(page, "alice")
    world.receive_recent_comment()
    page.goto("/inbox")
    search = page.get_by_label("Search", exact=True)
    options = page.locator("#terms option")
    search.press_sequentially("is:unread pack")
    expect(options).to_have_count(1)
    expect(options).to_have_attribute("value", "is:unread package:")
    search.fill("")
    search.press_sequentially('filter:"my p')
    expect(options).to_have_attribute("value", 'filter:"My packages"')


def test_shows_many_at_once(page: Page, world: World) -> None:
    sign_in(page, "alice")
    for _ in range(25):
        world.receive_comment()
    for width, height, bar, least in ((1280, 900, 0, 20), (390, 800, 56, 8)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/inbox")
        seen = page.evaluate(
            """bottom => [...document.querySelectorAll(".entry")].filter(
              (each) => each.getBoundingClientRect().bottom <= bottom).length""", height - bar)
        assert seen >= least

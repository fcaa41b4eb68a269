"""The first visit in a real browser: from signing in to the first notification, by a real mail server."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from fmn.people.accounts import get_or_create_account
from fmn.wiring import Services
from tests.browser.background_work import link_in, receive_comment, sweep
from tests.browser.conftest import window
from tests.browser.signing_in import sign_in
from tests.servers.smtp import ReceivedMail, SmtpServer

PRESET = "Updates of my packages, and comments on them"
ADDRESS = "alice@example.org"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_leads_somebody_new_to_their_first_notification(
    browser: Browser, services: Services, smtp_server: SmtpServer, *, scripts: bool,
) -> None:
    # Given a bus on which Tom comments on an update of a package that Alice maintains
    receive_comment(services)
    sweep(services)
    with (window(browser, services, scripts=scripts) as page,
          window(browser, services, scripts=scripts) as phone):
        # When she comes for the first time, chooses that, and says where to
        comes_and_chooses(page, f"{services.settings.web.base_url}/welcome")

        # Then home says what is left to do
        expect(page.get_by_role("status")).to_contain_text(f"Now confirm {ADDRESS} to get notifications")
        expect(page.get_by_role("region", name="E-mail")).to_contain_text(f"{ADDRESS} not confirmed")
        expect(page.get_by_text("Confirm your address: open the link we sent")).to_be_visible()

        # and until then nothing is sent there but the letter that asks
        receive_comment(services, author="zoe")
        sweep(services)
        [letter] = smtp_server.wait_for(1)
        assert letter.rcpt_tos == (ADDRESS,)

        # When she has confirmed it, where she isn't signed in, and Tom comments once more
        confirms(phone, letter)
        receive_comment(services)
        sweep(services)

        # Then that comes by mail, and is in the inbox, where it's read once she has seen it
        [_, mail] = smtp_server.wait_for(2)
        assert mail.rcpt_tos == (ADDRESS,)
        assert "tom commented on the update moss-2.4-1.fc44" in mail.message["Subject"]
        assert mail.message["X-FMN-Filter"] == PRESET
        finds_it(page)
        sees_why(page, mail)
        has_read_it(page)


def comes_and_chooses(page: Page, first_visit: str) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Account name").fill("alice")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(first_visit)
    choice = page.locator(".offer").filter(has_text=PRESET)
    expect(choice).to_contain_text("about 1 a day")
    choice.get_by_label(PRESET).check()
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Start").click()


def confirms(page: Page, letter: ReceivedMail, address: str = ADDRESS) -> None:
    page.goto(link_in(letter, "confirm"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Is {address} yours?")
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{address} is confirmed")


def finds_it(page: Page) -> None:
    """It's beside what came too early, and neither is read."""
    page.goto("/")
    expect(page.get_by_text("Confirm your address")).to_have_count(0)
    page.get_by_role("link", name="Inbox 2 unread").click()
    expect(page.locator(".entry.unread")).to_have_count(2)
    new, early = page.locator(".entry").first, page.locator(".entry").last
    expect(early).to_contain_text("zoe commented on the update")
    expect(early).to_contain_text("Not sent no confirmed address")
    expect(new).to_contain_text(f"matched {PRESET}")
    expect(new).to_contain_text(f"Sent to {ADDRESS}")
    new.get_by_role("link", name="Unread: tom commented").click()


def sees_why(page: Page, mail: ReceivedMail) -> None:
    expect(page).to_have_url(link_in(mail, "why"))
    why = page.get_by_role("region", name="Why you got this")
    expect(why).to_contain_text(f"alice’s filter {PRESET} (by e-mail) matched this message.")
    expect(why).to_contain_text("Matched rules")
    expect(why.get_by_text("Yes").first).to_be_visible()


def has_read_it(page: Page) -> None:
    """And what is left as soon as she says so."""
    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("link", name="Inbox 1 unread")).to_be_visible()
    expect(page.locator(".entry.unread")).to_contain_text("zoe commented")
    page.locator(".all-tools > summary").click()
    page.get_by_role("button", name="Mark all as read").click()
    site = page.get_by_role("navigation", name="Site")
    expect(site.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    expect(page.locator(".entry.unread")).to_have_count(0)
    expect(page.locator(".entry")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_one_field_and_one_click_after_signing_in_a_package_is_followed(
    browser: Browser, services: Services, smtp_server: SmtpServer, *, scripts: bool,
) -> None:
    with window(browser, services, scripts=scripts) as page:
        # Given somebody whose address the provider knows
        with services.database.transaction() as session:
            get_or_create_account(session, "zoe", ["email"]).email = "zoe@example.org"
        sign_in(page, "zoe")
        page.goto("/welcome")
        # When they name a package and start
        if scripts:
            page.get_by_label("Packages, people or groups to follow").press_sequentially("mos")
            expect(page.locator("datalist option[value='rpms/moss']")).to_have_count(1)
        page.get_by_label("Packages, people or groups to follow").fill("rpms/moss")
        page.get_by_role("button", name="Start notifications").click()
        # Then all that's left is to confirm the address
        expect(page.get_by_role("status")).to_contain_text("Now confirm zoe@example.org")
        sweep(services)
        [letter] = smtp_server.wait_for(1)
        confirms(page, letter, "zoe@example.org")
        receive_comment(services)
        sweep(services)
        [_, mail] = smtp_server.wait_for(2)
        assert (mail.rcpt_tos, mail.message["X-FMN-Filter"]) == (("zoe@example.org",), "Watch rpms/moss")


def test_a_page_watches_with_one_click_and_keys_alone(browser: Browser, services: Services) -> None:
    receive_comment(services)
    with window(browser, services) as page:
        sign_in(page, "alice")
        page.goto("/watch?package=rpms/moss&level=failures")
        page.get_by_role("button", name="Watch", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Watching rpms/moss by e-mail: Failures and warnings.")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Removed “Watch rpms/moss” again.")).to_be_visible()

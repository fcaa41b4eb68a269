"""Setting up a channel, in a real browser without scripts: whether, where to, how often and how it looks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from fmn.wiring import Services
from tests.browser.background_work import link_in, sweep
from tests.browser.page_actions import expand, expect_text, fill, press, sign_in_and_open_email
from tests.servers.smtp import SmtpServer

ADDRESS = "alice@example.org"


def test_a_channel_is_set_up(plain_page: Page, services: Services, smtp_server: SmtpServer) -> None:
    sign_in_and_open_email(plain_page)
    finds_an_address(plain_page, services, smtp_server)
    switches_it(plain_page)
    sets_how_often(plain_page)
    sets_the_rest(plain_page)

    # Then home tells all of it
    plain_page.get_by_role("link", name="FMN", exact=True).click()
    card = plain_page.get_by_role("region", name="E-mail")
    expect_text(
        card, "in a digest at 08:00 and 17:30 on weekdays; no notifications from 22:00 to 07:00, except")
    expect_text(card, "You have no filters. Choose some to get notifications.")


def finds_an_address(page: Page, services: Services, smtp_server: SmtpServer) -> None:
    """One that can be one, is confirmed by the newer of two letters, and tried. Another one is removed."""
    fill(page, "E-mail address", "alice@", "Add")
    expect(page.get_by_label("E-mail address")).to_have_value("alice@")
    expect(page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    fill(page, "E-mail address", ADDRESS, "Add")
    expect_text(page, f"We’ve sent a link to {ADDRESS}.")
    sweep(services)
    press(page, f"Send new link {ADDRESS}", f"We’ve sent a link to {ADDRESS}.")
    sweep(services)
    _, letter = smtp_server.wait_for(2)
    page.goto(link_in(letter, "confirm"))
    press(page, "Confirm address", f"{ADDRESS} is confirmed")
    expect_text(page, "Notifications by e-mail are switched off")
    page.get_by_role("link", name="Your settings").click()
    press(page, f"Send test {ADDRESS}", f"Sent a test notification to {ADDRESS}.")
    sweep(services)
    assert smtp_server.wait_for(3)[2].rcpt_tos == (ADDRESS,)
    fill(page, "E-mail address", "old@example.org", "Add")
    press(page, "Remove old@example.org", "Removed old@example.org. We send nothing more there.")
    expect(page.get_by_role("button", name="Remove")).to_have_count(1)


def switches_it(page: Page) -> None:
    """On and off here, off and on at home."""
    on, off = "E-mail is on", "E-mail is off. We send nothing more, starting with the next message."
    press(page, "Switch e-mail on", on)
    expect_text(page, "We send matching notifications immediately.")
    press(page, "Switch e-mail off", off)
    page.get_by_role("link", name="FMN", exact=True).click()
    expect_text(page, "E-mail is off. Switch it on to get notifications.")
    press(page, "Switch e-mail on", on)
    press(page, "Switch e-mail off", off)
    press(page, "Switch e-mail on", on)
    page.get_by_role("link", name="E-mail").click()


def sets_how_often(page: Page) -> None:
    form = page.locator("#frequency")
    expand(page, "Schedule")
    form.get_by_label("In a digest").check()
    form.get_by_label("Or this long after the first one").fill("")
    press(form, "Save")
    expect_text(page, "Your changes weren’t saved. Check the schedule.")
    expect_text(page, "Enter a number of notifications, a time, or both.")
    form.get_by_label("Send after this many notifications").fill("20")
    form.get_by_label("Or this long after the first one").fill("4")
    form.get_by_label("Unit of time").select_option("hours")
    press(form, "Save")
    expect_text(page, "Saved: in a digest every 4 hours or 20 notifications.")
    expand(page, "Schedule")
    form.get_by_label("Immediately").check()
    press(form, "Save")
    expect_text(page, "Saved: immediately.")
    expand(page, "Schedule")
    form.get_by_label("At set times").check()
    form.get_by_label("Times", exact=True).fill("08:00, 17:30")
    press(form, "Save")
    expect_text(page, "Saved: in a digest at 08:00 and 17:30 on weekdays.")


def sets_the_rest(page: Page) -> None:
    form = page.locator("#quiet")
    expand(page, "Quiet hours")
    form.get_by_label("From").fill("22:00")
    form.get_by_label("Until").fill("07:00")
    form.get_by_label("Let urgent ones through").check()
    press(form, "Save")
    expect_text(page, "Saved: no notifications from 22:00 to 07:00, except urgent ones.")
    form = page.locator("#presentation")
    expand(page, "Format")
    form.get_by_label("Full text").uncheck()
    form.get_by_label("Reason and links").uncheck()
    form.get_by_label("Short links").check()
    form.get_by_label("HTML").uncheck()
    press(form, "Save")
    expect_text(page, "Saved: summary, short links, plain text.")

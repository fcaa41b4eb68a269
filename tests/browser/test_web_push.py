"""Web Push in a real browser, with its real service worker, from enabling to a click.

Push services can't be reached from tests, and without one Chromium doesn't subscribe. So what the browser
says of its subscription is replaced, by one at the tests' own push service; what arrives there is checked,
decrypted, and given to the service worker as Chromium's debugger allows.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, CDPSession, Page, Playwright, expect
from sqlalchemy import select

from fmn.delivery.webpush.vapid import current_key
from fmn.filters.editing import add_filter
from fmn.filters.spec import FilterSpec
from fmn.people.browser_sessions import browser_name
from fmn.people.models import Preference
from fmn.wiring import Services
from tests.browser.accessibility import axe_violations
from tests.browser.background_work import receive_comment, sweep
from tests.browser.conftest import CHROMIUM, being_served, running, window
from tests.browser.page_actions import expect_text, press
from tests.browser.signing_in import sign_in
from tests.integration.webapp.world import MINE, NAME
from tests.servers import push_service
from tests.servers.push_service import PushService
from tests.servers.waiting import wait_until

PAGE: Final = "/preferences/webpush"
#: Seconds until what is expected has to be there.
PATIENCE: Final = 15.0
#: Seconds after which a message counts as dropped. Chromium drops one in 20 that its debugger delivers to a
#: service worker which has just been at work.
DROPPED: Final = 5.0
#: What a browser with a push service would do, by its subscription and the key that pages have to give.
SUBSCRIBING: Final = """(([told, key]) => {
  const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const subscription = {
    ...told, toJSON: () => told, unsubscribe: async () => { delete localStorage.subscribed; return true; } };
  PushManager.prototype.getSubscription = async () => localStorage.subscribed ? subscription : null;
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || base64(applicationServerKey) !== key) {
      throw new DOMException("The key is another one", "AbortError");
    }
    localStorage.subscribed = "true";
    return subscription;
  };
})"""
SHOWN: Final = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, tag, data }) => ({ title, body, tag, data }))"""
#: Where a click on the notification that is shown leads to. Only a real click may open a window.
CLICKED: Final = """async (action) => {
  const [notification] = await self.registration.getNotifications();
  const opened = new Promise((resolve, reject) => {
    self.clients.openWindow = async (url) => resolve(url);
    setTimeout(() => reject(new Error("nothing was opened")), 10_000);
  });
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
  return opened;
}"""


#: The browser's push service has ended its subscription, and gives it another one.
RENEWED: Final = """async (told) => {
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || !applicationServerKey) {
      throw new Error("FMN's key is missing");
    }
    return { toJSON: () => told };
  };
  const answered = new Promise((resolve) => {
    const ask = self.fetch;
    self.fetch = async (...what) => {
      const answer = await ask(...what);
      resolve(answer.status);
      return answer;
    };
  });
  const changed = new Event("pushsubscriptionchange");
  changed.waitUntil = () => {};  // only a browser's own events may be waited for
  self.dispatchEvent(changed);
  return answered;
}"""


@dataclass
class Desk:
    """Alice's browser with FMN's page, and what is pushed to it."""

    page: Page
    services: Services
    subscriber: push_service.Browser
    debugger: CDPSession
    registrations: list[str]
    #: What was pushed last.
    delivered: str = ""

    @property
    def name(self) -> str:
        """What FMN calls the browser."""
        return browser_name(self.page.evaluate("navigator.userAgent"))

    def push(self) -> Any:
        """Deliver what waits; the browser gets the message that comes of it."""
        before = len(self.subscriber.messages)
        sweep(self.services)
        [message] = self.subscriber.messages[before:]
        self._deliver(message.data.decode())
        return message.json

    def _deliver(self, data: str) -> None:
        self.delivered = data
        self.debugger.send("ServiceWorker.deliverPushMessage", {
            "origin": self.services.settings.web.base_url, "registrationId": self.registrations[-1],
            "data": data})

    def shown(self, beginning: str) -> Any:
        """The only notification that the browser shows, as soon as its title begins like this."""
        def only() -> Any:
            shown = self.page.evaluate(SHOWN)
            return shown if [each["title"].startswith(beginning) for each in shown] == [True] else None

        with contextlib.suppress(TimeoutError):
            return wait_until(only, DROPPED, "the debugger dropped it")[0]
        # One that has come replaces itself: it has a tag.
        self._deliver(self.delivered)
        return wait_until(only, PATIENCE, f"nothing is shown that begins with {beginning}")[0]

    def wait_until_nothing_is_shown(self) -> None:
        """Return when the browser shows no notification any more."""
        wait_until(lambda: not self.page.evaluate(SHOWN), PATIENCE, "a notification stays")

    def click(self, action: str = "") -> str:
        """Where a click on the notification leads."""
        [worker] = self.page.context.service_workers
        return str(worker.evaluate(CLICKED, action))


@pytest.fixture
def push_services() -> Iterator[PushService]:
    with PushService() as service:
        yield service
    assert service.refusals == []


@pytest.fixture
def services(tmp_path: Path, push_services: PushService) -> Iterator[Services]:
    """The web app with Web Push. The tests' push service is within an allowed network."""
    with being_served(
        tmp_path, channels=("email", "webpush"), allowed_networks=("127.0.0.0/8",)) as served:
        yield served
        served.backend.close()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A whole Chromium: its shell shows no notifications, and installs no apps."""
    with running(playwright, CHROMIUM) as launched:
        yield launched


@pytest.fixture
def desk(browser: Browser, services: Services, push_services: PushService) -> Iterator[Desk]:
    """Alice has signed in, in a browser that may show notifications."""
    key = current_key(services.settings).public
    subscriber = push_services.subscribe(key)
    with window(browser, services) as page:
        page.context.grant_permissions(["notifications"], origin=services.settings.web.base_url)
        page.add_init_script(f"{SUBSCRIBING}({json.dumps([subscriber.subscription, key])})")
        debugger = page.context.new_cdp_session(page)
        registrations: list[str] = []
        debugger.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(
            each["registrationId"] for each in event["registrations"]))
        debugger.send("ServiceWorker.enable")
        sign_in(page, "alice")
        yield Desk(page, services, subscriber, debugger, registrations)


def test_a_browser_is_enabled_by_two_clicks_and_shows_what_happens(desk: Desk) -> None:
    # Given Alice, who has never had a look at the channel
    page = desk.page
    page.goto(PAGE)
    expect_text(page, "No browser yet")

    # When she enables notifications
    press(page, "Enable on this browser", "(this browser)")
    expect_text(page, "This browser is nearly ready")
    expect(page.get_by_role("button", name="Switch web push off")).to_be_visible()
    assert axe_violations(page) == []
    # and the code arrives
    assert desk.push()["kind"] == "confirmation"

    # Then nobody has to type it
    expect_text(page, "This browser shows your notifications.")
    expect(page.get_by_role("button", name="Enable on this browser")).to_be_hidden()
    assert axe_violations(page) == []
    desk.wait_until_nothing_is_shown()

    # And a test is shown
    press(page, f"Send test {desk.name}", f"Sent a test notification to {desk.name}")
    desk.push()
    assert desk.shown("Test message")["body"].startswith("It works")
    page.goto("/help")
    assert desk.click() == desk.services.links.preference("webpush")


def test_a_click_opens_what_the_message_is_about(desk: Desk) -> None:
    page = desk.page
    enabled(desk)
    page.goto(PAGE)
    receive_comment(desk.services)
    said = desk.push()
    assert desk.shown("tom commented on")["tag"] == said["tag"]
    assert desk.click("why") == said["why"]
    # A newer one of the same thread takes its place
    receive_comment(desk.services, author="bob")
    desk.push()
    desk.shown("bob commented on")
    assert desk.click() == said["url"]
    page.goto(said["why"])
    expect_text(page, "moss")


def test_a_browser_that_ended_is_said_to_be_and_enabled_again(
    desk: Desk, push_services: PushService,
) -> None:
    page = desk.page
    enabled(desk)
    # Given that the push service knows nothing of the browser any more
    push_services.unsubscribe(desk.subscriber)
    page.goto(PAGE)
    press(page, f"Send test {desk.name}", "Sent a test")
    sweep(desk.services)
    page.goto(PAGE)
    expect_text(page, "no more notifications from FMN. Enable notifications in that browser again.")
    expect(page.get_by_role("button", name=f"Send new code {desk.name}")).to_have_count(0)
    # When she enables it again
    push_services.browsers[desk.subscriber.endpoint.removeprefix(push_services.url)] = desk.subscriber
    press(page, "Enable on this browser", "This browser is nearly ready")
    desk.push()
    # Then it's the only one
    expect_text(page, "This browser shows your notifications.")
    expect(page.locator("[data-endpoint]")).to_have_count(1)
    # Until she removes it, and the browser forgets it, too
    press(page, f"Remove {desk.name}", f"Removed {desk.name}")
    expect_text(page, "No browser yet")
    assert page.evaluate("localStorage.subscribed") is None


def test_a_browser_that_renews_its_subscription_goes_on_getting_notifications(
    desk: Desk, push_services: PushService,
) -> None:
    enabled(desk)
    desk.wait_until_nothing_is_shown()
    # Given that its push service knows it by another address from now on
    push_services.unsubscribe(desk.subscriber)
    renewed = push_services.subscribe(desk.subscriber.server_key)
    # When the browser tells its service worker, while a page of something else is open
    desk.page.goto("/help")
    [worker] = desk.page.context.service_workers
    assert worker.evaluate(RENEWED, renewed.subscription) == 204
    # Then what happens is pushed there
    receive_comment(desk.services)
    desk.subscriber = renewed
    desk.push()
    desk.shown("tom commented on")
    desk.page.goto(PAGE)
    expect(desk.page.locator("[data-endpoint]")).to_have_count(1)
    # And again
    once_more = push_services.subscribe(renewed.server_key)
    assert worker.evaluate(RENEWED, once_more.subscription) == 204


def test_the_first_visit_offers_the_browser_that_shows_it(desk: Desk) -> None:
    page = desk.page
    page.goto("/welcome")
    # Given that e-mail is chosen, and the browser beside it
    expect(page.get_by_label("E-mail", exact=True)).to_be_checked()
    page.get_by_label("Packages, people or groups to follow").fill("rpms/moss")
    page.get_by_label("In this browser").check()
    expect(page.get_by_label("E-mail address")).to_be_hidden()
    assert axe_violations(page) == []
    # When she starts
    page.get_by_role("button", name="Start notifications").click()
    # Then only the code is waited for, and entered by itself
    expect_text(page, "This browser is nearly ready")
    assert desk.push()["kind"] == "confirmation"
    expect_text(page, "This browser shows your notifications.")
    receive_comment(desk.services)
    desk.push()
    desk.shown("tom commented on")


def test_a_first_visit_without_leave_to_notify_stays_where_it_is(
    browser: Browser, services: Services,
) -> None:
    with window(browser, services) as page:
        page.add_init_script(
            "Object.defineProperty(Notification, 'permission', { get: () => 'default' });"
            "Notification.requestPermission = async () => 'denied'")
        sign_in(page, "alice")
        page.goto("/welcome")
        page.get_by_label("Packages, people or groups to follow").fill("rpms/moss")
        page.get_by_label("In this browser").check()
        page.get_by_role("button", name="Start notifications").click()
        expect_text(page, "You blocked notifications from FMN in this browser.")
        assert page.get_by_label("Packages, people or groups to follow").input_value() == "rpms/moss"
        page.get_by_role("button", name="Skip for now").click()
        expect(page).to_have_url(f"{services.settings.web.base_url}/")


def test_without_scripts_a_first_visit_has_no_choice_of_one(browser: Browser, services: Services) -> None:
    with window(browser, services, scripts=False) as page:
        sign_in(page, "alice")
        page.goto("/welcome")
        expect(page.get_by_label("In this browser")).to_be_hidden()
        expect(page.get_by_label("E-mail", exact=True)).to_be_hidden()
        page.get_by_label("Packages, people or groups to follow").fill("rpms/moss")
        page.get_by_label("E-mail address").fill("alice@example.org")
        page.get_by_role("button", name="Start notifications").click()
        expect_text(page, "Now confirm alice@example.org")


def test_without_scripts_the_page_says_what_it_takes(browser: Browser, services: Services) -> None:
    with window(browser, services, scripts=False) as page:
        sign_in(page, "alice")
        page.goto(PAGE)
        expect_text(page, "Enabling notifications in a browser takes JavaScript.")
        expect(page.get_by_role("button", name="Enable on this browser")).to_be_hidden()


def test_a_user_who_says_no_is_told_how_to_say_yes(browser: Browser, services: Services) -> None:
    with window(browser, services) as page:
        page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
        sign_in(page, "alice")
        page.goto(PAGE)
        expect_text(page, "You blocked notifications from FMN in this browser.")


def test_fmn_can_be_installed_as_an_app(desk: Desk) -> None:
    desk.page.goto(PAGE)
    found = desk.debugger.send("Page.getAppManifest")
    assert found["errors"] == []
    assert json.loads(found["data"])["start_url"] == "/"
    # A window that forgets everything installs nothing; all else is as it has to be
    errors = desk.debugger.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each["errorId"] for each in errors] == ["in-incognito"]


def enabled(desk: Desk) -> None:
    """Alice's browser is enabled, for what concerns her packages."""
    with desk.services.database.transaction() as session:
        preference = session.scalars(select(Preference).where(Preference.context == "webpush")).one()
        add_filter(session, preference, FilterSpec(name=NAME, expression=MINE))
    desk.page.goto(PAGE)
    press(desk.page, "Enable on this browser", "This browser is nearly ready")
    desk.push()
    expect_text(desk.page, "This browser shows your notifications.")

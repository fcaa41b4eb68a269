"""Web Push: a real push service that verifies signatures and decrypts what browsers get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fmn.delivery.webpush.settings import WebPushSettings
from fmn.delivery.webpush.vapid import current_key, derive_key
from fmn.infra.db import Database
from fmn.ledger.models import Delivery
from fmn.people.addresses import validate_address
from fmn.people.models import DetailValue
from fmn.settings import WebSettings
from tests.factories.people import Person
from tests.factories.secrets import SECRET
from tests.integration.delivery.installation import BASE_URL, Installation
from tests.integration.delivery.other_preferences import other_preference
from tests.servers.push_service import Browser, PushService
from tests.servers.receiver import Answer

#: The channel knows nothing of databases.
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def installation(database: Database) -> Iterator[Installation]:
    with Installation(database, "webpush", webpush=WebPushSettings(timeout_seconds=20)) as made:
        yield made


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service
    assert service.refusals == []


def subscribed(service: PushService, installation: Installation) -> Browser:
    """A browser that subscribed with the key that the page has."""
    return service.subscribe(current_key(installation.services.settings).public)


def address_of(browser: Browser, installation: Installation) -> str:
    """What's kept of a browser's subscription."""
    text = json.dumps({**browser.subscription, "browser": "Firefox on Linux"})
    return validate_address("webpush", text, installation.services.settings)


def person_with(browser: Browser, installation: Installation, **said: Any) -> Person:
    return installation.person(address_of(browser, installation), **said)


def test_a_browser_gets_what_happens_encrypted_and_signed(
    installation: Installation, service: PushService,
) -> None:
    # Given Alice, who enabled notifications in a browser
    browser = subscribed(service, installation)
    alice = person_with(browser, installation)
    # When something happens
    installation.tell(alice)
    # Then her browser, and nobody on the way, reads what it is
    [message] = browser.messages
    assert message.json["kind"] == "notification"
    assert "oven.cake.done" in message.json["title"]
    assert message.json["why"].startswith(f"{BASE_URL}/why/")
    assert (message.ttl, message.urgency, message.contact) == (24 * 3600, "normal", BASE_URL)
    [received] = service.received
    assert b"oven" not in received.body
    assert installation.outcomes == [("sent", "")]


def test_several_browsers_get_it_over_one_connection(
    installation: Installation, service: PushService,
) -> None:
    browsers = [subscribed(service, installation) for _ in range(3)]
    for nick, browser in zip(("alice", "bob", "carol"), browsers, strict=True):
        installation.tell(person_with(browser, installation, nick=nick))
    assert [len(browser.messages) for browser in browsers] == [1, 1, 1]
    assert [received.connection for received in service.received] == [1, 1, 1]


def test_until_it_is_confirmed_a_browser_gets_only_the_code(
    installation: Installation, service: PushService,
) -> None:
    browser = subscribed(service, installation)
    alice = person_with(browser, installation, confirmed=False)
    installation.tell(alice)
    assert browser.messages == []
    asked = installation.ask(alice)
    [message] = browser.messages
    assert message.json["code"] == installation.code(asked)
    assert (message.urgency, message.topic) == ("high", "")


def test_a_test_says_that_it_is_one(installation: Installation, service: PushService) -> None:
    browser = subscribed(service, installation)
    installation.test(person_with(browser, installation))
    [message] = browser.messages
    assert (message.json["kind"], message.json["title"]) == ("test", "Test message")


class TestASubscriptionThatEnded:
    @pytest.mark.parametrize("status", [404, 410])
    def test_is_switched_off_and_its_owner_told_elsewhere(
        self, installation: Installation, service: PushService, database: Database, status: int,
    ) -> None:
        # Given Alice, who is reached by mail as well
        alice = person_with(subscribed(service, installation), installation)
        mail = other_preference(database, alice.user_id)
        # When she forbids notifications in her browser
        service.answers.append(Answer(status))
        installation.tell(alice)
        installation.tell(alice)
        # Then nothing more is sent there, and she's told by mail, and on the page
        assert len(service.received) == 1
        with database.transaction() as session:
            [told] = session.scalars(select(Delivery).where(Delivery.preference_id == mail))
            assert told.system_message["subject"] == "Notifications to Firefox on Linux are switched off"
            address = session.get_one(DetailValue, alice.address_ids[0])
            assert "Enable notifications in that browser again." in told.system_message["text"]
            assert address.off_reason == "this browser takes no more notifications from FMN"

    def test_has_a_key_that_is_not_in_use_any_more(
        self, database: Database, installation: Installation, service: PushService,
    ) -> None:
        address = address_of(subscribed(service, installation), installation)
        web = WebSettings(base_url=BASE_URL, secret="another" * 6)
        with Installation(database, "webpush", web=web) as later:
            later.tell(later.person(address))
            [(state, reason)] = later.outcomes
        assert service.received == []
        assert (state, reason) == ("failed", "this browser knows FMN by a key that isn't in use any more")


def test_a_previous_secret_s_subscriptions_work(
    database: Database, installation: Installation, service: PushService,
) -> None:
    browser = subscribed(service, installation)
    address = address_of(browser, installation)
    web = WebSettings(base_url=BASE_URL, secret="another" * 6, previous_secrets=(SECRET,))
    with Installation(database, "webpush", web=web) as later:
        later.tell(later.person(address))
        assert later.outcomes == [("sent", "")]
    assert browser.server_key == derive_key(SECRET).public
    assert len(browser.messages) == 1


@pytest.mark.parametrize(("answer", "state"), [
    (Answer(429, headers={"Retry-After": "60"}), "waiting"), (Answer(503), "waiting"),
    (Answer(400), "failed"), (Answer(403), "failed"), (Answer(413), "failed"),
    (Answer(307, headers={"Location": "http://127.0.0.1/"}), "failed"),
])
def test_a_refusal_is_no_reason_to_forget_a_browser(
    installation: Installation, service: PushService, database: Database, answer: Answer, state: str,
) -> None:
    browser = subscribed(service, installation)
    alice = person_with(browser, installation)
    service.answers.append(answer)
    installation.tell(alice)
    [(found, reason)] = installation.outcomes
    assert found == state
    assert reason.startswith(f"the server answered {answer.status}")
    with database.transaction() as session:
        assert session.get_one(DetailValue, alice.address_ids[0]).confirmed_at


def test_speaks_tls_with_services_that_somebody_vouches_for(database: Database, tmp_path: Path) -> None:
    with PushService(tmp_path) as service, Installation(
            database, "webpush", webpush=WebPushSettings(ca_file=service.certificate)) as installation:
        browser = subscribed(service, installation)
        installation.tell(person_with(browser, installation))
        assert len(browser.messages) == 1


def test_loopback_is_refused_by_default(
    database: Database, installation: Installation, service: PushService,
) -> None:
    # Given an address from when it was allowed
    address = address_of(subscribed(service, installation), installation)
    with Installation(database, "webpush", allowed=()) as later:
        later.tell(later.person(address))
        [(state, reason)] = later.outcomes
    assert (state, reason.partition(": ")[2]) == (
        "failed", "its address isn't one of those that are allowed here")
    assert service.connections == 0

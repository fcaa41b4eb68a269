"""All of it on a real network with services: a nick is added on its page, and confirmed by its owner."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from webtest import TestApp

from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.settings import DatabaseSettings, DeliverySettings, Settings, WebSettings
from fmn.wiring import Services
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.test_preferences import form_of
from tests.servers.irc_network import Network
from tests.servers.waiting import wait_until

PAGE = "/preferences/irc"


@pytest.fixture
def services(irc_network: Network, postgresql_database: Database) -> Iterator[Services]:
    """A process that is on the network, and has the web app besides."""
    made = Services(Settings(
        database=DatabaseSettings(url=postgresql_database.url),
        delivery=DeliverySettings(channels=("email", "irc")),
        web=WebSettings(base_url="http://localhost", secret="of the tests", development_login=True),
    ).with_channels(irc=irc_network.settings()))
    made.cache = MemoryCache()
    made.persistent_channel("irc").keep_connected(time.monotonic() + 600)
    observer = irc_network.stranger("observer")
    wait_until(lambda: observer.sees("fmn"), 20, "we don't come")
    yield made
    made.channels["irc"].close()
    made.database.close()


def shown_command(browser: TestApp) -> str:
    """What the page says is to be said, without to whom."""
    found = re.search(r"/msg fmn (confirm [0-9A-Z-]+)", browser.get(PAGE).text)
    assert found is not None
    return found[1]


def test_a_nick_is_confirmed_by_its_owner_and_by_nobody_else(
    irc_network: Network, services: Services,
) -> None:
    # Given Mary, who adds her nick on its page
    browser = signed_in(services, "mary")
    form = form_of(browser.get(PAGE), "addresses")
    form["address"] = "Alice"
    form.submit(status=303)
    code = shown_command(browser)

    # When somebody says her code who isn't her, or isn't known to services, nothing is confirmed
    alice, bob = irc_network.owner("alice"), irc_network.owner("bob")
    irc_network.ready()
    bob.say("fmn", code)
    assert bob.wait_for_said("fmn")[0].startswith("That isn’t the code for bob.")
    bob.say("fmn", "list filters")
    assert bob.wait_for_said("fmn", 2)[1].startswith("bob belongs to no account.")
    browser.get(PAGE).mustcontain("Pending")

    # Then Alice hears the first word of us when she has said hers
    assert alice.said_by("fmn") == []
    alice.say("fmn", code)
    assert alice.wait_for_said("fmn") == [(
        "alice is confirmed for the account mary. Notifications by IRC are off. "
        "Say “start” to switch them on.")]
    browser.get(PAGE).mustcontain("Confirmed</span>")

    # and is served
    alice.say("fmn", "!START")
    assert alice.wait_for_said("fmn", 2)[1].startswith("Notifications by IRC are now on, ")
    browser.get(PAGE).mustcontain("We send matching notifications immediately.")
    alice.say("fmn", "list filters")
    assert alice.wait_for_said("fmn", 3)[2].startswith("You have no filters here")

"""IRC as a channel: when it's there, under which nick, and what comes of deliveries."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from fmn.delivery.contract import (
    ChannelDownError,
    DeliveryError,
    RecipientOfflineError,
    RenderedDelivery,
    SystemMessage,
)
from fmn.delivery.irc.channel import IrcChannel
from fmn.delivery.irc.formatter import format_lines
from fmn.delivery.irc.irc_session import LINES_PER_ACK
from tests.integration.delivery.irc.channel_fixtures import (
    APPLICATIONS,
    LONG,
    beside,
    channel_on,
    present_on,
    to,
)
from tests.servers.irc import Anope, Services
from tests.servers.irc_network import Network, split_network
from tests.servers.irc_people import Person
from tests.servers.waiting import wait_until
from tests.unit.fmn.delivery.email.examples import LINKS, a_delivery, a_notification, some_notifications

#: Seconds until a channel that lost its session is back, and some.
SOON = 20.0


def nicks_that_came(root: Person, since: int = 0) -> set[str]:
    """Who has connected, by what an operator was told."""
    comes = re.compile(r"CONNECT: Client connecting .*?: (\S+?)!")
    return {found[1] for line in root.heard[since:] if (found := comes.search(line))}


def delivered(channel: IrcChannel, nick: str, summary: str) -> bool:
    """Whether it can be delivered now; nothing may say that it never can be."""
    return is_delivered(channel, to(nick, summary))


def is_delivered(channel: IrcChannel, delivery: RenderedDelivery) -> bool:
    """The same of anything."""
    try:
        channel.deliver(delivery)
    except DeliveryError as error:
        if error.permanent:
            raise
        return False
    return True


class TestDelivering:
    def test_connects_when_there_is_something_to_deliver(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice").ready()
        with channel_on(irc_network) as channel:
            channel.deliver(to("alice"))
        assert alice.wait_for_said("fmn") == ["[Bodhi] it rains"]

    def test_a_digest_has_a_line_or_more_for_each_thing(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        with present_on(irc_network) as channel:
            channel.deliver(a_delivery(*some_notifications(), destination="alice"))
        assert alice.wait_for_said("fmn", 4)[0].startswith("5 notifications, ")

    def test_colours_are_for_those_who_want_them(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        with present_on(irc_network) as channel:
            channel.deliver(a_delivery(destination="alice", markup=True))
        assert alice.wait_for_said("fmn")[0].startswith("\x0310[Bodhi]\x0f bob commented")

    def test_a_letter_says_what_it_is_about_and_why(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        system_message = SystemMessage("A test", ["This is", "a test."], "You asked for it.")
        with present_on(irc_network) as channel:
            channel.deliver(replace(to("alice"), system_message=system_message, items=()))
        assert alice.wait_for_said("fmn", 2) == ["A test: This is a test.", "You asked for it."]

    def test_nothing_is_delivered_while_the_server_is_away(self, irc_network: Network) -> None:
        irc_network.server.stop()
        with channel_on(irc_network) as channel:
            for _ in range(2):
                with pytest.raises(ChannelDownError, match=r"can't be reached: .*Connection refused"):
                    channel.deliver(to("alice"))


def test_an_operator_is_told_of_everybody_who_comes(irc_network: Network) -> None:
    root = irc_network.operator()
    # Given somebody who comes, leaves and comes again, in less than the server's time for telling things once
    for _ in range(3):
        irc_network.stranger("hasty").leave()
    root.catch_up()
    assert sum(" CONNECT: " in line and "hasty!" in line for line in root.heard) == 3


class TestADigestThatBreaksOff:
    def test_goes_on_behind_what_was_confirmed(self, irc_network: Network) -> None:
        root, alice = irc_network.operator(), irc_network.owner("alice")
        digest = a_long_digest()
        lines = format_lines(digest, APPLICATIONS, LINKS)
        with present_on(irc_network, lines_per_second=5, burst=1) as channel:
            # When we're thrown out after the server has confirmed some lines
            def throw_out() -> None:
                alice.wait_for_said("fmn", LINES_PER_ACK + 2)
                root.send("KILL fmn :enough")

            with beside(throw_out), pytest.raises(DeliveryError, match="enough"):
                channel.deliver(digest)
            wait_until(lambda: is_delivered(channel, digest), SOON, "the rest isn't said")
        # Then those aren't said again, and all others are
        heard = alice.wait_for_said("fmn", len(lines))
        assert [heard.count(line) for line in lines[:LINES_PER_ACK]] == [1] * LINES_PER_ACK
        assert set(heard) == set(lines)

    def test_because_its_reader_leaves_goes_on_when_they_are_back(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        digest = a_long_digest()
        lines = format_lines(digest, APPLICATIONS, LINKS)
        with present_on(irc_network, lines_per_second=5, burst=1) as channel:
            def leave() -> None:
                alice.wait_for_said("fmn", 3)
                alice.leave()

            with beside(leave), pytest.raises(DeliveryError, match="isn't on IRC; it's kept"):
                channel.deliver(digest)
            again = irc_network.owner("alice")
            wait_until(lambda: is_delivered(channel, digest), SOON, "the rest isn't said")
            # Then she has heard all of it, and nothing twice
            before = alice.said_by("fmn")
            wait_until(lambda: [*before, *again.said_by("fmn")] == lines, SOON, "it's not all of it, once")


def a_long_digest() -> RenderedDelivery:
    """For Alice, from now; with lines that take some seconds, so that there is time to break it off."""
    items = [a_notification(
        n, event=f"cake.{n}", summary=f"bob baked cake {n}", link="") for n in range(4 * LINES_PER_ACK)]
    digest = a_delivery(*items, destination="alice", key="digest:1:1", trigger_links=False)
    return replace(digest, created_at=datetime.now(UTC))


class TestSomebodyOffline:
    def test_is_kept_for_a_while(self, irc_network: Network) -> None:
        # Given that what somebody misses is kept for a day
        now = datetime(2026, 3, 14, 12, tzinfo=UTC)
        with channel_on(irc_network, now=lambda: now, offline="keep", offline_hours=24) as channel:
            # Then it isn't given up before, and is afterwards
            with pytest.raises(DeliveryError) as failed:
                channel.deliver(to("alice", created_at=now - timedelta(hours=23)))
            assert failed.value.reason == "the owner of the nick alice isn't on IRC; it's kept for 24 hours"
            assert not failed.value.permanent
            with pytest.raises(DeliveryError) as failed:
                channel.deliver(to("alice", created_at=now - timedelta(hours=24)))
            assert failed.value.reason.endswith("isn't on IRC; after 24 hours it isn't kept any more")
            assert isinstance(failed.value, RecipientOfflineError)

    def test_is_dropped_where_that_is_wanted(self, irc_network: Network) -> None:
        with channel_on(irc_network, offline="drop") as channel, pytest.raises(DeliveryError) as failed:
            channel.deliver(to("alice"))
        assert failed.value.reason == "the owner of the nick alice isn't on IRC; it isn't kept"
        assert isinstance(failed.value, RecipientOfflineError)

    def test_is_never_mistaken_for_a_network_without_services(self, irc_network: Network) -> None:
        with present_on(irc_network, offline="drop") as channel:
            irc_network.services.stop()
            with pytest.raises(ChannelDownError):
                channel.deliver(to("alice"))


def connected() -> float | None:
    """How many sessions are open, as monitoring is told."""
    return REGISTRY.get_sample_value("fmn_irc_connected")


class TestPresence:
    def test_lasts_as_long_as_wanted(self, irc_network: Network) -> None:
        observer = irc_network.stranger("observer").ready()
        with channel_on(irc_network) as channel:
            # When we're told to be there for a moment, and told again until we are
            def seen() -> bool:
                channel.keep_connected(time.monotonic() + 3)
                return observer.sees("fmn") and connected() == 1

            wait_until(seen, SOON, "we don't come")
            # Then we leave by ourselves when nobody has told us for so long
            wait_until(lambda: not observer.sees("fmn") and connected() == 0, SOON, "we don't leave")
            # And come back when we're told
            channel.keep_connected(time.monotonic() + LONG)
            wait_until(lambda: observer.sees("fmn"), SOON, "we don't come back")
        wait_until(lambda: not observer.sees("fmn"), SOON, "we don't leave when we're closed")

    def test_comes_back_after_a_kill(self, irc_network: Network) -> None:
        root, alice = irc_network.operator(), irc_network.owner("alice")
        with present_on(irc_network) as channel:
            since = len(root.heard)
            root.do("KILL fmn :too chatty", "QUIT: .*fmn!")
            wait_until(lambda: delivered(channel, "alice", "still here"), SOON, "we don't come back")
        assert alice.wait_for_said("fmn") == ["[Bodhi] still here"]
        root.catch_up()
        assert nicks_that_came(root, since) == {"fmn"}

    def test_comes_back_when_the_server_does(self, irc_network: Network) -> None:
        with present_on(irc_network) as channel:
            irc_network.services.stop()
            irc_network.server.kill()
            with pytest.raises(DeliveryError) as failed:
                channel.deliver(to("alice", "lost?"))
            assert not failed.value.permanent
            irc_network.server.start()
            irc_network.services.start()
            alice = irc_network.owner("alice").ready()
            wait_until(lambda: delivered(channel, "alice", "here again"), SOON, "we don't come back")
        assert alice.wait_for_said("fmn") == ["[Bodhi] here again"]

    def test_waits_for_the_nick_and_takes_no_other(self, irc_network: Network) -> None:
        # Given somebody who uses our nick, and an operator who sees everybody who comes
        root, alice = irc_network.operator(), irc_network.owner("alice").ready()
        usurper = irc_network.stranger("fmn").ready()
        root.catch_up()
        since = len(root.heard)
        with channel_on(irc_network) as channel:
            with pytest.raises(ChannelDownError, match="our nick fmn is in use on IRC"):
                channel.deliver(to("alice"))
            # When they leave
            usurper.leave()
            # Then we come, as nobody else
            wait_until(lambda: delivered(channel, "alice", "at last"), SOON, "we don't come")
        alice.wait_for_said("fmn")
        root.catch_up()
        assert nicks_that_came(root, since) == {"fmn"}

    def test_of_two_only_one_is_there(self, irc_network: Network) -> None:
        # Given two processes that both think that it's theirs to be there
        root = irc_network.operator()
        with present_on(irc_network), channel_on(irc_network) as other:
            root.catch_up()
            since = len(root.heard)
            with pytest.raises(ChannelDownError, match="our nick fmn is in use on IRC"):
                other.deliver(to("alice"))
            root.catch_up()
            assert nicks_that_came(root, since) == set()

    def test_partitions_are_there_with_a_nick_each(self, irc_network: Network) -> None:
        # Given a process that is active for two partitions
        alice = irc_network.owner("alice")
        watcher = irc_network.stranger("watcher").ready()
        with present_on(irc_network), channel_on(irc_network, partition=1) as second:
            # When the second one has something for Alice, then that nick says it
            wait_until(lambda: delivered(second, "alice", "on the second"), SOON, "we don't come")
            assert alice.wait_for_said("fmn-2")
            assert alice.said_by("fmn") == []
            assert REGISTRY.get_sample_value("fmn_irc_connected") == 2
        # When it was handed over, then the nick is free
        wait_until(lambda: not watcher.sees("fmn-2"), SOON, "we don't leave")

    def test_survives_that_two_parts_of_a_network_both_have_the_nick(
        self, irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
    ) -> None:
        with split_network(irc_directory, Anope, irc_registered(Anope)).running() as network:
            # Given a network in two parts, and somebody with our nick in the other
            _, hub = network.servers
            root = network.operator()
            root.do("CONNECT hub.test", "LINK: .*hub.test")
            wait_until(lambda: root.sees("NickServ"), SOON, "the services don't come")
            alice = network.owner("alice", hub).ready()
            with present_on(network) as channel:
                root.do("SQUIT hub.test", "LINK: .*hub.test")
                network.stranger("fmn", hub).ready()
                # When it grows together, and one has to go
                root.send("CONNECT hub.test")
                wait_until(lambda: root.sees("NickServ"), SOON, "the services don't come back")
                network.people[-1].leave()
                # Then we're there again, under our nick
                wait_until(lambda: delivered(channel, "alice", "still us"), 2 * SOON, "we don't come back")
            assert alice.wait_for_said("fmn") == ["[Bodhi] still us"]
            root.catch_up()
            assert nicks_that_came(root) <= {"fmn", "observer", "alice"}

"""A session on a real network: how we get in, and who hears what."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.irc_errors import NickOfflineError
from fmn.delivery.irc.irc_session import IrcSession
from tests.integration.delivery.irc.channel_fixtures import beside
from tests.servers.irc import Anope, Atheme, Limits, Services
from tests.servers.irc_network import Network, new_network, split_network
from tests.servers.irc_people import PASSWORD
from tests.servers.waiting import wait_until

#: Both ways to log in.
LOGINS = {
    "SASL": {"sasl_username": "fmn", "sasl_password": PASSWORD},
    "NickServ": {"sasl_username": "", "sasl_password": "", "nickserv_password": PASSWORD},
}
WRONG_LOGINS = {
    "SASL": {"sasl_username": "fmn", "sasl_password": "wrong"},
    "NickServ": {"sasl_username": "", "sasl_password": "", "nickserv_password": "wrong"},
}
#: The longest line that the formatter makes.
LONG = "x" * 326


@contextmanager
def session_on(network: Network, **changes: Any) -> Iterator[IrcSession]:
    with closing(IrcSession(network.settings(**changes), ignore)) as session:
        network.ready()
        yield session


def ignore(_heard: IrcEvent) -> None:
    pass


def soon(seconds: float = 60) -> float:
    return time.monotonic() + seconds


@pytest.fixture(params=[Anope, Atheme])
def network(
    request: pytest.FixtureRequest, irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> Iterator[Network]:
    """A network with each kind of services in turn."""
    with new_network(irc_directory, request.param, irc_registered(request.param)).running() as network:
        yield network


class TestLoggingIn:
    @pytest.mark.parametrize("login", LOGINS)
    def test_with_either_services_in_either_way(self, network: Network, login: str) -> None:
        # When we come, over TLS
        with session_on(network, **LOGINS[login]):
            # Then everybody sees that we're who we say
            whois = network.stranger("carol")
            whois.do("WHOIS fmn", r" 330 carol fmn fmn :is logged in as")

    @pytest.mark.parametrize("login", WRONG_LOGINS)
    def test_with_a_wrong_password_nobody_stays_online(self, network: Network, login: str) -> None:
        with pytest.raises(ChannelDownError, match=r"doesn't (log us in|take us for the owner)") as failed:
            session_on(network, **WRONG_LOGINS[login]).__enter__()
        assert failed.value.reason.isprintable()
        carol = network.stranger("carol")
        wait_until(lambda: not carol.sees("fmn"), 5, "somebody is there")

    @pytest.mark.parametrize("login", LOGINS)
    def test_while_services_are_away_waits(self, network: Network, login: str) -> None:
        network.services.stop()
        with pytest.raises(ChannelDownError, match=r"support sasl|services are away|timeout"):
            session_on(network, **LOGINS[login]).__enter__()

    def test_to_a_server_that_nobody_vouches_for_fails(self, irc_network: Network) -> None:
        with pytest.raises(ChannelDownError, match=r"can't be reached: .*certificate verify failed"):
            session_on(irc_network, ca_file=None).__enter__()

    def test_to_a_server_that_is_away_fails(self, irc_network: Network) -> None:
        irc_network.server.stop()
        with pytest.raises(ChannelDownError, match=r"localhost:\d+ can't be reached: .*Connection refused"):
            session_on(irc_network).__enter__()

    def test_with_a_nick_that_somebody_uses_takes_no_other(self, irc_network: Network) -> None:
        # Given somebody who uses our nick, and an operator who sees everybody who comes
        root = irc_network.operator()
        irc_network.stranger("fmn").ready()
        root.catch_up()
        since = len(root.heard)
        # When we try to come
        with pytest.raises(ChannelDownError, match="our nick fmn is in use on IRC, or held"):
            session_on(irc_network).__enter__()
        # Then nobody has come
        irc_network.stranger("carol")
        root.wait_for("CONNECT: .*carol", since)
        assert not [line for line in root.heard[since:] if "CONNECT" in line and "carol" not in line]


class TestSaying:
    def test_what_is_said_arrives_in_order(self, network: Network) -> None:
        alice = network.owner("alice")
        lines = [f"line {number}" for number in range(1, 21)]
        with session_on(network) as session:
            # When lines are said, whoever writes the nick in whichever way
            session.send_lines("Alice", lines, soon())
            # Then the server has taken all of them
            assert alice.wait_for_said("fmn", 20) == lines

    def test_words_of_any_language_arrive(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        with session_on(irc_network) as session:
            session.send_lines("alice", ["\x0304[Bodhi]\x0f čeština 日本語 🎉 :)"], soon())
        assert alice.wait_for_said("fmn") == ["\x0304[Bodhi]\x0f čeština 日本語 🎉 :)"]

    def test_a_stranger_with_the_nick_hears_nothing(self, network: Network) -> None:
        # Given somebody who uses Alice's nick, and isn't her
        mallory = network.stranger("alice")
        with session_on(network) as session, pytest.raises(
                NickOfflineError, match="whoever uses the nick alice on IRC hasn't identified as its owner"):
            session.send_lines("alice", ["secret"], soon())
        mallory.catch_up()
        assert not mallory.said_by("fmn")

    def test_nobody_hears_nothing(self, network: Network) -> None:
        with session_on(network) as session, pytest.raises(
                NickOfflineError, match="the owner of the nick alice isn't on IRC"):
            session.send_lines("alice", ["hello"], soon())

    def test_somebody_who_has_come_meanwhile_is_told(self, network: Network) -> None:
        with session_on(network) as session:
            with pytest.raises(NickOfflineError):
                session.send_lines("alice", ["hello"], soon())
            alice = network.owner("alice").ready()
            wait_until(lambda: told(session, "alice", "hello again"), 60, "she isn't told")
        assert alice.wait_for_said("fmn") == ["hello again"]

    def test_a_stranger_who_takes_the_nick_in_between_hears_nothing(self, network: Network) -> None:
        # Given Alice, who was told something, so that we know her
        alice = network.owner("alice")
        with session_on(network) as session:
            session.send_lines("alice", ["hello"], soon())
            # When Mallory takes her nick in the moment she leaves
            mallory = network.stranger("mallory")
            alice.leave()
            mallory.do("NICK alice", "NICK")
            # Then what follows isn't said to her
            with pytest.raises(NickOfflineError):
                session.send_lines("alice", ["secret"], soon())
        assert not [line for line in mallory.heard if "secret" in line]

    def test_who_leaves_in_the_middle_takes_the_rest_from_nobody(self, irc_network: Network) -> None:
        # Given a digest that takes a while, and Alice who leaves after its first lines
        alice, mallory = irc_network.owner("alice"), irc_network.stranger("mallory")
        with session_on(irc_network, lines_per_second=4, burst=1) as session:
            def leave() -> None:
                alice.wait_for_said("fmn", 2)
                alice.leave()
                mallory.do("NICK alice", "NICK")

            with beside(leave), pytest.raises(NickOfflineError):
                session.send_lines("alice", [f"secret {number}" for number in range(20)], soon())
        # Then whoever has her nick from then on hears nothing
        mallory.catch_up()
        assert not [line for line in mallory.heard if "secret" in line]

    def test_somebody_who_hears_only_whom_they_accept_refuses(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        alice.do("MODE alice +g", r"MODE alice :?\+g")
        with session_on(irc_network) as session, pytest.raises(
                DeliveryError, match="the IRC server refused: 716") as failed:
            session.send_lines("alice", ["hello"], soon())
        assert failed.value.permanent
        assert not alice.said_by("fmn")

    def test_nothing_is_begun_that_might_not_end_in_time(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        with session_on(irc_network, timeout_seconds=2) as session:
            for seconds in (-1, 3):
                with pytest.raises(DeliveryError, match="too much else") as failed:
                    session.send_lines("alice", ["too late"], soon(seconds))
                assert failed.value.code.label == "busy"
            session.send_lines("alice", ["in time"], soon())
        assert alice.wait_for_said("fmn") == ["in time"]

    def test_two_at_once_do_not_mix(self, irc_network: Network) -> None:
        alice, bob = irc_network.owner("alice"), irc_network.owner("bob")
        with session_on(irc_network) as session:
            with beside(lambda: session.send_lines("bob", ["b"] * 30, math.inf)):
                session.send_lines("alice", ["a"] * 30, math.inf)
            assert alice.wait_for_said("fmn", 30) == ["a"] * 30
            assert bob.wait_for_said("fmn", 30) == ["b"] * 30


class TestFloodLimits:
    @pytest.mark.parametrize("limits", [
        # Whoever sends more than ten lines at once, then four a second, is thrown out
        Limits(threshold=10, commandrate=4_000),
        # Four lines a second are read, and whoever has 4,096 bytes waiting is thrown out
        Limits(threshold=10, commandrate=4_000, fakelag=True, recvq=4096),
    ])
    def test_a_long_digest_goes_through_where_others_are_thrown_out(
        self, irc_directory: Path, irc_registered: Callable[[type[Services]], Path], limits: Limits,
    ) -> None:
        with new_network(irc_directory, Anope, irc_registered(Anope), limits).running() as network:
            alice = network.owner("alice")
            # Given a server that throws out who talks too fast
            flooder = network.stranger("flooder")
            flooder.send(*[f"PRIVMSG nobody :{LONG}"] * 60)
            wait_until(lambda: not flooder.is_there, 10, "the server bears everything")

            # When many long lines are said at the speed that it allows
            with session_on(network, lines_per_second=4, burst=2) as session:
                session.send_lines("alice", [LONG] * 20, math.inf)
                # Then all of them arrive
                assert alice.wait_for_said("fmn", 20) == [LONG] * 20
                assert not session.ended.is_set()

    def test_a_server_that_reads_slowly_is_waited_for(
        self, irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
    ) -> None:
        # Given a server slower than we were told, with little room for what waits
        limits = Limits(threshold=10, commandrate=10_000, fakelag=True, recvq=4096)
        with new_network(irc_directory, Anope, irc_registered(Anope), limits).running() as network:
            alice = network.owner("alice")
            with session_on(network, lines_per_second=100, burst=50) as session:
                session.send_lines("alice", [LONG] * 40, math.inf)
                assert alice.wait_for_said("fmn", 40) == [LONG] * 40


class TestEnds:
    def test_a_kill_ends_it_with_the_reason(self, irc_network: Network) -> None:
        root = irc_network.operator()
        with session_on(irc_network) as session:
            root.send("KILL fmn :too chatty")
            assert session.ended.wait(10)
            with pytest.raises(ChannelDownError, match=r"the IRC server hung up: .*too chatty"):
                session.send_lines("alice", ["hello"], soon())

    def test_one_in_the_middle_of_a_digest_leaves_it_unconfirmed(self, irc_network: Network) -> None:
        root, alice = irc_network.operator(), irc_network.owner("alice")
        with session_on(irc_network, lines_per_second=5, burst=1) as session:
            def kill() -> None:
                alice.wait_for_said("fmn", 3)
                root.send("KILL fmn :too chatty")

            with beside(kill), pytest.raises(DeliveryError, match="some of it may have arrived") as failed:
                session.send_lines("alice", ["line"] * 20, soon())
        assert failed.value.code.label == "unconfirmed"
        assert not failed.value.permanent
        assert not isinstance(failed.value, ChannelDownError)

    def test_who_is_given_another_nick_leaves(self, irc_network: Network) -> None:
        root = irc_network.operator()
        with session_on(irc_network) as session:
            # When somebody in power calls us something else
            root.send("SANICK fmn guest")
            # Then we leave, rather than be there as that
            assert session.ended.wait(10)
            assert session.end.reason == "the IRC server doesn't leave us our nick fmn"
            wait_until(lambda: not root.sees("guest"), 10, "the guest stays")

    def test_a_server_that_hangs_is_given_up(self, irc_network: Network) -> None:
        alice = irc_network.owner("alice")
        with session_on(irc_network, timeout_seconds=1) as session:
            session.send_lines("alice", ["hello"], soon())
            with irc_network.server.frozen(), pytest.raises(
                    DeliveryError, match="doesn't answer") as failed:
                session.send_lines("alice", ["are you there?"], soon())
            assert failed.value.code.label == "unconfirmed"
            assert session.ended.is_set()
        assert alice.wait_for_said("fmn")[0] == "hello"

    def test_a_server_that_hangs_while_nothing_is_said_is_noticed(
        self, irc_network: Network, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("fmn.delivery.irc.irc_session.IDLE_BEFORE_PING", 0.2)
        with session_on(irc_network, timeout_seconds=1) as session:
            def ended() -> bool:
                session.check_alive()
                return session.ended.is_set()

            with irc_network.server.frozen():
                wait_until(ended, 10, "nobody notices")
        assert session.end.reason == "the IRC server doesn't answer"


class TestServicesAway:
    def test_means_later_and_not_that_nobody_is_there(self, network: Network) -> None:
        alice = network.owner("alice")
        with session_on(network) as session:
            network.services.stop()
            with pytest.raises(ChannelDownError, match="NickServ doesn't say who is there"):
                session.send_lines("alice", ["hello"], soon())
            # And when they're back, she's told
            network.services.start()
            wait_until(lambda: told(session, "alice", "hello again"), 60, "she isn't told")
        assert alice.wait_for_said("fmn") == ["hello again"]

    def test_a_netsplit_is_waited_for(
        self, irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
    ) -> None:
        with split_network(irc_directory, Anope, irc_registered(Anope)).running() as network:
            # Given Alice and the services on another server than ours
            server, hub = network.servers
            root = network.operator()
            root.do("CONNECT hub.test", "LINK: .*hub.test")
            wait_until(lambda: root.sees("NickServ"), 20, "the services don't come")
            alice = network.owner("alice", hub)
            with session_on(network) as session:
                session.send_lines("alice", ["before"], soon())
                # When the network splits
                root.do("SQUIT hub.test", "LINK: .*hub.test")
                with pytest.raises(ChannelDownError):
                    session.send_lines("alice", ["meanwhile"], soon())
                # Then it's said when it has grown together
                root.send("CONNECT hub.test")
                wait_until(lambda: told(session, "alice", "after"), 60, "she isn't told")
            assert alice.wait_for_said("fmn", 2) == ["before", "after"]
            assert server.running


def told(session: IrcSession, nick: str, line: str) -> bool:
    """Whether somebody could be told."""
    try:
        session.send_lines(nick, [line], soon())
    except (NickOfflineError, ChannelDownError):
        return False
    return True

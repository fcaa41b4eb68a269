"""Who is answered on IRC, and how often."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fmn.delivery.irc.bot import FAILED, MAX_WAITING, TOO_MANY
from tests.integration.delivery.irc.channel_fixtures import StubChatCommands, present_on, to
from tests.servers.irc import Anope, Limits, Services
from tests.servers.irc_network import Network, new_network
from tests.servers.waiting import wait_until


class TestTheOwnerOfANick:
    def test_is_answered_by_the_command_handler(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        with present_on(irc_network, commands):
            # When Alice writes
            alice.say("fmn", "list filters")
            # Then the command handler is asked what she wrote, and she hears what it says
            assert alice.wait_for_said("fmn") == ["alice said list filters"]
        assert commands.asked == [("irc", "alice", "list filters")]

    def test_confirms_with_what_they_say(self, irc_network: Network) -> None:
        # Given a command handler that confirms whoever says the code, and both who ask
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        confirmed: list[str] = []

        def confirm(sender: str, _text: str) -> list[str]:
            confirmed.append(sender)
            return [f"{sender} is confirmed"]

        commands.answers = confirm
        mallory = irc_network.stranger("bob")
        with present_on(irc_network, commands):
            # When both say it, then the owner of the nick is confirmed, and whoever uses another's isn't
            mallory.say("fmn", "confirm 1234")
            mallory.wait_for_said("fmn")
            alice.say("fmn", "confirm 1234")
            assert alice.wait_for_said("fmn") == ["alice is confirmed"]
        assert confirmed == ["alice"]

    def test_gets_an_answer_of_any_length_in_lines(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        commands.answers = lambda _sender, _text: ["word " * 200, "one\r\nQUIT :two"]
        with present_on(irc_network, commands):
            alice.say("fmn", "help")
            said = alice.wait_for_said("fmn", 5)
        assert " ".join(said[:-1]) == " ".join(["word"] * 200)
        assert said[-1] == "one QUIT :two"

    def test_hears_nothing_where_there_is_nothing_to_say(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        commands.answers = lambda _sender, text: [] if text == "hm" else [text]
        with present_on(irc_network, commands):
            alice.say("fmn", "hm")
            alice.say("fmn", "help")
            assert alice.wait_for_said("fmn") == ["help"]

    def test_is_told_when_something_is_wrong(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")

        def fail(_sender: str, _text: str) -> list[str]:
            raise ConnectionError("the database is away")

        commands.answers = fail
        with present_on(irc_network, commands):
            alice.say("fmn", "help")
            assert alice.wait_for_said("fmn") == [FAILED]
            commands.answers = lambda _sender, _text: ["better"]
            alice.say("fmn", "help")
            assert alice.wait_for_said("fmn", 2)[-1] == "better"


class TestAStranger:
    def test_is_told_once_to_identify(self, irc_network: Network) -> None:
        # Given somebody who uses Alice's nick
        commands, mallory = StubChatCommands(), irc_network.stranger("alice")
        bob = irc_network.owner("bob")
        with present_on(irc_network, commands):
            for _ in range(3):
                mallory.say("fmn", "list filters")
            bob.say("fmn", "help")
            bob.wait_for_said("fmn")
            mallory.catch_up()
            [told] = mallory.said_by("fmn")
        assert told.startswith("I only answer the owner of a nick")
        assert [sender for _, sender, _ in commands.asked] == ["bob"]

    def test_is_answered_as_soon_as_they_have_identified(self, irc_network: Network) -> None:
        somebody = irc_network.stranger("alice")
        with present_on(irc_network):
            somebody.say("fmn", "help")
            somebody.wait_for_said("fmn")
            somebody.identify()
            somebody.say("fmn", "help")
            assert somebody.wait_for_said("fmn", 2)[-1] == "alice said help"

    def test_is_told_when_services_are_away(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        with present_on(irc_network, commands):
            irc_network.services.stop()
            alice.say("fmn", "help")
            assert alice.wait_for_said("fmn")[0].startswith("I can’t find out who you are")
        assert not commands.asked


class TestSilence:
    def test_is_kept_towards_notices_actions_and_services(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        service = irc_network.stranger("HelpServ")
        with present_on(irc_network, commands):
            alice.send("NOTICE fmn :help", "PRIVMSG fmn :\x01ACTION hi\x01", "PRIVMSG fmn :\x01VERSION\x01")
            service.say("fmn", "Welcome to our network!")
            alice.say("fmn", "help")
            alice.wait_for_said("fmn")
            service.catch_up()
        assert commands.asked == [("irc", "alice", "help")]
        assert not service.said_by("fmn")
        assert not [line for line in alice.heard if ":fmn!" in line and "NOTICE" in line]

    def test_follows_one_hint_for_who_asks_too_fast(self, irc_network: Network) -> None:
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        with present_on(irc_network, commands):
            # When Alice asks far too much
            for number in range(30):
                alice.say("fmn", f"help {number}")
            # Then she's answered for a while, told once, and then no more
            alice.wait_for_said("fmn", 6)
            alice.catch_up()
            said = alice.said_by("fmn")
        assert [text for _, _, text in commands.asked] == [f"help {number}" for number in range(5)]
        assert said == [*(f"alice said help {number}" for number in range(5)), TOO_MANY]

    def test_a_desk_that_takes_its_time_holds_up_no_delivery(self, irc_network: Network) -> None:
        # Given a command handler that hangs, and more questions than anybody could answer
        commands, alice = StubChatCommands(), irc_network.owner("alice")
        with present_on(irc_network, commands) as channel:
            commands.may_go_on.clear()
            for _ in range(MAX_WAITING + 10):
                alice.say("fmn", "help")
            wait_until(lambda: commands.asked, 10, "nobody is asked")
            # When something is to be delivered, then it is
            channel.deliver(to("alice"))
            assert alice.wait_for_said("fmn")[0] == "[Bodhi] it rains"
            commands.may_go_on.set()


def test_a_flood_of_questions_holds_up_no_delivery(
    irc_directory: Path, irc_registered: Callable[[type[Services]], Path],
) -> None:
    # Given a server that throws out who sends more than four lines a second, and answers of many lines
    limits = Limits(threshold=10, commandrate=5_000)
    commands = StubChatCommands()
    commands.answers = lambda _sender, _text: ["a line of an answer"] * 20
    with new_network(irc_directory, Anope, irc_registered(Anope), limits).running() as network:
        alice, bob = network.owner("alice"), network.owner("bob")
        with present_on(network, commands, lines_per_second=4, burst=2) as channel:
            for _ in range(5):
                bob.say("fmn", "list rules")
            bob.wait_for_said("fmn")
            # When a few things are to be delivered meanwhile
            with ThreadPoolExecutor(2) as pool:
                for _ in pool.map(channel.deliver, [to("alice", f"event {n}") for n in range(4)]):
                    pass
            # Then they were, while Bob was still being answered, and we're still there
            assert len(alice.wait_for_said("fmn", 4)) == 4
            assert len(bob.said_by("fmn")) < 60
            assert network.stranger("carol").sees("fmn")

"""Who is there, by what a server and services say that a test makes up."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Condition

import pytest

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc import nick_owners
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.nick_owners import NickOwners
from fmn.delivery.irc.nickserv import NickStatus

SERVICES = "NickServ!services@services.test"


def says(text: str, source: str = SERVICES) -> IrcEvent:
    return IrcEvent("privnotice", source, "fmn", [text])


def numeric(code: str, *arguments: str) -> IrcEvent:
    return IrcEvent(code, "irc.test", "fmn", arguments)


class World:
    """Notes what is said, and answers at once."""

    def __init__(self, services: str = "NickServ") -> None:
        self.said: list[str] = []
        self.answer: Callable[[str], IrcEvent | None] = lambda nick: says(f"{nick} ACC 3")
        self.owners = NickOwners(services, "acc", self.talk, Condition(), patience=0.05)

    def talk(self, *words: str, until: float) -> None:
        self.said.append(" ".join(words))
        if words[0] == "PRIVMSG" and (heard := self.answer(words[-1].rpartition(" ")[2])):
            self.owners.handle_event(heard)

    def nick_status(self, nick: str = "alice", most_watched: int = 0) -> NickStatus:
        return self.owners.nick_status(nick, math.inf, most_watched)


@pytest.fixture
def world() -> World:
    return World()


def test_services_are_asked_and_believed(world: World) -> None:
    assert world.nick_status("Alice") is NickStatus.OWNER
    assert world.said == ["PRIVMSG NickServ :ACC alice"]
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.nick_status("bob") is NickStatus.STRANGER


def test_who_is_watched_is_asked_about_once(world: World) -> None:
    for _ in range(3):
        assert world.nick_status(most_watched=30) is NickStatus.OWNER
    assert world.said == ["MONITOR + alice", "PRIVMSG NickServ :ACC alice"]


@pytest.mark.parametrize("code", ["730", "731"])
def test_who_leaves_or_comes_is_asked_about_anew(world: World, code: str) -> None:
    world.nick_status(most_watched=30)
    world.owners.handle_event(numeric(code, "bob!b@example.org,Alice!a@example.org"))
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.nick_status(most_watched=30) is NickStatus.STRANGER


def test_without_a_watch_an_answer_holds_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.nick_status()
    world.nick_status()
    assert len(world.said) == 1
    monkeypatch.setattr(nick_owners, "UNWATCHED", 0.0)
    world.nick_status("bob")
    world.nick_status("bob")
    assert len(world.said) == 3


def test_that_somebody_is_not_the_owner_holds_no_moment(world: World) -> None:
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.nick_status(most_watched=30) is NickStatus.STRANGER
    world.answer = lambda nick: says(f"{nick} ACC 3")
    assert world.nick_status(most_watched=30) is NickStatus.OWNER


def test_no_more_are_watched_than_the_server_can(world: World) -> None:
    for nick in ("alice", "bob", "alice", "carol"):
        world.nick_status(nick, most_watched=2)
    assert [line for line in world.said if line.startswith("MONITOR")] == [
        "MONITOR + alice", "MONITOR + bob", "MONITOR - alice", "MONITOR + carol"]
    # And who isn't watched any more isn't known either
    before = len(world.said)
    world.nick_status("alice", most_watched=2)
    assert world.said[before:] == ["MONITOR - bob", "MONITOR + alice", "PRIVMSG NickServ :ACC alice"]


def test_services_that_say_nothing_are_away(world: World) -> None:
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError, match="NickServ doesn't say who is there"):
        world.nick_status()


def test_a_late_answer_is_not_taken_for_one_to_a_later_question(
    world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given services that took their time with an answer, while the nick went over to somebody else
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError):
        world.nick_status()
    world.answer = lambda nick: says(f"{nick} ACC 3")
    # Then they aren't asked again until that answer must have come
    with pytest.raises(ChannelDownError):
        world.nick_status()
    assert world.said == ["PRIVMSG NickServ :ACC alice"]
    assert world.nick_status("bob") is NickStatus.OWNER
    monkeypatch.setattr(nick_owners, "LATE_REPLY_WINDOW", 0.0)
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError):
        world.nick_status("carol")
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.nick_status("carol") is NickStatus.STRANGER


@pytest.mark.parametrize("heard", [
    numeric("401", "NickServ", "No such nick"), IrcEvent("disconnect", "irc.test", "", []),
])
def test_services_that_are_not_there_are_not_waited_for(heard: IrcEvent) -> None:
    world = World()
    world.owners = NickOwners("NickServ", "acc", world.talk, Condition(), patience=3600)
    world.answer = lambda _nick: heard
    with pytest.raises(ChannelDownError):
        world.nick_status()


@pytest.mark.parametrize("source", [
    "mallory!services@services.test", "NickServ2!services@services.test", "irc.test",
])
def test_nobody_else_is_believed(world: World, source: str) -> None:
    world.answer = lambda nick: says(f"{nick} ACC 3", source)
    with pytest.raises(ChannelDownError):
        world.nick_status()


def test_with_a_host_only_services_from_there_are_asked_and_believed() -> None:
    world = World("NickServ@services.test")
    assert world.nick_status() is NickStatus.OWNER
    assert world.said == ["PRIVMSG NickServ@services.test :ACC alice"]
    world.answer = lambda nick: says(f"{nick} ACC 3", "NickServ!services@elsewhere.test")
    with pytest.raises(ChannelDownError):
        world.nick_status("bob")


def test_an_answer_about_somebody_else_is_no_answer(world: World) -> None:
    world.answer = lambda _nick: says("bob ACC 3")
    with pytest.raises(ChannelDownError):
        world.nick_status("alice")

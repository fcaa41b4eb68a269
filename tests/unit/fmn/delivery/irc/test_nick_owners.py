"""Who is there, by what a server and services say that a test makes up."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import Condition

import pytest

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc import nick_owners
from fmn.delivery.irc.irc_connection import Heard
from fmn.delivery.irc.nick_owners import Owners
from fmn.delivery.irc.nickserv import Standing

SERVICES = "NickServ!services@services.test"


def says(text: str, source: str = SERVICES) -> Heard:
    return Heard("privnotice", source, "fmn", [text])


def numeric(code: str, *arguments: str) -> Heard:
    return Heard(code, "irc.test", "fmn", arguments)


class World:
    """Notes what is said, and answers at once."""

    def __init__(self, services: str = "NickServ") -> None:
        self.said: list[str] = []
        self.answer: Callable[[str], Heard | None] = lambda nick: says(f"{nick} ACC 3")
        self.owners = Owners(services, "acc", self.talk, Condition(), patience=0.05)

    def talk(self, *words: str, until: float) -> None:
        self.said.append(" ".join(words))
        if words[0] == "PRIVMSG" and (heard := self.answer(words[-1].rpartition(" ")[2])):
            self.owners.hear(heard)

    def standing(self, nick: str = "alice", most_watched: int = 0) -> Standing:
        return self.owners.standing(nick, math.inf, most_watched)


@pytest.fixture
def world() -> World:
    return World()


def test_services_are_asked_and_believed(world: World) -> None:
    assert world.standing("Alice") is Standing.OWNER
    assert world.said == ["PRIVMSG NickServ :ACC alice"]
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.standing("bob") is Standing.STRANGER


def test_who_is_watched_is_asked_about_once(world: World) -> None:
    for _ in range(3):
        assert world.standing(most_watched=30) is Standing.OWNER
    assert world.said == ["MONITOR + alice", "PRIVMSG NickServ :ACC alice"]


@pytest.mark.parametrize("code", ["730", "731"])
def test_who_leaves_or_comes_is_asked_about_anew(world: World, code: str) -> None:
    world.standing(most_watched=30)
    world.owners.hear(numeric(code, "bob!b@example.org,Alice!a@example.org"))
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.standing(most_watched=30) is Standing.STRANGER


def test_without_a_watch_an_answer_holds_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.standing()
    world.standing()
    assert len(world.said) == 1
    monkeypatch.setattr(nick_owners, "UNWATCHED", 0.0)
    world.standing("bob")
    world.standing("bob")
    assert len(world.said) == 3


def test_that_somebody_is_not_the_owner_holds_no_moment(world: World) -> None:
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.standing(most_watched=30) is Standing.STRANGER
    world.answer = lambda nick: says(f"{nick} ACC 3")
    assert world.standing(most_watched=30) is Standing.OWNER


def test_no_more_are_watched_than_the_server_can(world: World) -> None:
    for nick in ("alice", "bob", "alice", "carol"):
        world.standing(nick, most_watched=2)
    assert [line for line in world.said if line.startswith("MONITOR")] == [
        "MONITOR + alice", "MONITOR + bob", "MONITOR - alice", "MONITOR + carol"]
    # And who isn't watched any more isn't known either
    before = len(world.said)
    world.standing("alice", most_watched=2)
    assert world.said[before:] == ["MONITOR - bob", "MONITOR + alice", "PRIVMSG NickServ :ACC alice"]


def test_services_that_say_nothing_are_away(world: World) -> None:
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError, match="NickServ doesn't say who is there"):
        world.standing()


def test_a_late_answer_is_not_taken_for_one_to_a_later_question(
    world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given services that took their time with an answer, while the nick went over to somebody else
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError):
        world.standing()
    world.answer = lambda nick: says(f"{nick} ACC 3")
    # Then they aren't asked again until that answer must have come
    with pytest.raises(ChannelDownError):
        world.standing()
    assert world.said == ["PRIVMSG NickServ :ACC alice"]
    assert world.standing("bob") is Standing.OWNER
    monkeypatch.setattr(nick_owners, "LATE", 0.0)
    world.answer = lambda _nick: None
    with pytest.raises(ChannelDownError):
        world.standing("carol")
    world.answer = lambda nick: says(f"{nick} ACC 1")
    assert world.standing("carol") is Standing.STRANGER


@pytest.mark.parametrize("heard", [
    numeric("401", "NickServ", "No such nick"), Heard("disconnect", "irc.test", "", []),
])
def test_services_that_are_not_there_are_not_waited_for(heard: Heard) -> None:
    world = World()
    world.owners = Owners("NickServ", "acc", world.talk, Condition(), patience=3600)
    world.answer = lambda _nick: heard
    with pytest.raises(ChannelDownError):
        world.standing()


@pytest.mark.parametrize("source", [
    "mallory!services@services.test", "NickServ2!services@services.test", "irc.test",
])
def test_nobody_else_is_believed(world: World, source: str) -> None:
    world.answer = lambda nick: says(f"{nick} ACC 3", source)
    with pytest.raises(ChannelDownError):
        world.standing()


def test_with_a_host_only_services_from_there_are_asked_and_believed() -> None:
    world = World("NickServ@services.test")
    assert world.standing() is Standing.OWNER
    assert world.said == ["PRIVMSG NickServ@services.test :ACC alice"]
    world.answer = lambda nick: says(f"{nick} ACC 3", "NickServ!services@elsewhere.test")
    with pytest.raises(ChannelDownError):
        world.standing("bob")


def test_an_answer_about_somebody_else_is_no_answer(world: World) -> None:
    world.answer = lambda _nick: says("bob ACC 3")
    with pytest.raises(ChannelDownError):
        world.standing("alice")

"""What servers say that aren't as they should be, and what comes of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress

import pytest

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.irc_session import IrcSession
from tests.integration.delivery.irc.scripted_server import HANG_UP, USUAL, WELCOME, ScriptedIrc
from tests.servers.waiting import wait_until

BAN = [b":irc.test 465 fmn :You are banned from this server", b"ERROR :Closing Link: fmn (K-Lined)"]


@contextmanager
def session_on(
    server: ScriptedIrc, heard: list[IrcEvent] | None = None, **changes: object,
) -> Iterator[IrcSession]:
    messages: list[IrcEvent] = [] if heard is None else heard
    with closing(IrcSession(server.settings(**changes), messages.append)) as session:
        yield session


@pytest.mark.parametrize(("answer", "reason"), [
    (BAN, "the IRC server doesn't want us: You are banned from this server"),
    ([b":irc.test 433 * fmn :Nickname is already in use"], "our nick fmn is in use on IRC, or held"),
    ([b":irc.test 437 * fmn :Nick is temporarily unavailable"], "our nick fmn is in use on IRC, or held"),
    ([b":irc.test 432 * fmn :Held for services"], "our nick fmn is in use on IRC, or held"),
    ([b":irc.test 001 fm :Welcome"], "the IRC server doesn't leave us our nick fmn"),
    ([b"ERROR :Closing Link: throttled\x02", HANG_UP], "the IRC server hung up: Closing Link: throttled"),
    ([HANG_UP], "the IRC server hung up: the connection broke"),
])
def test_who_is_not_let_in_says_why(answer: Sequence[bytes], reason: str) -> None:
    with ScriptedIrc(USER=answer) as server, pytest.raises(
            ChannelDownError) as failed, session_on(server):
        pass
    assert failed.value.reason.startswith(reason)


def test_a_server_that_knows_no_sasl_is_left_again() -> None:
    with ScriptedIrc(CAP=[b":irc.test 421 * CAP :Unknown command"]) as server, pytest.raises(
            ChannelDownError, match="doesn't offer a login with SASL"), session_on(
                server, sasl_username="fmn", sasl_password="secret"):
        pass


def test_a_server_that_lets_nobody_in_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fmn.delivery.irc.irc_session.LOGIN_TIMEOUT", 0.2)
    with ScriptedIrc(USER=[]) as server, pytest.raises(
            ChannelDownError, match="it took too long"), session_on(server):
        pass


@pytest.mark.parametrize("line", [b":irc.test", b"QUIT", b":a!b@c PRIVMSG fmn", b" ", b"\xff\xfe"])
def test_a_line_that_makes_no_sense_ends_it_at_most(line: bytes) -> None:
    with ScriptedIrc() as server, session_on(server) as session:
        server.answers["PING"] = [line, b":irc.test PONG irc.test :%s"]
        # Then it's read over, or the connection ends and another one may go better
        with suppress(DeliveryError):
            session.send_lines("alice", ["hello"], math.inf)
            return
        assert session.ended.wait(10)


def test_what_is_not_utf_8_is_read_as_well_as_can_be() -> None:
    heard: list[IrcEvent] = []
    answers = [b":bob!b@c PRIVMSG fmn :caf\xe9", b":irc.test PONG irc.test :%s"]
    with ScriptedIrc(PING=answers) as server, session_on(server, heard) as session:
        session.send_lines("alice", ["hello"], math.inf)
        wait_until(lambda: heard, 10, "nothing is heard")
    assert [(message.nick, message.user_and_host, message.text) for message in heard] == [
        ("bob", "b@c", "café")]


def test_a_connection_that_breaks_before_the_server_confirms_leaves_lines_in_doubt() -> None:
    with ScriptedIrc(PING=[HANG_UP]) as server, session_on(server) as session:
        with pytest.raises(DeliveryError, match="some of it may have arrived") as failed:
            session.send_lines("alice", ["hello"], math.inf)
        assert failed.value.code.label == "unconfirmed"
        assert "PRIVMSG alice :hello" in server.lines


def test_a_connection_that_breaks_right_after_the_server_has_confirmed_leaves_none_in_doubt() -> None:
    for _ in range(20):
        with ScriptedIrc(PING=[*USUAL["PING"], HANG_UP]) as server, session_on(server) as session:
            session.send_lines("alice", ["hello"], math.inf)
            assert session.ended.wait(10)


def test_one_that_breaks_before_anything_was_said_leaves_none() -> None:
    with ScriptedIrc(PRIVMSG=[HANG_UP]) as server, session_on(server) as session:
        with pytest.raises(ChannelDownError):
            session.send_lines("alice", ["hello"], math.inf)
        assert "PRIVMSG alice :hello" not in server.lines


def test_a_server_without_monitor_is_asked_about_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fmn.delivery.irc.nick_owners.UNWATCHED", 0.0)
    with ScriptedIrc() as server, session_on(server) as session:
        session.send_lines("alice", ["one", "two"], math.inf)
        said = [line for line in server.lines if line.startswith(("PRIVMSG", "MONITOR"))]
    assert said == [
        "PRIVMSG NickServ :ACC alice", "PRIVMSG alice :one",
        "PRIVMSG NickServ :ACC alice", "PRIVMSG alice :two"]


def test_a_server_with_monitor_tells_who_leaves() -> None:
    supported = b":irc.test 005 fmn MONITOR=30 :are supported by this server"
    with ScriptedIrc(USER=[supported, WELCOME]) as server, session_on(server) as session:
        session.send_lines("alice", ["one", "two"], math.inf)
        said = [line for line in server.lines if line.startswith(("PRIVMSG", "MONITOR"))]
    assert said == [
        "MONITOR + alice", "PRIVMSG NickServ :ACC alice", "PRIVMSG alice :one", "PRIVMSG alice :two"]

"""Mails whose commands are sent behind the content of the mail before, over one connection (RFC 2920)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing

import pytest

from fmn.delivery.contract import DeliveryError
from fmn.delivery.email.recipients import parse_recipient
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_pool import QueuedMail, SmtpPool
from fmn.delivery.email.smtp_session import Mail
from tests.integration.delivery.scripted_server import HANG_UP, SAY_NOTHING, ScriptedServer
from tests.servers.waiting import wait_until

PIPELINING = b"250-scripted\r\n250 PIPELINING"
ENVELOPE = ["MAIL", "RCPT", "DATA"]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(EHLO=PIPELINING) as server:
        yield server


@pytest.fixture
def pool(server: ScriptedServer) -> Iterator[SmtpPool]:
    with closing(SmtpPool(EmailSettings(host="127.0.0.1", port=server.port, timeout_seconds=0.3))) as pool:
        yield pool


def queued(pool: SmtpPool, nick: str) -> QueuedMail:
    return pool.queue(Mail("fmn@example.org", parse_recipient(f"{nick}@example.org"), content(nick)))


def content(nick: str) -> bytes:
    return f"Subject: hello\r\n\r\nHello {nick}.\r\n".encode()


def send(pool: SmtpPool, mail: QueuedMail) -> None:
    for pause in pool.sending(mail):
        pause.wait()


def test_the_next_mail_is_announced_with_the_one_before(server: ScriptedServer, pool: SmtpPool) -> None:
    alice, bob = queued(pool, "alice"), queued(pool, "bob")
    send(pool, alice)
    wait_until(lambda: server.commands == ["EHLO", *ENVELOPE, *ENVELOPE], 5, "Bob's mail isn't announced")
    assert server.mails == [content("alice")]
    send(pool, bob)
    assert server.mails == [content("alice"), content("bob")]
    assert server.connections == 1


def test_without_pipelining_nothing_is_announced(server: ScriptedServer, pool: SmtpPool) -> None:
    server.answers["EHLO"] = b"250 scripted"
    alice, bob = queued(pool, "alice"), queued(pool, "bob")
    send(pool, alice)
    send(pool, bob)
    assert server.commands == ["EHLO", *ENVELOPE, *ENVELOPE]
    assert server.mails == [content("alice"), content("bob")]


@pytest.mark.parametrize("answer", [b"554 5.7.1 looks like spam", b"451 4.3.0 disk trouble"])
def test_a_refused_content_is_not_the_next_mails(
    answer: bytes, server: ScriptedServer, pool: SmtpPool,
) -> None:
    alice, bob = queued(pool, "alice"), queued(pool, "bob")
    server.once["content"] = answer
    with pytest.raises(DeliveryError, match=answer.decode()):
        send(pool, alice)
    send(pool, bob)
    assert server.mails[-1] == content("bob")
    assert server.connections == 1
    assert "RSET" not in server.commands


def test_a_refused_recipient_is_not_the_mails_before(server: ScriptedServer, pool: SmtpPool) -> None:
    alice, bob, carol = (queued(pool, nick) for nick in ("alice", "bob", "carol"))
    steps = pool.sending(alice)
    while next(steps).connection is not None:
        pass
    server.once["RCPT"] = b"550 5.1.1 no such user"
    for pause in steps:
        pause.wait()
    with pytest.raises(DeliveryError, match="no such user"):
        send(pool, bob)
    send(pool, carol)
    assert server.mails == [content("alice"), content("carol")]
    assert server.connections == 1


@pytest.mark.parametrize("instead", [HANG_UP, b"421 4.3.2 going down"])
def test_a_connection_lost_before_its_content_costs_the_next_mail_nothing(
    instead: bytes, server: ScriptedServer, pool: SmtpPool,
) -> None:
    alice, bob = queued(pool, "alice"), queued(pool, "bob")
    steps = pool.sending(alice)
    while next(steps).connection is not None:
        pass
    server.once["MAIL"] = instead
    for pause in steps:
        pause.wait()
    send(pool, bob)
    assert server.mails == [content("alice"), content("bob")]
    assert server.connections == 2


def test_a_server_that_ignores_what_comes_behind_a_mail_is_told_no_more_of_it(
    server: ScriptedServer, pool: SmtpPool,
) -> None:
    mails = [queued(pool, nick) for nick in ("alice", "bob", "carol")]
    steps = pool.sending(mails[0])
    while next(steps).connection is not None:
        pass
    server.once["MAIL"] = SAY_NOTHING
    for pause in steps:
        pause.wait()
    with pytest.raises(DeliveryError) as failed:
        send(pool, mails[1])
    assert not failed.value.permanent
    again = queued(pool, "bob")
    send(pool, again)
    assert server.mails == [content("alice"), content("bob")]
    assert server.commands[-4:] == ["EHLO", *ENVELOPE]  # Bob's over another connection, and none of Carol's


def test_a_mail_that_is_dropped_is_never_sent(server: ScriptedServer, pool: SmtpPool) -> None:
    alice, bob, carol = (queued(pool, nick) for nick in ("alice", "bob", "carol"))
    send(pool, alice)
    del bob
    gc.collect()
    send(pool, carol)
    assert server.mails == [content("alice"), content("carol")]
    assert server.connections == 2


def test_a_mail_that_began_elsewhere_is_sent_once(server: ScriptedServer, pool: SmtpPool) -> None:
    alice, bob = queued(pool, "alice"), queued(pool, "bob")
    steps = pool.sending(alice)
    while (pause := next(steps)).connection is not None:
        pause.wait()
    next(steps)  # Alice's content is sent, and Bob's is announced
    send(pool, bob)
    for pause in steps:
        pause.wait()
    assert sorted(server.mails) == [content("alice"), content("bob")]
    assert server.connections == 2


def test_no_more_sessions_are_kept_for_announced_mails_than_there_are_connections(
    server: ScriptedServer,
) -> None:
    settings = EmailSettings(host="127.0.0.1", port=server.port, connections=1)
    with closing(SmtpPool(settings)) as pool:
        alice, bob, carol, dave = (queued(pool, nick) for nick in ("alice", "bob", "carol", "dave"))
        send(pool, alice)  # Bob's is announced
        send(pool, carol)  # and Dave's isn't
        assert bob.session is not None
        assert dave.session is None
        send(pool, bob)
        send(pool, dave)
    assert len(server.mails) == 4
    assert server.connections == 2

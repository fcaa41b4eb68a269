"""What each answer of a mail server, and its silence, means for the delivery and for those after it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.email.recipients import parse_recipient
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_pool import SmtpPool
from fmn.delivery.email.smtp_session import Mail
from fmn.people.email_addresses import EmailAddress
from tests.integration.delivery.scripted_server import HANG_UP, SAY_NOTHING, USUAL, ScriptedServer

SENDER = "fmn@example.org"
ALICE = parse_recipient("alice@example.org")
CONTENT = b"Subject: hello\r\n\r\nHello.\r\n"


@pytest.fixture(
    autouse=True, params=[b"250 scripted", b"250-scripted\r\n250 PIPELINING"], ids=["in turn", "at once"])
def greeted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With servers that are told one thing after the other, and with those that are told all at once."""
    monkeypatch.setitem(USUAL, "EHLO", request.param)


@contextmanager
def pool_for(server: ScriptedServer, patience: float = 5.0) -> Iterator[SmtpPool]:
    settings = EmailSettings(host="127.0.0.1", port=server.port, timeout_seconds=patience)
    with closing(SmtpPool(settings)) as pool:
        yield pool


def send(pool: SmtpPool, recipient: EmailAddress, content: bytes, until: float = math.inf) -> None:
    for pause in pool.sending(pool.queue(Mail(SENDER, recipient, content)), until):
        pause.wait()


@pytest.mark.parametrize(("step", "answer", "permanent", "reason"), [
    ("RCPT", b"550 5.1.1 no such user", True, "the mail server refused: 550 5.1.1 no such user"),
    ("RCPT", b"553-5.1.2 it\r\n553 is\x1b[31m odd \xff", True, "the mail server refused: 553 5.1.2 it is"),
    ("RCPT", b"450 4.2.0 greylisted", False, "the mail server refused: 450 4.2.0 greylisted"),
    ("DATA", b"554 5.7.1 no", True, "the mail server refused: 554 5.7.1 no"),
    ("DATA", b"451 4.3.0 later", False, "the mail server refused: 451 4.3.0 later"),
    ("content", b"554 5.7.1 looks like spam", True, "the mail server refused: 554 5.7.1 looks like spam"),
    ("content", b"552 5.3.4 too big", True, "the mail server refused: 552 5.3.4 too big"),
    ("content", b"451 4.3.0 disk trouble", False, "the mail server refused: 451 4.3.0 disk trouble"),
    ("MAIL", b"552 5.3.4 too big", True, "the mail server refused: 552 5.3.4 too big"),
])
def test_a_refusal_is_this_deliverys_own(step: str, answer: bytes, permanent: bool, reason: str) -> None:
    with ScriptedServer(**{step: answer}) as server, pool_for(server) as pool:
        with pytest.raises(DeliveryError) as failed:
            send(pool, ALICE, CONTENT)
        assert failed.value.reason.startswith(reason)
        assert failed.value.reason.isprintable()
        assert failed.value.permanent == permanent
        assert not isinstance(failed.value, ChannelDownError)

        # And the next one goes over the same connection
        server.answers[step] = USUAL[step]
        send(pool, ALICE, CONTENT)
        assert server.mails[-1] == CONTENT
        assert server.connections == 1


def test_a_server_that_wants_a_mail_for_nobody_does_not_get_it() -> None:
    # Given a server that, told all at once, refuses the recipient and still waits for the mail
    with ScriptedServer(RCPT=b"550 5.1.1 no such user") as server, pool_for(server) as pool:
        server.careless = True
        with pytest.raises(DeliveryError, match="no such user"):
            send(pool, ALICE, CONTENT)
        # Then it has nothing of it, and the next mail comes as it is
        server.answers["RCPT"] = USUAL["RCPT"]
        send(pool, ALICE, CONTENT)
        assert server.mails == [CONTENT]


def test_a_mail_that_is_too_large_for_the_server_is_not_even_offered() -> None:
    with ScriptedServer(EHLO=b"250-scripted\r\n250 SIZE 1000") as server, pool_for(server) as pool:
        with pytest.raises(DeliveryError, match="552 it takes 1000 bytes, the mail has 2026") as failed:
            send(pool, ALICE, CONTENT + b"x" * 2000)
        send(pool, ALICE, CONTENT)
    assert failed.value.permanent
    assert failed.value.code.label == "too large"
    assert server.mails == [CONTENT]
    assert server.connections == 1


@pytest.mark.parametrize(("step", "answer"), [
    ("greeting", b"554 5.3.2 not today"),
    ("greeting", b"421 4.3.2 too busy"),
    ("greeting", b"HTTP/1.1 400 Bad Request"),
    ("greeting", HANG_UP),
    ("EHLO", HANG_UP),
    ("MAIL", b"550 5.7.1 sender rejected"),
    ("MAIL", b"451 4.7.1 too many mails"),
    ("MAIL", b"530 5.7.0 log in first"),
    ("MAIL", HANG_UP),
    ("MAIL", b"what?"),
    ("RCPT", b"421 4.3.2 shutting down"),
    ("DATA", b"421 4.3.2 shutting down"),
    ("content", b"421 4.3.2 shutting down"),
])
def test_what_all_mails_would_meet_means_that_the_channel_is_down(step: str, answer: bytes) -> None:
    with ScriptedServer(**{step: answer}) as server, pool_for(server) as pool:
        with pytest.raises(ChannelDownError) as failed:
            send(pool, ALICE, CONTENT)
        assert failed.value.reason.isprintable()

        # And as soon as the server has changed its mind, mails go out again
        server.answers[step] = USUAL[step]
        send(pool, ALICE, CONTENT)
        assert server.mails[-1] == CONTENT


@pytest.mark.parametrize("step", ["RCPT", "DATA", "content"])
def test_a_server_that_hangs_up_on_one_mail_is_asked_about_the_next(step: str) -> None:
    with ScriptedServer(**{step: HANG_UP}) as server, pool_for(server) as pool:
        with pytest.raises(DeliveryError) as failed:
            send(pool, ALICE, CONTENT)
        assert not failed.value.permanent
        assert not isinstance(failed.value, ChannelDownError)


@pytest.mark.parametrize("step", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_says_nothing_is_down(step: str) -> None:
    silent = {step: SAY_NOTHING}
    with ScriptedServer(**silent) as server, pool_for(
            server, 0.2) as pool, pytest.raises(ChannelDownError, match=r"timed out|took too long"):
        send(pool, ALICE, CONTENT)


def test_a_server_that_does_not_confirm_may_have_the_mail() -> None:
    with ScriptedServer(content=SAY_NOTHING) as server, pool_for(server, patience=0.2) as pool:
        with pytest.raises(DeliveryError, match="which may have arrived") as failed:
            send(pool, ALICE, CONTENT)
        assert failed.value.code.label == "unconfirmed"
        assert not failed.value.permanent
        assert len(server.mails) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [HANG_UP, b"421 4.4.2 you were idle for too long"])
def test_a_kept_connection_that_died_is_replaced_without_anybody_noticing(step: str, answer: bytes) -> None:
    with ScriptedServer() as server, pool_for(server) as pool:
        send(pool, ALICE, CONTENT)
        # Given that the server ends what is open, but takes new connections
        server.once[step] = answer
        send(pool, ALICE, CONTENT)
        assert server.mails == [CONTENT, CONTENT]
        assert server.connections == 2


def test_what_was_handed_over_is_never_sent_a_second_time() -> None:
    with ScriptedServer() as server, pool_for(server) as pool:
        send(pool, ALICE, CONTENT)
        server.answers["content"] = HANG_UP
        with pytest.raises(DeliveryError, match="may have arrived"):
            send(pool, ALICE, CONTENT)
        assert len(server.mails) == 2


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    with ScriptedServer() as server, pool_for(server) as pool:
        with pytest.raises(DeliveryError, match="can't take an address that isn't ASCII: jürgen@") as failed:
            send(pool, parse_recipient("jürgen@example.org"), CONTENT)
        assert failed.value.permanent
        send(pool, ALICE, CONTENT)
        assert server.connections == 1


@pytest.mark.parametrize("answer", [b"500 what?", HANG_UP])
def test_a_connection_on_which_a_refusal_cannot_be_undone_is_not_used_again(answer: bytes) -> None:
    with ScriptedServer(RCPT=b"550 no", RSET=answer) as server, pool_for(server) as pool:
        with pytest.raises(DeliveryError, match="550 no"):
            send(pool, ALICE, CONTENT)
        server.answers["RCPT"] = USUAL["RCPT"]
        send(pool, ALICE, CONTENT)
        assert server.connections == 2


def test_what_might_not_be_confirmed_in_time_is_not_handed_over() -> None:
    # Given a claim that lasts, but not as long as the server may take
    with ScriptedServer() as server, pool_for(server, patience=5) as pool:
        with pytest.raises(ChannelDownError, match="took too long"):
            send(pool, ALICE, CONTENT, until=time.monotonic() + 4)
        send(pool, ALICE, CONTENT, until=time.monotonic() + 60)
        assert server.mails == [CONTENT]


def test_a_process_that_was_stopped_hands_nothing_over_when_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a process that is stopped for a minute just when the server is ready for the mail
    running = time.monotonic
    with ScriptedServer() as server, pool_for(server, patience=5) as pool:
        monkeypatch.setattr(time, "monotonic", lambda: running() + (60 if "DATA" in server.commands else 0))

        # When it wakes, then it knows that somebody else may have sent it
        with pytest.raises(DeliveryError):
            send(pool, ALICE, CONTENT, until=running() + 30)
    assert server.mails == []

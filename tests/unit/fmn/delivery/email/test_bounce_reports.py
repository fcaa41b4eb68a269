"""What mails say that come to return addresses: of the mail servers there are, and of anybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.email.bounce_reports import LONGEST, BounceVerdict, parse_bounce

RETURNED = Path(__file__).parent / "returned"
GONE, FAILED, NOTHING = BounceVerdict.GONE, BounceVerdict.FAILED, BounceVerdict.NOTHING

#: What each of them says, and the words that its reason begins with.
SAID = {
    "postfix_unknown_user": (GONE, "550 5.1.1 <dave@example.net>: Recipient address rejected: User unknown"),
    "postfix_utf8": (GONE, "unknown user: "),
    "postfix_gave_up": (FAILED, "connect to mx.example.net[192.0.2.7]:25: Connection timed out"),
    "postfix_delayed": (NOTHING, "it's delayed: connect to mx.example.net"),
    "exim_unknown_user": (GONE, "550 5.1.1 <dave@example.net> User doesn't exist"),
    "exim_old_form": (GONE, "550 5.1.1 No such user here"),
    "sendmail_host_unknown": (GONE, "5.1.2"),
    "exchange_unknown_user": (GONE, "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
    "exchange_mailbox_full": (FAILED, "554 5.2.2 mailbox full"),
    "gmail_unknown_user": (GONE, "550-5.1.1 <dave@example.net>: Recipient address rejected: 550 5.1.1"),
    "gmail_spam": (FAILED, "550-5.7.26 This mail is unauthenticated"),
    "qmail_unknown_user": (GONE, "#5.1.1"),
    "qmail_over_quota": (FAILED, "the mail server didn't say why"),
    "out_of_office": (NOTHING, "it's no report"),
    "read_receipt": (NOTHING, "it's no report"),
    "delivered": (NOTHING, "it's relayed: 250 2.1.5 Ok"),
    "spam": (NOTHING, "it's no report"),
}


def returned(name: str) -> bytes:
    return (RETURNED / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", [path.stem for path in sorted(RETURNED.iterdir())])
def test_is_understood(name: str, ending: bytes) -> None:
    report = parse_bounce(returned(name).replace(b"\n", ending))
    verdict, reason = SAID[name]
    assert report.verdict is verdict, report.reason
    assert report.reason.startswith(reason)
    assert report.reason.isprintable()


def test_of_several_recipients_the_worst_counts() -> None:
    # Given a report of an address that forwards to two others, of which one took the mail
    relayed = b"\n\nFinal-Recipient: rfc822; carol@example.net\nAction: relayed\nStatus: 2.0.0\n\n--"
    content = returned("postfix_unknown_user").replace(b"\n\n--4Xy", relayed + b"4Xy")
    # Then that the other one is gone isn't overlooked
    assert parse_bounce(content).verdict is GONE


def test_a_mail_that_comes_back_with_its_report_may_be_long() -> None:
    content = returned("gmail_unknown_user") + b"x" * LONGEST
    assert parse_bounce(content).verdict is GONE


def test_a_long_reason_is_cut() -> None:
    content = returned("exchange_mailbox_full").replace(b"mailbox full", b"mailbox full " * 1000)
    assert len(parse_bounce(content).reason) <= 300


@given(st.binary())
def test_of_any_bytes_nothing_is_believed(content: bytes) -> None:
    assert parse_bounce(content).verdict is NOTHING


@given(st.sampled_from(sorted(SAID)), st.data())
def test_damaged_reports_are_read(name: str, data: st.DataObject) -> None:
    # Given one of them, of which a part was lost and something else came in its place
    content = returned(name)
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    damaged = content[:start] + data.draw(st.binary(max_size=50)) + content[end:]
    # Then it's read without an error, and what is told of it is a line
    reason = parse_bounce(damaged).reason
    assert reason
    assert reason.isprintable()


def test_what_is_too_deep_for_a_parser_is_nothing() -> None:
    content = b"Content-Type: message/rfc822\n\n" * 5_000
    assert parse_bounce(content).verdict is NOTHING

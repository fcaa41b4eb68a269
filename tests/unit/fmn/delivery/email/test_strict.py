"""Mails of every kind, held against the standards: RFC 5322, 2045 to 2047, 2369, 2919 and 8058."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Final

import pytest

from tests.unit.fmn.delivery.email.mail_kinds import mails

MAILS: Final = mails()
#: Raises for whatever it would have to guess at.
STRICT: Final = SMTP.clone(raise_on_defect=True)
#: May be there once at most (RFC 5322 section 3.6), must be there once.
ONCE: Final = {
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted"}
AT_MOST_ONCE: Final = {
    "In-Reply-To", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence",
    "Content-Transfer-Encoding"}
ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
MESSAGE_ID: Final = re.compile(rf"<{ATOM}@{ATOM}>")


def parsed(wire: bytes) -> EmailMessage:
    return email.message_from_bytes(wire, policy=STRICT)


def every(mail: EmailMessage) -> Iterator[EmailMessage]:
    """A mail, its parts, and the mails in it with theirs."""
    for part in mail.walk():
        assert isinstance(part, EmailMessage)
        yield part


@pytest.fixture(params=MAILS)
def wire(request: pytest.FixtureRequest) -> bytes:
    return MAILS[request.param]


def test_a_strict_parser_finds_nothing_to_guess_at(wire: bytes) -> None:
    for part in every(parsed(wire)):
        assert not part.defects
        for name, value in part.items():
            assert not value.defects, name
        if part.get_content_maintype() == "text":
            assert part.get_content()


def test_bytes_are_seven_bit_in_lines_that_are_not_too_long(wire: bytes) -> None:
    assert re.fullmatch(rb"[\t\r\n\x20-\x7e]+", wire)
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", wire) is None
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    header = wire.partition(b"\r\n\r\n")[0]
    # Longer ones are a name and a link that can't be broken.
    assert all(len(line) <= 78 or len(line.split()) <= 2 for line in header.split(b"\r\n"))


def test_headers_are_there_as_often_as_they_may_be(wire: bytes) -> None:
    mail = parsed(wire)
    for name in ONCE:
        assert len(mail.get_all(name, [])) == 1, name
    for name in AT_MOST_ONCE:
        assert len(mail.get_all(name, [])) <= 1, name
    [(_, sender)] = getaddresses([str(mail["From"])])
    [(_, recipient)] = getaddresses([str(mail["To"])])
    assert (sender, recipient) == ("fmn@example.org", "alice@example.org")
    assert parsedate_to_datetime(str(mail["Date"])).tzinfo is not None
    assert MESSAGE_ID.fullmatch(str(mail["Message-ID"]))
    for name in ("In-Reply-To", "References"):
        assert name not in mail or MESSAGE_ID.fullmatch(str(mail[name]))


def test_whoever_gets_more_than_a_question_can_stop_it_with_one_click(
    request: pytest.FixtureRequest, wire: bytes,
) -> None:
    mail = parsed(wire)
    if "confirmation" in request.node.name:
        assert not {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"} & set(mail.keys())
        return
    assert re.fullmatch(r"<[a-z0-9.-]+>", str(mail["List-Id"]))
    assert re.fullmatch(r"<https://[^<>\s]+>", str(mail["List-Unsubscribe"]))
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"


def test_mails_within_a_mail_are_mails(request: pytest.FixtureRequest, wire: bytes) -> None:
    enclosed = [
        part.get_content() for part in every(parsed(wire)) if part.get_content_type() == "message/rfc822"]
    assert bool(enclosed) == ("MIME" in request.node.name)
    for mail in enclosed:
        assert all(len(mail.get_all(name, [])) == 1 for name in ("From", "Subject", "Date", "Message-ID"))


class Loading(HTMLParser):
    """What a mail program would load to show a text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.loaded = re.findall(r"url\(|@import", markup)
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += {name for name, _ in attrs} & {"src", "srcset", "background", "poster", "data"}
        self.loaded += {tag} & {"link", "iframe", "object", "embed", "script"}


def test_nothing_is_loaded_that_would_tell_who_reads_it(wire: bytes) -> None:
    for part in every(parsed(wire)):
        if part.get_content_type() == "text/html":
            assert Loading(part.get_content()).loaded == []
    assert not {"Disposition-Notification-To", "Return-Receipt-To"} & set(parsed(wire).keys())

"""Which refusals say that an address is gone, and which that just this mail isn't wanted."""

from __future__ import annotations

import pytest

from fmn.delivery.email.enhanced_status import EnhancedStatus, means_address_gone, parse_enhanced_status


@pytest.mark.parametrize("answer", [
    "550 5.1.1 <dave@example.net>: Recipient address rejected: User unknown",
    "550-5.1.1 The email account that you tried to reach does not exist.",
    "550 #5.1.0 Address rejected.",
    "553 5.1.3 The recipient address isn't valid",
    "550 5.1.10 Domain doesn't take mail",
    "551 5.1.6 Moved away",
    "550 5.2.1 The email account that you tried to reach is disabled",
    "5.4.4 Host or domain name not found",
    "550 No such user here",
    "550 Requested action not taken: mailbox unavailable, user unknown",
    "550 Invalid recipient",
    "553 sorry, no mailbox here by that name",
    "550 5.0.0 <dave@example.net>... User doesn't exist",
    "550 5.5.0 Unknown local user",
])
def test_knows_that_an_address_is_gone(answer: str) -> None:
    assert means_address_gone(answer)


@pytest.mark.parametrize("answer", [
    "550 5.7.1 Relaying denied",
    "554 5.7.1 Message looks like spam to us, no such user as you",
    "550-5.7.26 This mail is unauthenticated",
    "550 5.1.7 The sender's address isn't valid",
    "550 5.1.8 Sender's domain not found",
    "552 5.2.2 Mailbox full",
    "552 5.3.4 Message too large",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 Requested action not taken: mailbox unavailable",
    "554 Transaction failed",
    "450 4.1.1 User unknown, try again",
    "450 No such user, for now",
    "451 4.7.1 Greylisted",
    "host mx said: 550 5.1.1",  # we're told by whom, so it isn't the answer of whom we asked
    "250 2.1.5 Fine",
    "no such user",
    "",
])
def test_takes_nothing_else_for_it(answer: str) -> None:
    assert not means_address_gone(answer)


@pytest.mark.parametrize(("status", "answer", "gone"), [
    ("5.1.1", "unknown user: dave", True),
    ("5.0.0", "550 5.1.1 Unknown", True),
    ("5.0.0", "User unknown", True),
    ("5.7.1", "550 5.1.1 Unknown", False),
    ("4.4.1", "550 5.1.1 Unknown", False),
    ("4.0.0", "User unknown", False),
])
def test_believes_the_status_of_a_report_before_its_words(status: str, answer: str, gone: bool) -> None:
    assert means_address_gone(answer, parse_enhanced_status(status)) is gone


def test_reads_a_status_wherever_something_follows() -> None:
    assert parse_enhanced_status(" 5.1.1 (bad destination mailbox address)") == EnhancedStatus(5, 1, 1)
    assert [parse_enhanced_status(text) for text in ("", "failed", "6.1.1", "5.1", "550 5.1.1")] == [None] * 5

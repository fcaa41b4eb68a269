"""What the mail server's answers mean."""

from __future__ import annotations

import pytest

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.email.smtp_errors import SmtpStep, reply_error


@pytest.mark.parametrize("step", [SmtpStep.RECIPIENT, SmtpStep.DATA, SmtpStep.CONTENT])
@pytest.mark.parametrize("text", [b"5.1.1 No such user", b"No such user"])
def test_a_recipient_that_it_does_not_know_is_gone(step: SmtpStep, text: bytes) -> None:
    error = reply_error(step, 550, text)
    assert (error.permanent, error.address_gone, error.code.label) == (True, True, "address gone")


@pytest.mark.parametrize(("code", "text", "permanent"), [
    (550, b"5.7.1 Looks like spam", True), (552, b"5.3.4 Too large", True),
    (552, b"5.2.2 Mailbox full", True), (554, b"5.7.1 Relay access denied", True),
    (450, b"4.2.1 Mailbox is busy", False), (450, b"4.1.1 No such user, for now", False),
])
def test_other_refusals_are_no_fault_of_the_address(code: int, text: bytes, permanent: bool) -> None:
    error = reply_error(SmtpStep.RECIPIENT, code, text)
    assert (error.permanent, error.address_gone) == (permanent, False)


def test_what_it_says_of_the_sender_is_about_all_mails() -> None:
    error = reply_error(SmtpStep.SENDER, 550, b"5.1.1 No such user")
    assert isinstance(error, ChannelDownError)
    assert not error.address_gone

"""Errors of deliveries from SMTP replies, lost connections and time-outs."""

from __future__ import annotations

from enum import StrEnum

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.email import failures
from fmn.delivery.email.enhanced_status import means_address_gone
from fmn.ledger.reasons import Reason
from fmn.text import shorten

#: Characters of an answer that are kept as the reason: some servers send essays.
_LONGEST_ANSWER = 300

#: Codes of RFC 5321 and RFC 4954 that mean more than "no" to a recipient or a mail.
SHUTTING_DOWN = 421
LOGIN_NEEDED = 530
TOO_LARGE = 552
_PERMANENT = 500


class SmtpStep(StrEnum):
    """Step of the SMTP dialogue. Until ``CONTENT`` the server has nothing of the mail."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"


def reply_error(step: SmtpStep, code: int, text: bytes) -> DeliveryError:
    """The error for a negative reply.

    The server refuses everything (:class:`ChannelDownError`) if it goes away, wants a login, speaks
    something else than SMTP, or doesn't like the sender, which all mails have in common. What it says of the
    recipient is in :mod:`fmn.delivery.email.enhanced_status`.
    """
    said = reply_text(code, text)
    reason = failures.REFUSED.format(answer=said)
    if step is not SmtpStep.SENDER and means_address_gone(said):
        return DeliveryError(reason, permanent=True, address_gone=True, code=Reason.ADDRESS_GONE)
    if code == TOO_LARGE:
        return DeliveryError(reason, permanent=True, code=Reason.TOO_LARGE)
    if step is SmtpStep.SENDER or code in (SHUTTING_DOWN, LOGIN_NEEDED) or code < 0:
        return ChannelDownError(reason)
    return DeliveryError(reason, permanent=code >= _PERMANENT)


def no_reply_error(step: SmtpStep, error: Exception) -> DeliveryError:
    """The error for a connection that broke, or timed out, before the answer to ``step``.

    A server that doesn't answer in time holds everybody up; one that hangs up may have its reasons in
    this mail, and is asked about the next one.
    """
    if step is SmtpStep.CONTENT:
        return DeliveryError(failures.UNCONFIRMED, permanent=False, code=Reason.UNCONFIRMED)
    reason = failures.NO_ANSWER.format(step=step, reason=error_text(error))
    if step is SmtpStep.SENDER or timed_out(error):
        return ChannelDownError(reason)
    return DeliveryError(reason, permanent=False, code=Reason.CONNECTION_LOST)


def reply_text(code: int, text: bytes) -> str:
    """A reply as one line, whatever is in it."""
    return shorten(f"{code} {text.decode('utf-8', 'replace')}", _LONGEST_ANSWER)


def error_text(error: BaseException) -> str:
    """An exception's text as one line."""
    return shorten(str(error) or type(error).__name__, _LONGEST_ANSWER)


def timed_out(error: BaseException | None) -> bool:
    """Whether time ran out; :mod:`smtplib` reports that as a lost connection, and keeps the cause."""
    return error is not None and (isinstance(error, TimeoutError) or timed_out(error.__context__))

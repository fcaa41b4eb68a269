"""One SMTP session: opened once, used for mail after mail.

It's opened by :mod:`smtplib`, which is in the standard library and knows STARTTLS and logins. What follows is
ours: its ``sendmail`` waits, and doesn't tell whether a connection broke before or after the mail was handed
over, which decides whether it may be sent again.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fmn.delivery.contract import ChannelDownError, DeliveryError, Pause
from fmn.delivery.email import failures
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_connection import SmtpConnection, SmtpReply
from fmn.delivery.email.smtp_errors import (
    TOO_LARGE,
    SmtpStep,
    error_text,
    no_reply_error,
    reply_error,
    reply_text,
)
from fmn.ledger.reasons import Reason
from fmn.people.email_addresses import EmailAddress

#: Reason of a mail that the server would have accepted, but too late.
_GO_AHEAD = 354
#: What is raised when a connection breaks, or time runs out.
_BROKEN = (smtplib.SMTPException, OSError)
_FIRST_ERROR = 400
#: Replaced in a fifth of the time that ``replace`` takes, which looks twice at every line end.
_LINE_WITH_DOT = re.compile(rb"\n\.")


class SessionLostError(Exception):
    """The session was lost before the server had anything of the mail; ``outcome`` is the error.

    Over another session the same mail may be sent without risk.
    """

    def __init__(self, outcome: DeliveryError) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail and its envelope. The ``content``'s lines end with CRLF."""

    sender: str
    recipient: EmailAddress
    content: bytes


class SmtpSession:
    """An open SMTP session. Times and deadlines are in seconds of the monotonic clock.

    ``is_usable`` is false while a mail is being sent, and stays false if the state of the dialogue is
    unclear: a reply must never be taken for one to the next mail. If it ``has_announced`` a mail, its next
    one must be that.
    """

    def __init__(self, settings: EmailSettings, deadline: float) -> None:
        """Connect, encrypt and log in. Raises :class:`ChannelDownError`."""
        self._patience = settings.timeout_seconds
        self._smtp = _open(settings, deadline)
        assert self._smtp.sock is not None
        self._connection = SmtpConnection(self._smtp.sock)
        self._pipelines = self._smtp.has_extn("pipelining")
        self._takes_sizes = self._smtp.has_extn("size")
        self.opened_at = self.used_at = time.monotonic()
        self.is_usable = True
        #: The commands sent behind the last mail's content.
        self._announced: Mapping[SmtpStep, str] | None = None

    @property
    def has_announced(self) -> bool:
        """Whether the server was sent the commands of the next mail."""
        return self._announced is not None

    def sending(
        self, mail: Mail, deadline: float, next_mail: Callable[[], Mail | None] = lambda: None,
    ) -> Generator[Pause, None, str]:
        """Send a mail in steps, pausing for the server's replies and before the content.

        Returns the last reply. The server has until ``deadline`` to accept the sender, recipient and
        ``DATA``; later the content isn't sent, even if the server replied in time and this process was
        paused meanwhile. With ``PIPELINING`` (RFC 2920) these commands are sent together, and those of
        ``next_mail`` behind the content: whoever gave that one is to send it next, or to close the session.

        Raises :class:`DeliveryError` as :mod:`fmn.delivery.email.smtp_errors` says, and
        :class:`SessionLostError` when the session ended before the server had the mail. Refusals leave
        the session usable.
        """
        announced, self._announced = self._announced, None
        dialogue = [announced] if announced else self._dialogue(mail)
        self.is_usable = False
        for commands in dialogue:
            if not announced:
                yield from self._say(commands, deadline)
            yield from self._replies(commands, deadline)
        yield Pause(None, deadline)
        if time.monotonic() >= deadline:
            raise DeliveryError(failures.TOO_LATE, permanent=False, code=Reason.TOO_LATE)
        confirmed_by = time.monotonic() + self._patience
        content = _with_dots_doubled(mail.content)
        self._send(SmtpStep.CONTENT, b"%b.\r\n%b" % (content, self._announcement(next_mail)), confirmed_by)
        yield Pause(self._connection, confirmed_by)
        return (yield from self._confirmation(confirmed_by))

    def close(self) -> None:
        """Close the connection; with ``QUIT`` if the server isn't in the middle of something."""
        if self.is_usable and not self.has_announced:
            self.is_usable = False
            with contextlib.suppress(*_BROKEN):
                _limit(self._smtp, time.monotonic() + self._patience)
                self._smtp.quit()
        self._smtp.close()

    def _announcement(self, next_mail: Callable[[], Mail | None]) -> bytes:
        """The commands before the next mail's content, to be sent behind this one's."""
        mail = next_mail() if self._pipelines else None
        if mail is None:
            return b""
        try:
            [self._announced] = self._dialogue(mail)
        except DeliveryError:
            return b""  # raised again when it's to be sent
        return _said(self._announced)

    def _dialogue(self, mail: Mail) -> Sequence[Mapping[SmtpStep, str]]:
        """Send the commands before a mail's content, pipelined where possible (RFC 2920)."""
        options = "".join(f" {option}" for option in self._options(mail.recipient, len(mail.content)))
        commands = {
            SmtpStep.SENDER: f"MAIL FROM:<{mail.sender}>{options}",
            SmtpStep.RECIPIENT: f"RCPT TO:<{mail.recipient}>", SmtpStep.DATA: "DATA"}
        return [commands] if self._pipelines else [{step: command} for step, command in commands.items()]

    def _options(self, recipient: EmailAddress, size: int) -> list[str]:
        limit = self._smtp.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < size:
            raise reply_error(
                SmtpStep.SENDER, TOO_LARGE, f"it takes {limit} bytes, the mail has {size}".encode())
        options = [f"SIZE={size}"] if self._takes_sizes else []
        if not recipient.needs_utf8:
            return options
        if not self._smtp.has_extn("smtputf8"):
            raise DeliveryError(
                failures.NOT_ASCII.format(address=recipient), permanent=True, code=Reason.BAD_ADDRESS)
        return [*options, "BODY=8BITMIME", "SMTPUTF8"]

    def _say(self, commands: Mapping[SmtpStep, str], deadline: float) -> Generator[Pause, None, None]:
        """Send commands together."""
        self._send(next(iter(commands)), _said(commands), deadline)
        yield Pause(self._connection, deadline)

    def _replies(self, commands: Mapping[SmtpStep, str], deadline: float) -> Generator[Pause, None, None]:
        """Read the replies to commands. The first negative one counts."""
        refused: DeliveryError | None = None
        code = 0
        for step in commands:
            code, text = yield from self._reply_to(step, deadline)
            if refused is None and not _is_yes(step, code):
                refused = reply_error(step, code, text)
        if refused is None:
            return
        if isinstance(refused, ChannelDownError):
            raise SessionLostError(refused)
        if code != _GO_AHEAD:  # else it waits for a mail, and would take what we say next for that
            yield from self._reset(deadline)
        raise refused

    def _send(self, step: SmtpStep, said: bytes, deadline: float) -> None:
        try:
            self._connection.send(said, _time_left(deadline))
        except _BROKEN as error:
            raise _error_without_reply(step, error) from error

    def _reply_to(self, step: SmtpStep, deadline: float) -> Generator[Pause, None, SmtpReply]:
        """Read a reply, also one that came in time and is read late."""
        try:
            while (heard := self._connection.read_reply()) is None:
                _time_left(deadline)
                yield Pause(self._connection, deadline)
        except _BROKEN as error:
            raise _error_without_reply(step, error) from error
        return heard

    def _confirmation(self, confirmed_by: float) -> Generator[Pause, None, str]:
        code, text = yield from self._reply_to(SmtpStep.CONTENT, confirmed_by)
        if not _is_yes(SmtpStep.CONTENT, code):
            refused = reply_error(SmtpStep.CONTENT, code, text)
            if self.has_announced and not isinstance(refused, ChannelDownError):
                self._mark_usable()  # what comes next are the replies to those commands
            elif not isinstance(refused, ChannelDownError):
                yield from self._reset(time.monotonic() + self._patience)
            raise refused
        self._mark_usable()
        return reply_text(code, text)

    def _reset(self, deadline: float) -> Generator[Pause, None, None]:
        """Reset the session after a refused mail (``RSET``)."""
        with contextlib.suppress(SessionLostError):
            self._send(SmtpStep.SENDER, b"RSET\r\n", deadline)
            code, _ = yield from self._reply_to(SmtpStep.SENDER, deadline)
            if _is_yes(SmtpStep.SENDER, code):
                self._mark_usable()

    def _mark_usable(self) -> None:
        self.used_at = time.monotonic()
        self.is_usable = True


def _error_without_reply(step: SmtpStep, error: Exception) -> DeliveryError | SessionLostError:
    """The error for a connection that was lost or timed out in this step."""
    outcome = no_reply_error(step, error)
    return outcome if step is SmtpStep.CONTENT else SessionLostError(outcome)


def _said(commands: Mapping[SmtpStep, str]) -> bytes:
    return "".join([f"{command}\r\n" for command in commands.values()]).encode()


def _with_dots_doubled(content: bytes) -> bytes:
    """Double dots at line starts: a lone one would end the mail (RFC 5321 section 4.5.2)."""
    return (b"." if content.startswith(b".") else b"") + _LINE_WITH_DOT.sub(b"\n..", content)


def _open(settings: EmailSettings, deadline: float) -> smtplib.SMTP:
    server = f"{settings.host}:{settings.port}"
    try:
        smtp = _connect(settings, deadline)
    except _BROKEN as error:
        raise ChannelDownError(
            failures.UNREACHABLE.format(server=server, reason=_error_text(error))) from error
    try:
        _greet(smtp, settings, deadline)
    except _BROKEN as error:
        smtp.close()
        raise ChannelDownError(
            failures.NO_LOGIN.format(server=server, reason=_error_text(error))) from error
    return smtp


def _connect(settings: EmailSettings, deadline: float) -> smtplib.SMTP:
    timeout = _time_left(deadline)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, _our_name(), timeout=timeout,
                                context=_tls(settings))
    return smtplib.SMTP(settings.host, settings.port, _our_name(), timeout=timeout)


def _greet(smtp: smtplib.SMTP, settings: EmailSettings, deadline: float) -> None:
    _limit(smtp, deadline)
    smtp.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        _limit(smtp, deadline)
        # Raises if the server doesn't offer it: in the clear is never the second choice.
        smtp.starttls(context=_tls(settings))
        smtp.ehlo_or_helo_if_needed()
    if settings.username:
        _limit(smtp, deadline)
        smtp.login(settings.username, settings.password)


def _tls(settings: EmailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


@cache
def _our_name() -> str:
    """Host name for ``EHLO``; cached, since resolving it may be slow."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _is_yes(step: SmtpStep, code: int) -> bool:
    return code == _GO_AHEAD if step is SmtpStep.DATA else 0 < code < _FIRST_ERROR


def _limit(smtp: smtplib.SMTP, deadline: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(_time_left(deadline))


def _time_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _error_text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return reply_text(error.smtp_code, text if isinstance(text, bytes) else text.encode())
    return error_text(error)

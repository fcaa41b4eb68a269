"""Pool of SMTP sessions that are kept open."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator

import structlog

from fmn.delivery.contract import Pause
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_session import Mail, SessionLostError, SmtpSession

log = structlog.get_logger()

#: Seconds after which a session that nothing was sent over is not used again. Common servers hang up
#: after 60 to 300, and finding that out costs a round trip.
LONGEST_IDLE = 45.0
#: Seconds after which a busy one isn't either, so that a changed DNS entry or certificate gets its chance.
LONGEST_LIFE = 600.0


class SmtpPool:
    """Pool of SMTP sessions. Threads may share it: each uses a session of its own at a time."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._idle: deque[SmtpSession] = deque()

    def sending(self, mail: Mail, until: float = math.inf) -> Generator[Pause, None, str]:
        """Send a mail in steps, pausing for the server's replies. Returns the last reply.

        Raises :class:`~fmn.delivery.contract.DeliveryError`.

        A kept session may be dead: a mail that the server can't have received is sent again over a new
        session. A mail that it may have received isn't: the caller decides, and the ``Message-ID`` stays
        the same.

        Each of negotiation and transmission takes at most ``timeout_seconds``, without name look-ups. A
        mail that may not be acknowledged before ``until``, in seconds of the monotonic clock, isn't sent.
        """
        patience = self._settings.timeout_seconds
        deadline = min(time.monotonic() + patience, until - patience)
        kept = self._kept()
        if kept is not None:
            try:
                return (yield from self._sending_over(kept, mail, deadline))
            except SessionLostError as error:
                log.info("mail session was lost", reason=error.outcome.reason)
        try:
            session = SmtpSession(self._settings, deadline)
            return (yield from self._sending_over(session, mail, deadline))
        except SessionLostError as error:
            raise error.outcome from error

    def close(self) -> None:
        """Close idle sessions."""
        while self._idle:
            self._idle.pop().close()

    def _sending_over(self, session: SmtpSession, mail: Mail, deadline: float) -> Generator[Pause, None, str]:
        try:
            return (yield from session.sending(mail, deadline))
        finally:
            if session.is_usable:
                self._idle.append(session)
            else:
                session.close()

    def _kept(self) -> SmtpSession | None:
        while True:
            try:
                session = self._idle.pop()
            except IndexError:
                return None
            now = time.monotonic()
            if now - session.used_at < LONGEST_IDLE and now - session.opened_at < LONGEST_LIFE:
                return session
            session.close()

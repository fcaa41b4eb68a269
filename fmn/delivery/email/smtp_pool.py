"""Pool of SMTP sessions that are kept open."""

from __future__ import annotations

import math
import time
import weakref
from collections import deque
from collections.abc import Generator
from threading import Lock

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


class QueuedMail:
    """A mail whose turn comes. ``session``, if there's one, has announced it to the server already."""

    __slots__ = ("__weakref__", "has_begun", "mail", "session")

    def __init__(self, mail: Mail) -> None:
        self.mail = mail
        self.has_begun = False
        self.session: SmtpSession | None = None

    def __del__(self) -> None:
        # It isn't sent after all: the server waits for a content that doesn't come.
        if self.session is not None:
            self.session.close()


class SmtpPool:
    """Pool of SMTP sessions. Threads may share it: each uses a session of its own at a time.

    A session that sends a mail announces the next queued one with it, and is then kept for that one. So many
    sessions as there are ``connections`` are kept this way at most: as many others may be needed.
    """

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._idle: deque[SmtpSession] = deque()
        self._lock = Lock()
        #: Whoever drops a mail that it queued needn't say so.
        self._queue: deque[weakref.ref[QueuedMail]] = deque()
        self._announced: weakref.WeakSet[QueuedMail] = weakref.WeakSet()
        #: Some filters before mail servers throw away what comes behind a mail, though they offer pipelining.
        self._announces = True

    def queue(self, mail: Mail) -> QueuedMail:
        """Queue a mail, so that a session may announce it."""
        queued = QueuedMail(mail)
        with self._lock:
            while self._queue and not _waits(self._queue[0]()):
                self._queue.popleft()
            self._queue.append(weakref.ref(queued))
        return queued

    def sending(self, queued: QueuedMail, until: float = math.inf) -> Generator[Pause, None, str]:
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
        announced = self._begin(queued)
        kept = announced or self._kept()
        if kept is not None:
            try:
                return (yield from self._sending_over(kept, queued.mail, deadline))
            except SessionLostError as error:
                log.info("mail session was lost", reason=error.outcome.reason)
                if announced and isinstance(error.__cause__, TimeoutError):
                    self._announces = False
                    log.warning("mail server ignores commands behind a mail, so it's sent none any more")
        try:
            session = SmtpSession(self._settings, deadline)
            return (yield from self._sending_over(session, queued.mail, deadline))
        except SessionLostError as error:
            raise error.outcome from error

    def close(self) -> None:
        """Close idle sessions."""
        while self._idle:
            self._idle.pop().close()

    def _begin(self, queued: QueuedMail) -> SmtpSession | None:
        """Begin a mail; returns the session that announced it."""
        with self._lock:
            queued.has_begun = True
            session, queued.session = queued.session, None
            self._announced.discard(queued)
        if session is None or _is_fresh(session):
            return session
        session.close()
        return None

    def _sending_over(self, session: SmtpSession, mail: Mail, deadline: float) -> Generator[Pause, None, str]:
        following: weakref.ref[QueuedMail] | None = None

        def next_mail() -> Mail | None:
            nonlocal following
            if not (self._announces and _is_fresh(session)) or (queued := self._next()) is None:
                return None
            following = weakref.ref(queued)
            return queued.mail

        try:
            return (yield from session.sending(mail, deadline, next_mail))
        finally:
            if not self._keep_for(session, following() if following else None):
                self._release(session)

    def _next(self) -> QueuedMail | None:
        """The next mail to be announced."""
        with self._lock:
            while self._queue and len(self._announced) < self._settings.connections:
                queued = self._queue.popleft()()
                if queued is not None and _waits(queued):
                    self._announced.add(queued)
                    return queued
        return None

    def _keep_for(self, session: SmtpSession, queued: QueuedMail | None) -> bool:
        """Keep a session for the mail that it announced; false if that isn't possible."""
        if queued is None:
            return False
        with self._lock:
            if session.is_usable and session.has_announced and _waits(queued):
                queued.session = session
                return True
            self._announced.discard(queued)
        return False

    def _release(self, session: SmtpSession) -> None:
        if session.is_usable and not session.has_announced:
            self._idle.append(session)
        else:
            session.close()

    def _kept(self) -> SmtpSession | None:
        while True:
            try:
                session = self._idle.pop()
            except IndexError:
                return None
            if _is_fresh(session):
                return session
            session.close()


def _waits(queued: QueuedMail | None) -> bool:
    return queued is not None and not queued.has_begun


def _is_fresh(session: SmtpSession) -> bool:
    now = time.monotonic()
    return now - session.used_at < LONGEST_IDLE and now - session.opened_at < LONGEST_LIFE

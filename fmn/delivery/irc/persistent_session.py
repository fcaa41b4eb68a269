"""Persistent IRC session: reconnects while it's kept open, and disconnects afterwards."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

import structlog

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc.irc_session import IrcSession
from fmn.infra import metrics

log = structlog.get_logger()

#: Seconds before the second attempt to get in, twice as many before each further one, up to the longest.
#: Networks ban who knocks too often.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 120.0
#: Each pause is longer or shorter by up to this part of it: not everybody comes back in the same moment.
JITTER: Final = 0.5
#: Seconds that a session has to last, or the next failure counts as one more in a row.
STABLE: Final = 60.0
#: Seconds that leaving may take: whoever stops us doesn't wait until a server has let us in.
_FAREWELL: Final = 5.0
#: Seconds between looks whether we're still wanted, and still there.
_LOOK: Final = 0.5


class PersistentSession:
    """Keeps an IRC session open. Threads may share it. Times are in seconds of the monotonic clock."""

    def __init__(self, open_session: Callable[[], IrcSession]) -> None:
        self._open = open_session
        self._changed = Condition()
        self._session: IrcSession | None = None
        self._wanted_until = 0.0
        self._thread: Thread | None = None
        self._failure: ChannelDownError | None = None
        self._failures = 0
        self._said = ""

    def keep_open(self, until: float) -> None:
        """Connect, and stay connected until then."""
        with self._changed:
            self._wanted_until = max(self._wanted_until, until)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="irc presence", daemon=True)
                self._thread.start()

    def session(self, until: float) -> IrcSession:
        """The open session; waits until then for one that is opening. Call :meth:`keep_open` before.

        Raises :class:`ChannelDownError` with the reason of the last failure if there's none.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._session or self._failure, max(0.0, until - time.monotonic()))
            if self._session is not None and not self._session.ended.is_set():
                return self._session
            failure = self._failure
            raise ChannelDownError(failure.reason if failure else "we're still getting in at the IRC server")

    @property
    def failure(self) -> str:
        """Why the last attempt to connect failed; ``""`` if it succeeded, or there was none."""
        with self._changed:
            return self._failure.reason if self._failure else ""

    def close(self) -> None:
        """Disconnect, and wait a moment for that; a later :meth:`keep_open` connects again."""
        with self._changed:
            self._wanted_until = 0.0
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(_FAREWELL)

    def _run(self) -> None:
        while self._is_wanted():
            try:
                self._run_session()
            except ChannelDownError as error:
                self._failed(error)
            except Exception as error:
                log.exception("IRC session failed")
                self._failed(ChannelDownError(f"internal error: {type(error).__name__}"))

    def _is_wanted(self) -> bool:
        with self._changed:
            if time.monotonic() < self._wanted_until:
                return True
            self._thread = self._failure = None
            self._failures = 0
            return False

    def _run_session(self) -> None:
        """Run a session until it ends or isn't kept open any more. Raises :class:`ChannelDownError`."""
        session = self._open()
        opened_at = time.monotonic()
        self._set_session(session)
        try:
            while not session.ended.wait(_LOOK):
                if time.monotonic() >= self._wanted_until:
                    return
                session.check_alive()
        finally:
            session.close("not needed here any more")
            self._set_session(None)
        if time.monotonic() - opened_at >= STABLE:
            self._failures = 0
        raise session.end

    def _set_session(self, session: IrcSession | None) -> None:
        with self._changed:
            metrics.irc_connected.inc((session is not None) - (self._session is not None))
            self._session = session
            if session is not None:
                self._failure = None
                self._said = ""
            self._changed.notify_all()
        log.info("on IRC" if session else "no longer on IRC")

    def _failed(self, failure: ChannelDownError) -> None:
        """Record a failure, and wait before the next attempt."""
        with self._changed:
            if self._said != failure.reason:
                # Once, not every minute, while somebody else has our nick.
                log.warning("not on IRC", reason=failure.reason)
                self._said = failure.reason
            self._failure = failure
            self._failures += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: time.monotonic() >= self._wanted_until, pause_after(self._failures))


def pause_after(failures: int) -> float:
    """Backoff in seconds after so many failures in a row."""
    # An exponent has its limits, and somebody may keep our nick for weeks.
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 30))
    return pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nobody gains by guessing it

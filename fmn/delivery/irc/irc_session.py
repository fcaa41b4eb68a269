"""IRC session: from connecting to disconnecting, always under FMN's nick."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from threading import Condition, Event, Lock
from typing import Final

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.irc import failures
from fmn.delivery.irc.acknowledgements import Acknowledgement, Acknowledgements
from fmn.delivery.irc.irc_connection import IrcConnection, IrcEvent
from fmn.delivery.irc.irc_errors import NickOfflineError, busy_error, error_text, unconfirmed_error
from fmn.delivery.irc.nick_owners import NickOwners
from fmn.delivery.irc.nicks import folded
from fmn.delivery.irc.nickserv import NickStatus
from fmn.delivery.irc.send_rate import SendRateLimiter
from fmn.delivery.irc.settings import IrcSettings
from fmn.ledger.reasons import Reason

#: Seconds until we're in: servers look up names, and hold newcomers up.
LOGIN_TIMEOUT: Final = 60.0
#: Seconds of silence after which the server is asked whether it's there.
IDLE_BEFORE_PING: Final = 60.0
#: Lines until the server has to confirm them. It reads slowly what comes fast, and throws out whoever has
#: some thousand bytes waiting.
LINES_PER_ACK: Final = 8
#: Reasons of deliveries that aren't sent, as shown to their owners.
_ABSENT: Final = {
    NickStatus.STRANGER: failures.NOT_IDENTIFIED, NickStatus.NOBODY: failures.OFFLINE,
}
#: Numerics: we're in; our nick isn't to be had, since somebody uses it or services hold it.
_WELCOME: Final = "001"
_NICK_TAKEN: Final = frozenset({"432", "433", "436", "437"})
#: The SASL login went well; we aren't logged in any more.
_LOGGED_IN: Final = "903"
_LOGGED_OUT: Final = "901"
#: We're banned, or miss a password.
_UNWANTED: Final = frozenset({"463", "464", "465", "466"})


def _ignore(_taken: int) -> None:
    pass


class IrcSession:
    """A logged-in IRC session. Threads may share it; ``ended`` is set when it's over.

    Raises :class:`ChannelDownError` if there's no way in: also if our nick is in use, since we take no other.
    ``on_message`` is called for every private message; it mustn't take long. All times are in seconds of
    the monotonic clock.
    """

    def __init__(self, settings: IrcSettings, on_message: Callable[[IrcEvent], None]) -> None:
        self._settings = settings
        self._on_message = on_message
        self._send_rate = SendRateLimiter(settings.lines_per_second, settings.burst)
        self._one_delivery = Lock()
        self._acknowledgements = Acknowledgements()
        self._welcomed = self._authenticated = False
        self._error_message = ""
        self._end: ChannelDownError | None = None
        self._heard_at = time.monotonic()
        self._asked_at = -math.inf
        self.ended = Event()
        self._connection = IrcConnection(settings, self._on_event)
        self._changed = Condition(self._connection.lock)
        self._owners = NickOwners(
            settings.nickserv, settings.ownership, self._send_in_turn, self._changed,
            settings.timeout_seconds)
        self._log_in()

    def send_lines(
        self, nick: str, lines: Sequence[str], until: float,
        report_acknowledged: Callable[[int], object] = _ignore,
    ) -> None:
        """Send lines to the owner of a nick; returns when the server has acknowledged all of them.

        ``report_acknowledged`` is called with the number of acknowledged lines, also after an error.

        Lines are sent only while the nick's user is identified as its owner. Raises
        :class:`~fmn.delivery.irc.irc_errors.NickOfflineError` otherwise, and other
        :class:`DeliveryError`. Lines that may not be acknowledged before ``until`` aren't sent.
        """
        latest = until - self._settings.seconds_for(len(lines))
        if not self._one_delivery.acquire(timeout=_timeout(latest)):
            raise busy_error()
        try:
            if time.monotonic() > latest:
                raise busy_error()
            with self._send_rate.delivering(), self._acknowledgements.of(nick) as receipt:
                try:
                    self._send_all(receipt, lines, until - self._settings.timeout_seconds)
                finally:
                    report_acknowledged(receipt.acknowledged)
        finally:
            self._one_delivery.release()

    def answer(self, nick: str, lines: Sequence[str]) -> None:
        """Send lines in answer to a private message. Deliveries go first. Raises :class:`DeliveryError`."""
        with self._acknowledgements.of(nick) as receipt:
            for line in lines:
                self._send_rate.acquire_for_reply(self.ended)
                self._send_one(receipt, line, math.inf)
                if receipt.sent % LINES_PER_ACK == 0:
                    self._confirm(receipt)

    def nick_status(self, nick: str, until: float) -> NickStatus:
        """Ask services whether a nick's user is its owner. Raises :class:`DeliveryError`."""
        return self._owners.nick_status(nick, until, self._connection.feature("monitor"))

    def check_alive(self) -> None:
        """Check that the server still answers; to be called periodically."""
        now = time.monotonic()
        with self._changed:
            if self._heard_at < self._asked_at:
                if now - self._asked_at > self._settings.timeout_seconds:
                    self._finish(failures.NO_ANSWER)
            elif now - self._heard_at > IDLE_BEFORE_PING:
                self._asked_at = now
                self._connection.send("PING", self._acknowledgements.new_token())

    @property
    def end(self) -> ChannelDownError:
        """Why the session ended, if it did."""
        assert self._end is not None, "it isn't over"
        return self._end

    def close(self, farewell: str = "") -> None:
        """Close the connection."""
        self._finish("we hung up", farewell)

    def _log_in(self) -> None:
        try:
            self._connection.open()
            with self._changed:
                self._changed.wait_for(lambda: self._welcomed or self._end, LOGIN_TIMEOUT)
                self._check()
                if not self._welcomed:
                    raise ChannelDownError("the IRC server doesn't let us in: it took too long")
            if self._settings.nickserv_password:
                self._identify()
        except DeliveryError:
            self.close()
            raise

    def _identify(self) -> None:
        settings, until = self._settings, time.monotonic() + LOGIN_TIMEOUT
        self._send_in_turn(
            "PRIVMSG", settings.nickserv, f":IDENTIFY {settings.nickserv_password}", until=until)
        if self._owners.nick_status(settings.nick, until) is not NickStatus.OWNER:
            raise ChannelDownError(
                f"{settings.nickserv} doesn't take us for the owner of {settings.nick}: "
                "is fmn.irc.nickserv_password right?")

    def _send_all(self, receipt: Acknowledgement, lines: Sequence[str], until: float) -> None:
        try:
            for line in lines:
                self._take_turn(until)
                # In the last moment: who was there when the turn began to be waited for may have left.
                self._require_owner_online(receipt.nick, until)
                self._send_one(receipt, line, until)
                if receipt.sent % LINES_PER_ACK == 0 or receipt.sent == len(lines):
                    self._confirm(receipt)
        except NickOfflineError as error:
            if error is receipt.refusal:
                self._confirm_absence(receipt.nick, until)
            # What they heard before they left they needn't hear again, if that can be found out.
            with contextlib.suppress(DeliveryError):
                self._confirm(receipt)
            raise
        except DeliveryError as error:
            if receipt.sent > receipt.acknowledged and error is not receipt.refusal:
                raise unconfirmed_error(error.reason) from error
            raise

    def _require_owner_online(self, nick: str, until: float) -> None:
        nick_status = self.nick_status(nick, until)
        if nick_status is not NickStatus.OWNER:
            raise NickOfflineError(_ABSENT[nick_status].format(nick=nick))

    def _confirm_absence(self, nick: str, until: float) -> None:
        """Ask services about a nick that the server doesn't know: a netsplit hides services, too."""
        self._owners.forget(nick)
        self._require_owner_online(nick, until)
        raise DeliveryError(
            failures.GONE_FOR_A_MOMENT.format(nick=nick), permanent=False, code=Reason.RECIPIENT_OFFLINE)

    def _send_one(self, receipt: Acknowledgement, line: str, until: float) -> None:
        if receipt.refusal:
            raise receipt.refusal
        self._send("PRIVMSG", receipt.nick, f":{line}", until=until)
        receipt.sent += 1

    def _confirm(self, receipt: Acknowledgement) -> None:
        """Wait until the server has acknowledged the lines."""
        if receipt.acknowledged == receipt.sent:
            return
        receipt.token = self._acknowledgements.new_token()
        self._send_in_turn("PING", receipt.token, until=math.inf)
        with self._changed:
            self._changed.wait_for(
                lambda: not receipt.token or self._end, self._settings.timeout_seconds)
            if receipt.refusal:
                raise receipt.refusal
            # What it has confirmed is said, even if the connection has ended since.
            if receipt.token:
                self._finish(failures.NO_ANSWER)
                self._check()
        receipt.acknowledged = receipt.sent

    def _send_in_turn(self, *words: str, until: float) -> None:
        self._take_turn(until)
        self._send(*words, until=until)

    def _take_turn(self, until: float) -> None:
        if not self._send_rate.acquire(self.ended, until):
            self._check()
            raise busy_error()

    def _send(self, *words: str, until: float) -> None:
        with self._changed:
            self._check()
            if time.monotonic() >= until:
                raise busy_error()
            self._connection.send(*words)

    def _check(self) -> None:
        if self._end:
            # A new one each time: an exception grows with everybody who raises it.
            raise ChannelDownError(self._end.reason)

    def _finish(self, reason: str, farewell: str = "") -> None:
        with self._changed:
            self._end = self._end or ChannelDownError(reason)
            self.ended.set()
            self._changed.notify_all()
            self._connection.close(farewell)

    def _on_event(self, event: IrcEvent) -> None:
        self._heard_at = time.monotonic()
        self._owners.handle_event(event)
        self._acknowledgements.handle_event(event)
        if event.code == "privmsg":
            self._on_message(event)
        elif event.code == "error":
            self._error_message = event.text
        elif event.code == "disconnect":
            self._finish(
                f"the IRC server hung up: {error_text(self._error_message or 'the connection broke')}")
        else:
            self._on_own_event(event)
        self._changed.notify_all()

    def _on_own_event(self, event: IrcEvent) -> None:
        settings = self._settings
        if event.code == _LOGGED_IN:
            self._authenticated = True
        elif event.code == "login_failed":
            self._finish(f"the IRC server doesn't log us in: {error_text(event.text)}")
        elif event.code == _LOGGED_OUT:
            self._finish("the network's services have logged us out")
        elif event.code in _UNWANTED:
            self._finish(f"the IRC server doesn't want us: {error_text(event.text)}")
        elif event.code in _NICK_TAKEN and not self._welcomed:
            self._finish(f"our nick {settings.nick} is in use on IRC, or held")
        elif folded(self._connection.nick) != folded(settings.nick):
            # Better nobody than somebody whom people don't know.
            self._finish(f"the IRC server doesn't leave us our nick {settings.nick}")
        elif event.code == _WELCOME and settings.sasl_username and not self._authenticated:
            self._finish("the IRC server doesn't offer a login with SASL: are the network's services away?")
        elif event.code == _WELCOME:
            self._welcomed = True


def _timeout(latest: float) -> float:
    """Time-out for a lock until a moment, within the limits that the library accepts."""
    return -1 if latest == math.inf else max(0.0, latest - time.monotonic())

"""One session on IRC: from connecting to the end, under our nick and never under another."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from threading import Condition, Event, Lock
from typing import Final

from fmn.delivery.contract import ChannelDownError, DeliveryError
from fmn.delivery.irc.acknowledgements import Receipt, Receipts
from fmn.delivery.irc.irc_connection import Heard, Wire
from fmn.delivery.irc.irc_errors import NotThereError, busy, told, unconfirmed
from fmn.delivery.irc.nick_owners import Owners
from fmn.delivery.irc.nicks import folded
from fmn.delivery.irc.nickserv import Standing
from fmn.delivery.irc.send_rate import Pace
from fmn.settings import IrcSettings

#: Seconds until we're in: servers look up names, and hold newcomers up.
LOGIN: Final = 60.0
#: Seconds of silence after which the server is asked whether it's there.
SILENCE: Final = 60.0
#: Lines until the server has to confirm them. It reads slowly what comes fast, and throws out whoever has
#: some thousand bytes waiting.
WINDOW: Final = 8
#: Why somebody isn't told, in words that they read.
_ABSENT: Final = {
    Standing.STRANGER: "whoever uses the nick {} on IRC hasn't identified as its owner",
    Standing.NOBODY: "the owner of the nick {} isn't on IRC",
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


class Session:
    """A session that is logged in. Threads may share it; ``ended`` is set when it's over.

    Raises :class:`ChannelDownError` if there's no way in: also if our nick is in use, since we take no other.
    ``hear_message`` is called for every private message; it mustn't take long. All times are in seconds of
    the monotonic clock.
    """

    def __init__(self, settings: IrcSettings, hear_message: Callable[[Heard], None]) -> None:
        self._settings = settings
        self._hear_message = hear_message
        self._pace = Pace(settings.lines_per_second, settings.burst)
        self._one_delivery = Lock()
        self._receipts = Receipts()
        self._welcomed = self._authenticated = False
        self._last_words = ""
        self._end: ChannelDownError | None = None
        self._heard_at = time.monotonic()
        self._asked_at = -math.inf
        self.ended = Event()
        self._wire = Wire(settings, self._hear)
        self._changed = Condition(self._wire.lock)
        self._owners = Owners(
            settings.nickserv, settings.ownership, self._talk, self._changed, settings.timeout_seconds)
        self._log_in()

    def say(
        self, nick: str, lines: Sequence[str], until: float, tell_taken: Callable[[int], object] = _ignore,
    ) -> None:
        """Say lines to the owner of a nick, and return when the server has taken all of them.

        However that ends, ``tell_taken`` is told how many it has taken for sure.

        Nobody else gets one: whoever uses the nick has to be identified. Raises
        :class:`~fmn.delivery.irc.irc_errors.NotThereError` if they aren't, and other :class:`DeliveryError`.
        Nothing is said that mightn't be confirmed before ``until``.
        """
        latest = until - self._settings.seconds_for(len(lines))
        if not self._one_delivery.acquire(timeout=_timeout(latest)):
            raise busy()
        try:
            if time.monotonic() > latest:
                raise busy()
            with self._pace.delivering(), self._receipts.of(nick) as receipt:
                try:
                    self._say_all(receipt, lines, until - self._settings.timeout_seconds)
                finally:
                    tell_taken(receipt.taken)
        finally:
            self._one_delivery.release()

    def answer(self, nick: str, lines: Sequence[str]) -> None:
        """Say lines to whoever has just written to us. Deliveries go first. Raises :class:`DeliveryError`."""
        with self._receipts.of(nick) as receipt:
            for line in lines:
                self._pace.take_aside(self.ended)
                self._say_one(receipt, line, math.inf)
                if receipt.said % WINDOW == 0:
                    self._confirm(receipt)

    def standing(self, nick: str, until: float) -> Standing:
        """What services say of whoever uses a nick. Raises :class:`DeliveryError`."""
        return self._owners.standing(nick, until, self._wire.feature("monitor"))

    def tend(self) -> None:
        """Make sure that the server is still there; to be called every now and then."""
        now = time.monotonic()
        with self._changed:
            if self._heard_at < self._asked_at:
                if now - self._asked_at > self._settings.timeout_seconds:
                    self._finish("the IRC server doesn't answer")
            elif now - self._heard_at > SILENCE:
                self._asked_at = now
                self._wire.send("PING", self._receipts.new_token())

    @property
    def end(self) -> ChannelDownError:
        """Why it's over, when it is."""
        assert self._end is not None, "it isn't over"
        return self._end

    def close(self, farewell: str = "") -> None:
        """Hang up."""
        self._finish("we hung up", farewell)

    def _log_in(self) -> None:
        try:
            self._wire.open()
            with self._changed:
                self._changed.wait_for(lambda: self._welcomed or self._end, LOGIN)
                self._check()
                if not self._welcomed:
                    raise ChannelDownError("the IRC server doesn't let us in: it took too long")
            if self._settings.nickserv_password:
                self._identify()
        except DeliveryError:
            self.close()
            raise

    def _identify(self) -> None:
        settings, until = self._settings, time.monotonic() + LOGIN
        self._talk("PRIVMSG", settings.nickserv, f":IDENTIFY {settings.nickserv_password}", until=until)
        if self._owners.standing(settings.nick, until) is not Standing.OWNER:
            raise ChannelDownError(
                f"{settings.nickserv} doesn't take us for the owner of {settings.nick}: "
                "is fmn.irc.nickserv_password right?")

    def _say_all(self, receipt: Receipt, lines: Sequence[str], until: float) -> None:
        try:
            for line in lines:
                self._take_turn(until)
                # In the last moment: who was there when the turn began to be waited for may have left.
                self._make_sure_of(receipt.nick, until)
                self._say_one(receipt, line, until)
                if receipt.said % WINDOW == 0 or receipt.said == len(lines):
                    self._confirm(receipt)
        except NotThereError as error:
            if error is receipt.refusal:
                self._make_sure_of_absence(receipt.nick, until)
            # What they heard before they left they needn't hear again, if that can be found out.
            with contextlib.suppress(DeliveryError):
                self._confirm(receipt)
            raise
        except DeliveryError as error:
            if receipt.said > receipt.taken and error is not receipt.refusal:
                raise unconfirmed(error.reason) from error
            raise

    def _make_sure_of(self, nick: str, until: float) -> None:
        standing = self.standing(nick, until)
        if standing is not Standing.OWNER:
            raise NotThereError(_ABSENT[standing].format(nick))

    def _make_sure_of_absence(self, nick: str, until: float) -> None:
        """Our server may know nobody of that name since it's cut off: from the services as well, then."""
        self._owners.forget(nick)
        self._make_sure_of(nick, until)
        raise DeliveryError(f"{nick} was gone from IRC for a moment", permanent=False, label="not there")

    def _say_one(self, receipt: Receipt, line: str, until: float) -> None:
        if receipt.refusal:
            raise receipt.refusal
        self._send("PRIVMSG", receipt.nick, f":{line}", until=until)
        receipt.said += 1

    def _confirm(self, receipt: Receipt) -> None:
        """Wait until the server is done with what was said."""
        if receipt.taken == receipt.said:
            return
        receipt.token = self._receipts.new_token()
        self._talk("PING", receipt.token, until=math.inf)
        with self._changed:
            self._changed.wait_for(
                lambda: not receipt.token or self._end, self._settings.timeout_seconds)
            if receipt.refusal:
                raise receipt.refusal
            # What it has confirmed is said, even if the connection has ended since.
            if receipt.token:
                self._finish("the IRC server doesn't answer")
                self._check()
        receipt.taken = receipt.said

    def _talk(self, *words: str, until: float) -> None:
        self._take_turn(until)
        self._send(*words, until=until)

    def _take_turn(self, until: float) -> None:
        if not self._pace.take(self.ended, until):
            self._check()
            raise busy()

    def _send(self, *words: str, until: float) -> None:
        with self._changed:
            self._check()
            if time.monotonic() >= until:
                raise busy()
            self._wire.send(*words)

    def _check(self) -> None:
        if self._end:
            # A new one each time: an exception grows with everybody who raises it.
            raise ChannelDownError(self._end.reason)

    def _finish(self, reason: str, farewell: str = "") -> None:
        with self._changed:
            self._end = self._end or ChannelDownError(reason)
            self.ended.set()
            self._changed.notify_all()
            self._wire.close(farewell)

    def _hear(self, heard: Heard) -> None:
        self._heard_at = time.monotonic()
        self._owners.hear(heard)
        self._receipts.hear(heard)
        if heard.code == "privmsg":
            self._hear_message(heard)
        elif heard.code == "error":
            self._last_words = heard.text
        elif heard.code == "disconnect":
            self._finish(f"the IRC server hung up: {told(self._last_words or 'the connection broke')}")
        else:
            self._hear_of_ourselves(heard)
        self._changed.notify_all()

    def _hear_of_ourselves(self, heard: Heard) -> None:
        settings = self._settings
        if heard.code == _LOGGED_IN:
            self._authenticated = True
        elif heard.code == "login_failed":
            self._finish(f"the IRC server doesn't log us in: {told(heard.text)}")
        elif heard.code == _LOGGED_OUT:
            self._finish("the network's services have logged us out")
        elif heard.code in _UNWANTED:
            self._finish(f"the IRC server doesn't want us: {told(heard.text)}")
        elif heard.code in _NICK_TAKEN and not self._welcomed:
            self._finish(f"our nick {settings.nick} is in use on IRC, or held")
        elif folded(self._wire.nick) != folded(settings.nick):
            # Better nobody than somebody whom people don't know.
            self._finish(f"the IRC server doesn't leave us our nick {settings.nick}")
        elif heard.code == _WELCOME and settings.sasl_username and not self._authenticated:
            self._finish("the IRC server doesn't offer a login with SASL: are the network's services away?")
        elif heard.code == _WELCOME:
            self._welcomed = True


def _timeout(latest: float) -> float:
    """How long to wait for a lock until then; the library takes -1 for ever, and nothing below or beyond."""
    return -1 if latest == math.inf else max(0.0, latest - time.monotonic())

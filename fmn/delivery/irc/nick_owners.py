"""Nick owners: whether the user of a nick is its identified owner, by asking services."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Condition
from typing import Final, Protocol

from fmn.delivery.contract import ChannelDownError
from fmn.delivery.irc.irc_connection import IrcEvent
from fmn.delivery.irc.nicks import folded
from fmn.delivery.irc.nickserv import (
    NickServReply,
    NickStatus,
    OwnershipCommand,
    ownership_query,
    parse_nickserv_reply,
)

#: Seconds that it holds that somebody is the owner if the server tells us when they leave (``MONITOR``), and
#: if it doesn't: too short for a stranger to take a nick that has become free. That they aren't doesn't hold.
WATCHED: Final = 60.0
UNWATCHED: Final = 2.0
#: Seconds by which an answer may be late. Until then there's no second question about a nick: the answer to
#: the first one would be taken for its, though somebody else may use the nick by now.
LATE_REPLY_WINDOW: Final = 20.0
#: Nicks watched at most; servers have a limit of their own besides.
MAX_WATCHED: Final = 100
#: Numerics: somebody that we watch has come, or has gone; there's nobody of that name.
_HAS_COME, _HAS_GONE, _NO_SUCH_NICK = "730", "731", "401"


class SendInTurn(Protocol):
    """Sends a line within the rate limit. Raises :class:`~fmn.delivery.contract.DeliveryError`."""

    def __call__(self, *words: str, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class _Known:
    """A cached answer of services, its ``number``, and its expiry."""

    nick_status: NickStatus
    number: int
    until: float


class NickOwners:
    """Cache of services' answers about nicks. All times are in seconds of the monotonic clock.

    ``services`` is whom to ask, as ``NickServ`` or ``NickServ@services.example.org``. With a host, nobody
    else's answers count.
    """

    def __init__(
        self, services: str, ownership: OwnershipCommand, talk: SendInTurn, changed: Condition,
        patience: float,
    ) -> None:
        self._services = services
        self._nick, _, self._host = services.partition("@")
        self._ownership = ownership
        self._talk = talk
        self._changed = changed
        self._patience = patience
        self._known: dict[str, _Known] = {}
        self._watched: OrderedDict[str, None] = OrderedDict()
        #: Until when an answer may still come to a question that nobody waits for any more.
        self._late: dict[str, float] = {}
        self._answers = 0
        self._times_away = 0

    def nick_status(self, nick: str, until: float, most_watched: int = 0) -> NickStatus:
        """Status of a nick's user, cached for a moment.

        Raises :class:`ChannelDownError` if they don't answer. ``most_watched`` is how many nicks the server
        watches for us.
        """
        nick = folded(nick)
        with self._changed:
            known, now = self._known.get(nick), time.monotonic()
            if known and now < known.until:
                return known.nick_status
            if now < self._late.get(nick, 0):
                raise self._services_away()
            answers, away = self._answers, self._times_away
        if most_watched:
            # Before the question: who leaves after the answer is noticed.
            self._watch(nick, min(most_watched, MAX_WATCHED), until)
        self._talk("PRIVMSG", self._services, f":{ownership_query(self._ownership, nick)}", until=until)
        with self._changed:
            self._changed.wait_for(
                lambda: self._reply_since(nick, answers) or self._times_away > away, self._patience)
            if nick_status := self._reply_since(nick, answers):
                return nick_status
            if self._times_away == away:
                self._late[nick] = time.monotonic() + LATE_REPLY_WINDOW
        raise self._services_away()

    def handle_event(self, event: IrcEvent) -> None:
        """Handle an event, with the lock of ``changed`` held."""
        if event.code == "privnotice" and self._is_from_services(event):
            answer = parse_nickserv_reply(self._ownership, event.text)
            if answer is not None:
                self._note(answer)
        elif event.code in (_HAS_COME, _HAS_GONE):
            for one in event.text.split(","):
                self._known.pop(folded(one.partition("!")[0]), None)
        elif event.code == "disconnect" or self._says_that_services_are_away(event):
            self._times_away += 1

    def forget(self, nick: str) -> None:
        """Remove a nick from the cache."""
        with self._changed:
            self._known.pop(folded(nick), None)

    def _services_away(self) -> ChannelDownError:
        return ChannelDownError(f"{self._nick} doesn't say who is there: the network's services are away")

    def _is_from_services(self, event: IrcEvent) -> bool:
        host = event.user_and_host.partition("@")[2]
        return folded(event.nick) == folded(self._nick) and self._host in {"", host}

    def _says_that_services_are_away(self, event: IrcEvent) -> bool:
        names = {folded(self._nick), folded(self._services)}
        return event.code == _NO_SUCH_NICK and not names.isdisjoint(map(folded, event.arguments))

    def _note(self, answer: NickServReply) -> None:
        self._answers += 1
        holds = 0.0
        if answer.nick_status is NickStatus.OWNER:
            holds = WATCHED if answer.nick in self._watched else UNWATCHED
        self._known[answer.nick] = _Known(answer.nick_status, self._answers, time.monotonic() + holds)

    def _reply_since(self, nick: str, answers: int) -> NickStatus | None:
        known = self._known.get(nick)
        return known.nick_status if known and known.number > answers else None

    def _watch(self, nick: str, most: int, until: float) -> None:
        with self._changed:
            if nick in self._watched:
                self._watched.move_to_end(nick)
                return
            oldest = self._watched.popitem(last=False)[0] if len(self._watched) >= most else None
            if oldest:
                self._known.pop(oldest, None)
        if oldest:
            self._talk("MONITOR", "-", oldest, until=until)
        self._talk("MONITOR", "+", nick, until=until)
        with self._changed:
            self._watched[nick] = None

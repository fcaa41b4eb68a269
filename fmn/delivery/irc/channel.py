"""IRC as a channel: one nick, online all the time, in one process only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from fmn.channels import PRESENCE
from fmn.delivery.contract import DeliveryError, Desk, MissedError, Outgoing, Surroundings
from fmn.delivery.irc.bot import Bot
from fmn.delivery.irc.formatter import format_lines
from fmn.delivery.irc.irc_errors import NotThereError
from fmn.delivery.irc.irc_session import Session
from fmn.delivery.irc.persistent_session import Presence
from fmn.delivery.irc.unsent_lines import Unsaid
from fmn.delivery.signed_links import Links
from fmn.infra.clock import utc_now
from fmn.settings import IrcSettings


class IrcChannel:
    """Says deliveries to the nicks' owners, and has the desk answer them. Threads may share it."""

    name = "irc"

    def __init__(
        self, settings: IrcSettings, links: Links, applications: Mapping[str, str], desk: Desk,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._links = links
        self._applications = applications
        self._now = now
        self._unsaid = Unsaid()
        self._presence = Presence(lambda: Session(settings, self._bot.hear))
        self._bot = Bot(desk, self.name, settings.nickserv, self._open_session)

    def be_present(self, until: float) -> None:
        """Be online, and remain so until then, in seconds of the monotonic clock. Returns at once."""
        self._presence.want(until)

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Say it to the nick's owner. Raises :class:`~fmn.delivery.contract.DeliveryError`.

        The server has confirmed all lines when it returns, which isn't to say that somebody reads them. Where
        it broke off the last time, it goes on behind what was confirmed then.
        """
        lines = (self._unsaid.of(outgoing.key)
                 or format_lines(outgoing, self._applications, self._links))

        def note(taken: int) -> None:
            if taken:
                self._unsaid.note(outgoing.key, lines[taken:])

        # As after a task that tells us to be present, should none come.
        self._presence.want(time.monotonic() + PRESENCE)
        try:
            self._open_session().say(outgoing.destination, lines, until, note)
        except NotThereError as error:
            raise self._of_somebody_away(outgoing, error) from error

    def close(self) -> None:
        """Leave; a later delivery, or being told to be present, comes back."""
        self._presence.close()

    def _open_session(self) -> Session:
        return self._presence.session(time.monotonic() + self._settings.timeout_seconds)

    def _of_somebody_away(self, outgoing: Outgoing, error: NotThereError) -> DeliveryError:
        """What comes of a delivery whose recipient isn't there, by what the settings say."""
        if self._settings.offline == "drop":
            return MissedError(f"{error.reason}; it isn't kept")
        hours = f"{self._settings.offline_hours:g} hours"
        if self._now() >= outgoing.created_at + timedelta(hours=self._settings.offline_hours):
            return MissedError(f"{error.reason}; after {hours} it isn't kept any more")
        return DeliveryError(f"{error.reason}; it's kept for {hours}", permanent=False, label=error.label)


def open_channel(surroundings: Surroundings) -> IrcChannel:
    """The channel. Nothing is connected before the first delivery, or before it's told to be present."""
    return IrcChannel(
        surroundings.settings.irc, surroundings.links, surroundings.applications, surroundings.desk)

"""IRC as a channel: one nick, online all the time, in one process only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from fmn.channels import KEEP_CONNECTED_FOR
from fmn.delivery.contract import (
    ChannelContext,
    ChatCommands,
    DeliveryError,
    RecipientOfflineError,
    RenderedDelivery,
)
from fmn.delivery.irc.bot import IrcBot
from fmn.delivery.irc.formatter import format_lines
from fmn.delivery.irc.irc_errors import NickOfflineError
from fmn.delivery.irc.irc_session import IrcSession
from fmn.delivery.irc.persistent_session import PersistentSession
from fmn.delivery.irc.settings import IrcSettings
from fmn.delivery.irc.unsent_lines import UnsentLines
from fmn.delivery.signed_links import Links
from fmn.infra.clock import utc_now


class IrcChannel:
    """Says deliveries to the nicks' owners, and has the command handler answer them. Threads may share it."""

    name = "irc"

    def __init__(
        self, settings: IrcSettings, links: Links, applications: Mapping[str, str], commands: ChatCommands,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._links = links
        self._applications = applications
        self._now = now
        self._unsent_lines = UnsentLines()
        self._session = PersistentSession(lambda: IrcSession(settings, self._bot.handle_event))
        self._bot = IrcBot(commands, self.name, settings.nickserv, self._open_session)

    def keep_connected(self, until: float) -> None:
        """Be online, and remain so until then, in seconds of the monotonic clock. Returns at once."""
        self._session.keep_open(until)

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Say it to the nick's owner. Raises :class:`~fmn.delivery.contract.DeliveryError`.

        The server has confirmed all lines when it returns, which isn't to say that somebody reads them. Where
        it broke off the last time, it goes on behind what was confirmed then.
        """
        lines = (self._unsent_lines.of(delivery.key)
                 or format_lines(delivery, self._applications, self._links))

        def note(taken: int) -> None:
            if taken:
                self._unsent_lines.note(delivery.key, lines[taken:])

        # As after a task that tells us to be present, should none come.
        self._session.keep_open(time.monotonic() + KEEP_CONNECTED_FOR)
        try:
            self._open_session().send_lines(delivery.destination, lines, until, note)
        except NickOfflineError as error:
            raise self._offline_error(delivery, error) from error

    def close(self) -> None:
        """Leave; a later delivery, or being told to be present, comes back."""
        self._session.close()

    def _open_session(self) -> IrcSession:
        return self._session.session(time.monotonic() + self._settings.timeout_seconds)

    def _offline_error(self, delivery: RenderedDelivery, error: NickOfflineError) -> DeliveryError:
        """What comes of a delivery whose recipient isn't there, by what the settings say."""
        if self._settings.offline == "drop":
            return RecipientOfflineError(f"{error.reason}; it isn't kept")
        hours = f"{self._settings.offline_hours:g} hours"
        if self._now() >= delivery.created_at + timedelta(hours=self._settings.offline_hours):
            return RecipientOfflineError(f"{error.reason}; after {hours} it isn't kept any more")
        return DeliveryError(f"{error.reason}; it's kept for {hours}", permanent=False, code=error.code)


def open_channel(context: ChannelContext) -> IrcChannel:
    """The channel. Nothing is connected before the first delivery, or before it's told to be present."""
    return IrcChannel(
        IrcSettings.of(context.settings), context.links, context.applications, context.commands)

"""The channel "irc": one nick for each partition, connected all the time, in one process only."""

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
from fmn.delivery.irc import failures
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
    """Sends deliveries to the owners of nicks, and answers their commands. Threads may share it."""

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
        """Connect, and stay connected until then, in seconds of the monotonic clock. Returns at once."""
        self._session.keep_open(until)

    def outage(self) -> str:
        """Why it can't connect; ``""`` if it's connected, or hasn't failed to be yet."""
        return self._session.failure

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send a delivery to the nick's owner. Raises :class:`~fmn.delivery.contract.DeliveryError`.

        When it returns, the server has acknowledged all lines; the nick's client may not have. An interrupted
        delivery goes on after the last acknowledged line.
        """
        lines = (self._unsent_lines.of(delivery.key)
                 or format_lines(delivery, self._applications, self._links))

        def note(taken: int) -> None:
            if taken:
                self._unsent_lines.note(delivery.key, lines[taken:])

        # In case that no task keeps the channel connected.
        self._session.keep_open(time.monotonic() + KEEP_CONNECTED_FOR)
        try:
            self._open_session().send_lines(delivery.destination, lines, until, note)
        except NickOfflineError as error:
            raise self._offline_error(delivery, error) from error

    def close(self) -> None:
        """Disconnect; a later delivery or :meth:`keep_connected` connects again."""
        self._session.close()

    def _open_session(self) -> IrcSession:
        return self._session.session(time.monotonic() + self._settings.timeout_seconds)

    def _offline_error(self, delivery: RenderedDelivery, error: NickOfflineError) -> DeliveryError:
        """The error for a recipient who is offline, by ``fmn.irc.offline``."""
        if self._settings.offline == "drop":
            return RecipientOfflineError(failures.NOT_KEPT.format(reason=error.reason))
        hours = f"{self._settings.offline_hours:g}"
        if self._now() >= delivery.created_at + timedelta(hours=self._settings.offline_hours):
            return RecipientOfflineError(failures.KEPT_NO_LONGER.format(reason=error.reason, hours=hours))
        return DeliveryError(
            failures.KEPT.format(reason=error.reason, hours=hours), permanent=False, code=error.code)


def open_channel(context: ChannelContext) -> IrcChannel:
    """Open the channel. It connects at the first delivery or :meth:`~IrcChannel.keep_connected`."""
    settings = IrcSettings.of(context.settings).of_partition(context.partition)
    return IrcChannel(
        settings, context.links, context.applications, context.commands)

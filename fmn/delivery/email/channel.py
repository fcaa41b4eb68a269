"""E-mail as a channel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from fmn.delivery.contract import Outgoing, Surroundings
from fmn.delivery.email.addresses import recipient_of
from fmn.delivery.email.formatter import Look, format_mail
from fmn.delivery.email.transport import Transport
from fmn.delivery.links import Links
from fmn.settings import EmailSettings

#: Mails that one thread sends at the same time, each over a connection of its own.
CONNECTIONS: Final = 4


class EmailChannel:
    """Formats and sends mails. Threads may share it."""

    name = "email"
    at_once = CONNECTIONS

    def __init__(self, settings: EmailSettings, links: Links, applications: Mapping[str, str]) -> None:
        self._look = Look(settings, links, applications)
        self._transport = Transport(settings)

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send the mail of a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        for _ in self.delivering(outgoing, until):
            pass

    def delivering(self, outgoing: Outgoing, until: float = math.inf) -> Iterator[None]:
        """The same in steps; each pauses where the mail server has to answer."""
        mail = format_mail(outgoing, self._look)
        yield from self._transport.sending(recipient_of(outgoing.destination), mail.as_bytes(), until)

    def close(self) -> None:
        """Close all kept sessions; a later delivery opens new ones."""
        self._transport.close()


def open_channel(surroundings: Surroundings) -> EmailChannel:
    """The channel. Nothing is connected before the first delivery."""
    return EmailChannel(surroundings.settings.email, surroundings.links, surroundings.applications)

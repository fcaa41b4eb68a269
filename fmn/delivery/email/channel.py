"""E-mail as a channel."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fmn.delivery.contract import Outgoing, Surroundings
from fmn.delivery.email.addresses import recipient_of
from fmn.delivery.email.formatter import Look, format_mail
from fmn.delivery.email.transport import Transport
from fmn.delivery.links import Links
from fmn.settings import EmailSettings


class EmailChannel:
    """Formats and sends mails. Threads may share it."""

    name = "email"

    def __init__(self, settings: EmailSettings, links: Links, applications: Mapping[str, str]) -> None:
        self._look = Look(settings, links, applications)
        self._transport = Transport(settings)

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send the mail of a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        mail = format_mail(outgoing, self._look)
        self._transport.send(recipient_of(outgoing.destination), mail.as_bytes(), until)

    def close(self) -> None:
        """Close all kept sessions; a later delivery opens new ones."""
        self._transport.close()


def open_channel(surroundings: Surroundings) -> EmailChannel:
    """The channel. Nothing is connected before the first delivery."""
    return EmailChannel(surroundings.settings.email, surroundings.links, surroundings.applications)

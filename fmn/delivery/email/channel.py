"""E-mail as a channel."""

from __future__ import annotations

import math

from fmn.catalog import catalog
from fmn.delivery.contract import Outgoing
from fmn.delivery.email.addresses import recipient_of
from fmn.delivery.email.formatter import Look, format_mail
from fmn.delivery.email.transport import Transport
from fmn.delivery.links import Links
from fmn.settings import EmailSettings


class EmailChannel:
    """Formats and sends mails. Threads may share it."""

    name = "email"

    def __init__(self, settings: EmailSettings, links: Links) -> None:
        titles = {category: known.title for category, known in catalog().applications.items()}
        self._look = Look(settings, links, titles)
        self._transport = Transport(settings)

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send the mail of a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        mail = format_mail(outgoing, self._look)
        self._transport.send(recipient_of(outgoing.destination), mail.as_bytes(), until)

    def close(self) -> None:
        """Close all kept sessions; a later delivery opens new ones."""
        self._transport.close()

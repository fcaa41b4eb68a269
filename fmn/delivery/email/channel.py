"""E-mail as a channel."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from functools import partial

from fmn.delivery.contract import HandOver, Outgoing, Pause, Surroundings
from fmn.delivery.email.formatter import Look, format_mail
from fmn.delivery.email.headers import message_id
from fmn.delivery.email.recipients import recipient_of
from fmn.delivery.email.return_addresses import ReturnAddresses, return_addresses_by
from fmn.delivery.email.smtp_pool import Transport
from fmn.delivery.email.smtp_session import Mail
from fmn.delivery.signed_links import Links
from fmn.infra.public_ids import RowName
from fmn.settings import EmailSettings


class EmailChannel:
    """Formats and sends mails. Threads may share it."""

    name = "email"

    def __init__(
        self, settings: EmailSettings, links: Links, applications: Mapping[str, str],
        return_addresses: ReturnAddresses | None = None,
    ) -> None:
        self._look = Look(settings, links, applications)
        self._sender = settings.envelope_sender or settings.sender
        self._return_addresses = return_addresses
        self._transport = Transport(settings)
        self.at_once = settings.connections

    def deliver(self, outgoing: Outgoing, until: float = math.inf) -> None:
        """Send the mail of a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        for pause in self.prepare(outgoing)(until):
            pause.wait()

    def prepare(self, outgoing: Outgoing) -> HandOver:
        """Format a mail; returns what sends it in steps, each of which pauses for the server's answer."""
        content = format_mail(outgoing, self._look).as_bytes()
        mail = Mail(self._sender_of(outgoing), recipient_of(outgoing.destination), content)
        return partial(self._sending, mail, message_id(outgoing, self._look.settings))

    def _sending(self, mail: Mail, known_as: str, until: float) -> Generator[Pause, None, Mapping[str, str]]:
        said = yield from self._transport.sending(mail, until)
        return {"message_id": known_as, "answer": said}

    def _sender_of(self, outgoing: Outgoing) -> str:
        """Where it goes if it can't be delivered."""
        if self._return_addresses is None or outgoing.delivery_id is None:
            return self._sender
        return self._return_addresses.of(RowName(outgoing.delivery_id, outgoing.delivery_nonce))

    def close(self) -> None:
        """Close all kept sessions; a later delivery opens new ones."""
        self._transport.close()


def open_channel(surroundings: Surroundings) -> EmailChannel:
    """The channel. Nothing is connected before the first delivery."""
    settings = surroundings.settings
    return EmailChannel(
        settings.email, surroundings.links, surroundings.applications, return_addresses_by(settings))

"""The channel "email"."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from functools import partial

from fmn.delivery.contract import ChannelContext, Pause, RenderedDelivery, Transmission
from fmn.delivery.email.formatter import format_mail
from fmn.delivery.email.headers import message_id
from fmn.delivery.email.mail_options import MailOptions
from fmn.delivery.email.recipients import parse_recipient
from fmn.delivery.email.return_addresses import ReturnAddresses, return_addresses_from
from fmn.delivery.email.settings import EmailSettings
from fmn.delivery.email.smtp_pool import QueuedMail, SmtpPool
from fmn.delivery.email.smtp_session import Mail
from fmn.delivery.signed_links import Links
from fmn.infra.public_ids import PublicId


class EmailChannel:
    """Formats and sends mails. Threads may share it."""

    name = "email"

    def __init__(
        self, settings: EmailSettings, links: Links, applications: Mapping[str, str],
        return_addresses: ReturnAddresses | None = None,
    ) -> None:
        self._options = MailOptions(settings, links, applications)
        self._sender = settings.envelope_sender or settings.sender
        self._return_addresses = return_addresses
        self._pool = SmtpPool(settings)
        self.batch_size = settings.connections

    def deliver(self, delivery: RenderedDelivery, until: float = math.inf) -> None:
        """Send the mail of a delivery. Raises :class:`~fmn.delivery.contract.DeliveryError`."""
        for pause in self.prepare(delivery)(until):
            pause.wait()

    def prepare(self, delivery: RenderedDelivery) -> Transmission:
        """Format a mail; returns its transmission, which pauses for each answer of the server."""
        content = format_mail(delivery, self._options).as_bytes()
        mail = Mail(self._sender_of(delivery), parse_recipient(delivery.destination), content)
        return partial(self._sending, self._pool.queue(mail), message_id(delivery, self._options.settings))

    def _sending(
        self, mail: QueuedMail, known_as: str, until: float,
    ) -> Generator[Pause, None, Mapping[str, str]]:
        said = yield from self._pool.sending(mail, until)
        return {"message_id": known_as, "answer": said}

    def _sender_of(self, delivery: RenderedDelivery) -> str:
        """Envelope sender of a delivery's mail, to which bounces go."""
        if self._return_addresses is None or delivery.delivery_id is None:
            return self._sender
        return self._return_addresses.of(PublicId(delivery.delivery_id, delivery.delivery_nonce))

    def close(self) -> None:
        """Close all kept sessions; a later delivery opens new ones."""
        self._pool.close()


def open_channel(context: ChannelContext) -> EmailChannel:
    """Open the channel. It connects at the first delivery."""
    settings = context.settings
    return EmailChannel(
        EmailSettings.of(settings), context.links, context.applications, return_addresses_from(settings))

"""Where mails go: addresses in the forms that we send to. Which these are is said in :mod:`fmn.people`."""

from __future__ import annotations

from fmn.delivery.contract import DeliveryError
from fmn.people.email_addresses import Mailbox, MailboxError, read_mailbox
from fmn.text import shorten


class AddressError(DeliveryError):
    """Nothing can ever be sent to this address; the text says why."""

    def __init__(self, address: str, why: str) -> None:
        reason = f"{shorten(address, 100)!r} {why}"
        super().__init__(reason, permanent=True, address_gone=True, label="bad address")


def recipient_of(destination: str) -> Mailbox:
    """Whom a delivery goes to. Raises :class:`AddressError`."""
    try:
        return read_mailbox(destination)
    except MailboxError as error:
        raise AddressError(destination, str(error)) from error

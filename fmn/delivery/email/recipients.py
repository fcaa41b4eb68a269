"""Recipients of mails. :mod:`fmn.people` says which addresses are valid."""

from __future__ import annotations

from functools import lru_cache

from fmn.delivery.contract import DeliveryError
from fmn.ledger.reasons import Reason
from fmn.people.email_addresses import EmailAddress, EmailAddressError, parse_email_address
from fmn.text import shorten

#: Recipients that are kept: a mail's is asked for twice.
_KEPT = 64


class RecipientError(DeliveryError):
    """Invalid mail address; the text says why."""

    def __init__(self, address: str, why: str) -> None:
        reason = f"{shorten(address, 100)!r} {why}"
        super().__init__(reason, permanent=True, address_gone=True, code=Reason.BAD_ADDRESS)


@lru_cache(_KEPT)
def parse_recipient(destination: str) -> EmailAddress:
    """Parse a delivery's destination. Raises :class:`RecipientError`."""
    try:
        return parse_email_address(destination)
    except EmailAddressError as error:
        raise RecipientError(destination, str(error)) from error

"""Return addresses: a signed envelope sender for each mail (VERP), to which bounces go.

Reports of what couldn't be delivered come in all forms and from anybody. So what came back, and that it's no
forgery, is told by the address it comes to: it has the delivery's number and a signature of ours. The row's
nonce has no room in it, but is in what is signed.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from fmn.delivery.email.settings import EmailSettings
from fmn.infra.public_ids import PublicId
from fmn.settings import Settings

#: Bytes of a signature. Whoever guesses one switches off a single address, and its owner is told.
_SIGNED: Final = 10
#: What looks like ours that is looked up of a mail.
MOST: Final = 20
#: What we sign here, so that no other signature of ours is good for anything.
_PURPOSE: Final = "fmn.bounce"


class ReturnAddresses:
    """Makes and reads return addresses.

    ``address`` is the one that they're variants of, such as ``bounces@example.org``; what is behind the
    ``delimiter`` makes them different: ``bounces+17-mfrggzdfmztwq2lk@example.org``. They fit in the 64 octets
    of RFC 5321 if the part before the ``@`` has no more than 27. ``secret`` signs; what one of the
    ``previous_secrets`` signed comes back for days and is known, too.
    """

    def __init__(
        self, address: str, delimiter: str, secret: str, previous_secrets: Sequence[str] = (),
    ) -> None:
        local, _, self._domain = address.rpartition("@")
        self._beginning = f"{local}{delimiter}"
        self._secrets = [each.encode() for each in (secret, *previous_secrets)]
        # Mail servers may fold the case of it.
        self._shape = re.compile(
            rf"(?<!\w){re.escape(self._beginning)}([1-9]\d{{0,18}})-([a-z2-7]{{16}})(?![\w-])",
            re.IGNORECASE | re.ASCII)

    def of(self, delivery: PublicId) -> str:
        """Return address of a delivery's mail."""
        return f"{self._beginning}{delivery.id}-{_signature(self._secrets[0], delivery)}@{self._domain}"

    def read(self, texts: Iterable[str], name_of: Callable[[int], PublicId | None]) -> int | None:
        """Delivery of the first return address in these texts; ``None`` without one.

        ``name_of`` says what the delivery of a number is called, ``None`` if there's no such. It's asked
        about the first :data:`MOST` numbers at most: anybody can write them.
        """
        shaped = (found for text in texts for found in self._shape.finditer(text))
        for found in islice(shaped, MOST):
            name = name_of(int(found[1]))
            if name is not None and self._signed(name, found[2].lower()):
                return name.id
        return None

    def _signed(self, delivery: PublicId, signature: str) -> bool:
        return any(
            hmac.compare_digest(signature, _signature(secret, delivery)) for secret in self._secrets)


def _signature(secret: bytes, delivery: PublicId) -> str:
    signed = hmac.digest(secret, f"{_PURPOSE}:{delivery}".encode(), "sha256")
    return base64.b32encode(signed[:_SIGNED]).decode().lower()


def return_addresses_from(settings: Settings) -> ReturnAddresses | None:
    """The installation's return addresses; ``None`` if none are set."""
    mail, web = EmailSettings.of(settings), settings.web
    if not mail.bounce_address:
        return None
    return ReturnAddresses(
        mail.bounce_address, mail.recipient_delimiter, web.secret, web.previous_secrets)

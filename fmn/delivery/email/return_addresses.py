"""Return addresses: where a mail comes back to when it can't be delivered, another one for each mail (VERP).

Reports of what couldn't be delivered come in all forms and from anybody. So what came back, and that it's no
forgery, is told by the address it comes to: it has the delivery's number and a signature of ours.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Final

from fmn.settings import Settings

#: Bytes of a signature. Whoever guesses one switches off a single address, and its owner is told.
_SIGNED: Final = 10
#: What we sign here, so that no other signature of ours is good for anything.
_PURPOSE: Final = "fmn.bounce"


class ReturnAddresses:
    """Makes them and reads them.

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

    def of(self, delivery_id: int) -> str:
        """Where the mail of a delivery comes back to."""
        return f"{self._beginning}{delivery_id}-{_signature(self._secrets[0], delivery_id)}@{self._domain}"

    def read(self, texts: Iterable[str]) -> int | None:
        """The delivery of the first of our addresses in these texts; ``None`` if there's none."""
        for text in texts:
            for found in self._shape.finditer(text):
                delivery_id = int(found[1])
                if self._signed(delivery_id, found[2].lower()):
                    return delivery_id
        return None

    def _signed(self, delivery_id: int, signature: str) -> bool:
        return any(
            hmac.compare_digest(signature, _signature(secret, delivery_id)) for secret in self._secrets)


def _signature(secret: bytes, delivery_id: int) -> str:
    signed = hmac.digest(secret, f"{_PURPOSE}:{delivery_id}".encode(), "sha256")
    return base64.b32encode(signed[:_SIGNED]).decode().lower()


def return_addresses_by(settings: Settings) -> ReturnAddresses | None:
    """Those of an installation; ``None`` if it has none."""
    mail, web = settings.email, settings.web
    if not mail.bounce_address:
        return None
    return ReturnAddresses(
        mail.bounce_address, mail.recipient_delimiter, web.secret, web.previous_secrets)

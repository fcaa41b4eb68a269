"""Public ids of rows, for links, codes and bounce addresses: the row's id and a random nonce.

The id alone isn't enough. After a failover to a replica that lagged, the database may give the ids of lost
rows to new rows, and a link to a lost row would lead to somebody else's. The nonce tells them apart.
"""

from __future__ import annotations

import re
import secrets
from typing import Final, NamedTuple

#: Highest id of a row. Paging asks for those before the next one: the database has to know that number, too.
LARGEST_ID: Final = 2**63 - 2
#: Bits of a nonce: two rows with one id have the same nonce once in a trillion times. The nonce doesn't keep
#: links from being forged; a signature does.
NONCE_BITS: Final = 40
#: Regular expression of a public id: a group for the id, one for the nonce.
PATTERN: Final = r"(\d{1,19})(?:_([0-9a-f]{1,10}))?"


class PublicId(NamedTuple):
    """Id and nonce of a row. The nonce is ``None`` for rows older than nonces."""

    id: int
    nonce: int | None = None

    def __str__(self) -> str:
        """The written form: ``17_1f3a9c``, or ``17`` without a nonce."""
        return str(self.id) if self.nonce is None else f"{self.id}_{self.nonce:x}"

    @classmethod
    def from_match(cls, match: re.Match[str], group: int = 1) -> PublicId:
        """The public id that :data:`PATTERN` matched, in this group and the next one."""
        nonce = match[group + 1]
        return cls(int(match[group]), None if nonce is None else int(nonce, 16))


def new_nonce() -> int:
    """The nonce of a new row."""
    return secrets.randbits(NONCE_BITS)

"""Names of rows in what leaves the database: in links, in codes, in addresses that mails come back to.

A number alone isn't enough. After a failover to a replica that lagged, the database gives the numbers of rows
that were lost to others, and a link to a lost row would lead to somebody else's. So a row has a random nonce,
and its name has both in it.
"""

from __future__ import annotations

import re
import secrets
from typing import Final, NamedTuple

#: What databases number rows up to.
LARGEST_ID: Final = 2**63 - 1
#: Of two rows that were given one number, both have the same nonce once in a trillion times. It isn't what
#: keeps links from being forged: a signature does.
NONCE_BITS: Final = 40
#: A name within a pattern: a group for the number, and one for the nonce.
PATTERN: Final = r"(\d{1,19})(?:_([0-9a-f]{1,10}))?"


class PublicId(NamedTuple):
    """A row by its number and its nonce; those that are older than nonces have ``None``."""

    id: int
    nonce: int | None = None

    def __str__(self) -> str:
        """As it's written: ``17_1f3a9c``, or ``17``, as it was before there were nonces."""
        return str(self.id) if self.nonce is None else f"{self.id}_{self.nonce:x}"

    @classmethod
    def from_match(cls, match: re.Match[str], group: int = 1) -> PublicId:
        """What :data:`PATTERN` found, in this group and the next one."""
        nonce = match[group + 1]
        return cls(int(match[group]), None if nonce is None else int(nonce, 16))


def new_nonce() -> int:
    """The nonce of a new row."""
    return secrets.randbits(NONCE_BITS)

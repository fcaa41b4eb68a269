"""Confirmation codes: eight letters and digits that people copy from one screen to another.

They use Douglas Crockford's alphabet, in which no letter looks like a digit. Case and hyphen don't matter.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from fmn.infra.public_ids import PublicId

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Characters of a code, of five bits each.
LENGTH: Final = 8
_BITS: Final = 5
#: Letters that somebody may read instead of a digit; and what belongs to none.
_MEANT: Final = str.maketrans("OIL", "011", " -\t")

#: Whether a text is the code of a confirmation.
IsCode = Callable[[PublicId, str], bool]


def format_code(secret: bytes) -> str:
    """Format five random bytes or more as a code, ``ABCD-EFGH``."""
    number = int.from_bytes(secret[:LENGTH * _BITS // 8])
    places = (number >> _BITS * place & len(ALPHABET) - 1 for place in reversed(range(LENGTH)))
    letters = "".join(ALPHABET[place] for place in places)
    return f"{letters[:LENGTH // 2]}-{letters[LENGTH // 2:]}"


def codes_match(code: str, typed: str) -> bool:
    """Compare a typed code in constant time."""
    return hmac.compare_digest(_read(code), _read(typed))


def _read(text: str) -> bytes:
    return text.upper().translate(_MEANT).encode("utf-8", "replace")

"""Canonical JSON of a message body, which a fedmsg signature covers.

It's built from the decoded body, so spacing and key order on the wire don't matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: Fields that signing adds, which the signature can't cover.
ADDED_BY_SIGNING = frozenset({"signature", "certificate"})

# Made once: `json.dumps` would make a new encoder for each message. Python's own spelling of strings
# and floats is the format's definition, so no other JSON library will do.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical_text(body: Mapping[str, Any]) -> bytes:
    """Canonical JSON of ``body``, pure ASCII.

    Keys are sorted by code point at every level; there's no space outside of strings. An integer and a float
    of equal value are spelled differently, so keep the parsed types.

    :raises TypeError: a value has no JSON form
    """
    return _ENCODER.encode(body).encode("ascii")


def signed_part(body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` without the two fields that signing adds."""
    return {key: value for key, value in body.items() if key not in ADDED_BY_SIGNING}


def as_received(body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` as the receiver decodes it: keys are strings, tuples are lists.

    Otherwise the publisher sorts integer keys as numbers (9, 10), the receiver as text ("10", "9"), and the
    signature doesn't match.
    """
    received: dict[str, Any] = json.loads(json.dumps(body))
    return received

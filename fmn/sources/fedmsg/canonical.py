"""The canonical text of a message body: what a fedmsg signature is made over.

It's made afresh from the decoded body, so neither spacing nor the order of keys on the wire matters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: What signing adds, and so what the signature can't cover.
ADDED_BY_SIGNING = frozenset({"signature", "certificate"})

# Made once: `json.dumps` would make a new encoder for each message. Python's own spelling of strings
# and floats is the format's definition, so no other JSON library will do.
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical_text(body: Mapping[str, Any]) -> bytes:
    """The JSON of ``body`` in the one spelling that signatures are made over; pure ASCII.

    Keys are sorted by code point at every level; there's no space outside of strings. An integer
    and a float of equal value are spelled differently, so keep the types that were parsed.
    Raises :class:`TypeError` if a value has no JSON form.
    """
    return _ENCODER.encode(body).encode("ascii")


def signed_part(body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` without the two fields that signing adds: everything else is signed."""
    return {key: value for key, value in body.items() if key not in ADDED_BY_SIGNING}


def as_received(body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` as the receiver will decode it: keys are strings, tuples are lists.

    A publisher that signs integer keys sorts them as numbers (9, 10), the receiver as text
    ("10", "9"), and nobody can check the signature.
    """
    received: dict[str, Any] = json.loads(json.dumps(body))
    return received

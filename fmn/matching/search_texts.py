"""Texts that regular expressions search, from bodies as they're stored, without decoding their JSON.

Bodies are stored without spaces and in ASCII, while rules search them with spaces after commas and colons,
and with other characters than ASCII's as they are. Decoding and encoding JSON for that takes longer than
searching it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec


def search_texts(bodies: Sequence[str]) -> Sequence[bytes]:
    """The texts of bodies, in their order; see :attr:`fmn.filters.conditions.CheckedMessage.text`."""
    return [_decoded(body) if "\\u" in body else _spaced(body) for body in bodies]


def _spaced(body: str) -> bytes:
    try:
        return msgspec.json.format(body, indent=0).encode()
    except RecursionError:  # it goes less deep than the standard library
        return _decoded(body)


def _decoded(body: str) -> bytes:
    return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")

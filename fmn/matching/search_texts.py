"""Texts that regular expressions search, from bodies as they're stored, without decoding their JSON.

Bodies are stored without spaces and in ASCII, while rules search them with spaces after commas and colons,
and with other characters than ASCII's as they are. Decoding and encoding JSON for that takes longer than
searching it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

#: Bodies with an escaped quote, backslash or other character than ASCII's are decoded.
_ESCAPED: Final = re.compile(r'\\["\\/u]')
#: Between bodies, and between what is outside of strings. Neither is in JSON text.
_LINE, _MARK = "\n", "\0"


def search_texts(bodies: Sequence[str]) -> Sequence[bytes]:
    """The texts of bodies, in their order; see :attr:`fmn.filters.conditions.CheckedMessage.text`."""
    escaped = {number for number, body in enumerate(bodies) if "\\" in body and _ESCAPED.search(body)}
    if not escaped:
        return _with_spaces(bodies)
    spaced = iter(_with_spaces([body for number, body in enumerate(bodies) if number not in escaped]))
    return [_decoded(body) if number in escaped else next(spaced) for number, body in enumerate(bodies)]


def _decoded(body: str) -> bytes:
    return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")


def _with_spaces(bodies: Sequence[str]) -> Sequence[bytes]:
    """Texts of bodies without escaped quotes: of their parts between quotes every other is a string's."""
    if not bodies:
        return []
    parts = _LINE.join(bodies).split('"')
    outside = _MARK.join(parts[::2]).replace(",", ", ").replace(":", ": ")
    parts[::2] = outside.split(_MARK)
    return '"'.join(parts).encode("utf-8", "replace").split(_LINE.encode())

r"""Making valid content storable: databases take neither NUL characters, lone surrogates nor NaN.

JSON can spell all of them (``\u0000``, ``\ud800``, Python's ``NaN``), so an honest message may have
them. They are replaced and the rest of the message is kept.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import Any

#: Stands for a character that can't be kept: Unicode's replacement character.
REPLACEMENT = "\ufffd"

_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKERS = (b"\\u0000", b"\\ud", b"NaN", b"Infinity")


class Repair(StrEnum):
    """What couldn't be kept; a metric label."""

    NUL = "nul"
    SURROGATE = "surrogate"
    NOT_FINITE = "not-finite"


def may_need_repair(text: bytes) -> bool:
    """Whether a body with this canonical text may need repair; a no is certain and costs little.

    The canonical text spells everything in one way: also ``1e999``, which reads as infinity.
    """
    return any(marker in text for marker in _MARKERS)


def repaired(value: Any) -> tuple[Any, set[Repair]]:
    """A copy of the JSON ``value`` that any database takes, and what was repaired in it.

    NUL and lone surrogates become U+FFFD, in keys too (if two become equal the later one counts);
    NaN and the infinities become null. Depth doesn't matter.
    """
    found: set[Repair] = set()
    top = _repaired_value(value, found)
    pending = [top]
    while pending:
        node = pending.pop()
        places: Any = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        for place in places:
            child = _repaired_value(node[place], found)
            node[place] = child
            if isinstance(child, dict | list):
                pending.append(child)
    return top, found


def _repaired_value(value: Any, found: set[Repair]) -> Any:
    """``value`` without flaws of its own; an object or array is copied but keeps its children."""
    if isinstance(value, str):
        return _repaired_text(value, found)
    if isinstance(value, float) and not math.isfinite(value):
        found.add(Repair.NOT_FINITE)
        return None
    if isinstance(value, dict):
        return {_repaired_text(key, found): child for key, child in value.items()}
    if isinstance(value, list):
        return list(value)
    return value


def _repaired_text(text: str, found: set[Repair]) -> str:
    if "\0" in text:
        found.add(Repair.NUL)
        text = text.replace("\0", REPLACEMENT)
    if not text.isascii() and _SURROGATE.search(text):
        found.add(Repair.SURROGATE)
        text = _SURROGATE.sub(REPLACEMENT, text)
    return text

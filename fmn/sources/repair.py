r"""Repair of valid JSON that databases can't store: NUL characters, lone surrogates and NaN.

JSON can spell all of them (``\u0000``, ``\ud800``, Python's ``NaN``), so an honest message may contain
them. They are replaced; the rest of the message stays.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import Any

from fmn.infra import metrics

#: Unicode's replacement character, in place of one that can't be stored.
REPLACEMENT = "\ufffd"

_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKERS = (b"\\u0000", b"\\ud", b"NaN", b"Infinity")


class Repair(StrEnum):
    """Kind of repair; a metric label."""

    NUL = "nul"
    SURROGATE = "surrogate"
    NOT_FINITE = "not-finite"


def may_need_repair(text: bytes) -> bool:
    """Whether a body with this canonical text may need repair. Cheap; False is certain.

    The canonical text spells every such value in one way, also ``1e999``, which reads as infinity.
    """
    return any(marker in text for marker in _MARKERS)


def repaired(value: Any) -> tuple[Any, set[Repair]]:
    """A copy of the JSON ``value`` that any database can store, and the repairs made.

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
    """``value`` itself repaired; an object or array is copied without repairing its children."""
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


def repaired_and_counted(value: Any) -> Any:
    """What :func:`repaired` makes of ``value``; counts the repairs in the metrics."""
    result, repairs = repaired(value)
    for repair in repairs:
        metrics.messages_repaired.labels(repair).inc()
    return result

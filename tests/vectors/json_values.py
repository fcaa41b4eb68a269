"""Any JSON that may arrive, for property tests: also what Python reads though it isn't JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

#: Texts that some part of a system wants to be told of first.
AWKWARD_TEXTS = (
    "", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ud83d\ude00", "\u2028", "\x7f", "\ufffd", "é", "\uffff",
    "\\u0000", "NaN", "\r\nBcc: mallory@example.org", "null")

texts = st.text(max_size=8) | st.sampled_from(AWKWARD_TEXTS)
numbers = (
    st.integers() | st.floats() | st.just(10 ** 400)
    | st.sampled_from([-0.0, 1.0, 1e16, 1e-5, 5e-324, math.inf, math.nan, 3093527980800]))
scalars = st.none() | st.booleans() | numbers | texts
written = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12)
#: Any JSON as it is after reading, where two surrogates next to each other are one character.
values = written.map(lambda value: json.loads(json.dumps(value)))
objects = st.dictionaries(texts, written, max_size=5).map(lambda value: json.loads(json.dumps(value)))


def nodes(value: Any) -> Iterator[Any]:
    """``value`` and everything in it, keys too."""
    pending = [value]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, dict):
            pending += [*node.keys(), *node.values()]
        elif isinstance(node, list):
            pending += node

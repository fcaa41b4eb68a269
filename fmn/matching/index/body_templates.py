"""Splits stored expressions into templates and values: those that differ in arguments only share a template.

A template is a body, as JSON, with a slot in place of each argument's value. Values that say "me" stay in the
template. Splitting loses nothing: :func:`joined_body` gives the same text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from fmn.filters.expressions import ME

#: Stands for a value in a template; JSON has no such character.
SLOT: Final = "\0"
#: Separates values; the content of a string in JSON has no such character.
SEPARATOR: Final = "\n"

_CONTROL_CHARACTER: Final = re.compile("[\0-\x1f]")
#: A string. Splitting by it gives what is between strings and what is in them in turn.
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_COLONS: Final = frozenset({": ", ":"})


def split_body(body: str) -> tuple[str, list[str]]:
    """A body's template, and the values for its slots as JSON writes them, without quotes.

    The template of a text that isn't JSON on one line is a slot, for all of it.
    """
    if _CONTROL_CHARACTER.search(body):
        return SLOT, [body]
    parts = _STRING.split(body) if "\\" in body else body.split('"')
    if len(parts) % 2 == 0:
        return SLOT, [body]
    values: list[str] = []
    for place in range(3, len(parts), 2):
        if parts[place - 1] in _COLONS and parts[place - 2] != "rule" and ME not in parts[place]:
            values.append(parts[place])
            parts[place] = SLOT
    return '"'.join(parts), values


def joined_body(template: str, values: Sequence[str]) -> str:
    """The body that was split into these."""
    if template == SLOT:
        return values[0]
    first, *others = template.split(SLOT)
    return first + "".join(value + text for value, text in zip(values, others, strict=True))

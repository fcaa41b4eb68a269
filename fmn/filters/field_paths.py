"""Field paths: dotted paths into messages' bodies, for rules on any field.

A path is the keys that lead to a field, with dots between them: ``update.user.name``. In a list a number is
an index, from 0. ``*`` stands for every key or index; as the last step, also for the keys themselves, because
they are the interesting part of ``commit.stats.files.*``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from fmn.filters.rule_definition import RuleError
from fmn.translations import gettext

#: Steps of a path, at most; bodies aren't as deep.
MAX_PATH_STEPS: Final = 30
ANY: Final = "*"
#: A place in a list; none is longer than a number of so many digits.
_PLACE: Final = re.compile(r"[0-9]{1,9}")

Path = tuple[str, ...]


def parse_path(text: str) -> Path:
    """The steps of a path. Raises :class:`~fmn.filters.rule_definition.RuleError`."""
    path = tuple(step.strip() for step in text.split("."))
    if "" in path:
        raise RuleError(gettext(
            "the path {path} has an empty step: write the keys with single dots, as in update.user.name",
        ).format(path=repr(text)))
    if len(path) > MAX_PATH_STEPS:
        raise RuleError(gettext("the path has more than {most} steps").format(most=MAX_PATH_STEPS))
    return path


def values_at(body: Any, path: Path) -> Iterator[str]:
    """The values at a path as texts; numbers, ``true``, ``false`` and ``null`` as in JSON."""
    found: Iterator[Any] = iter((body,))
    for step in path[:-1]:
        found = _values(found, step)
    for value in found:
        if path[-1] == ANY and isinstance(value, dict):
            yield from value
        for end in _step(value, path[-1]):
            if isinstance(end, str):
                yield end
            elif not isinstance(end, dict | list):
                yield json.dumps(end)


def _values(found: Iterator[Any], step: str) -> Iterator[Any]:
    for value in found:
        yield from _step(value, step)


def _step(value: Any, step: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if step == ANY:
            yield from value.values()
        elif step in value:
            yield value[step]
    elif isinstance(value, list):
        if step == ANY:
            yield from value
        elif _PLACE.fullmatch(step) and int(step) < len(value):
            yield value[int(step)]

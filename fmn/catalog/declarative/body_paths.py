"""Paths into a message: ``actor.name``, ``files[0].path``, ``files[*].path``, ``$subject``.

A name with other characters stands in quotation marks: ``labels."example.org/team"``. ``[*]`` means all
elements of a list, a negative index counts from its end, and ``$NAME`` is a header of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, Final

from fmn.catalog.message_reader import MessageReader

#: Characters and steps of a path. Those of real messages have fewer than 100 and 10.
MAX_PATH_LENGTH: Final = 200
MAX_STEPS: Final = 20
#: Values that a path leads to; of longer lists the rest is ignored.
MAX_VALUES: Final = 1_000

_NAME: Final = r'(?:"(?P<quoted>[^"]+)"|(?P<name>[^\s.\[\]{}|:"$]+))'
_FIRST: Final = re.compile(rf"(?P<header>\$)?{_NAME}")
_STEP: Final = re.compile(rf"\.{_NAME}|\[(?:(?P<every>\*)|(?P<index>-?\d{{1,4}}))\]")


class Every(Enum):
    """The step to all elements of a list."""

    ELEMENT = "*"


Step = str | int | Every


@dataclass(frozen=True, slots=True)
class BodyPath:
    """A path into a message's body, or into its headers."""

    steps: tuple[Step, ...]
    in_headers: bool = False

    def values(self, m: MessageReader) -> list[Any]:
        """The values at the path, :data:`MAX_VALUES` at most; none if it leads nowhere."""
        found: list[Any] = [m.message.headers if self.in_headers else m.raw]
        for step in self.steps:
            found = list(islice(_inside(found, step), MAX_VALUES))
        return found

    def texts(self, m: MessageReader) -> list[str]:
        """The values at the path as texts, without those that have none."""
        return [text for value in self.values(m) if (text := text_of(value))]


def _inside(values: Iterable[Any], step: Step) -> Iterator[Any]:
    for value in values:
        if isinstance(step, str):
            if isinstance(value, dict) and step in value:
                yield value[step]
        elif isinstance(value, list):
            if isinstance(step, Every):
                yield from value
            elif -len(value) <= step < len(value):
                yield value[step]


def text_of(value: Any) -> str:
    """A text, number or truth value as text; ``""`` for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def parse_path(text: str) -> BodyPath:
    """Parse a whole text as a path.

    :raises ValueError: it's none; the error says where it ends
    """
    path, end = parse_path_in(text, 0)
    if end < len(text):
        raise ValueError(f"the path {text!r} can't be read from {text[end:end + 20]!r} on")
    return path


def parse_path_in(text: str, start: int) -> tuple[BodyPath, int]:
    """The path that begins at ``start``, and where it ends.

    :raises ValueError: there is none, or it's too long
    """
    found = _FIRST.match(text, start)
    if found is None:
        raise ValueError(f"a path such as actor.name is missing before {text[start:start + 20]!r}")
    steps: list[Step] = [found["quoted"] or found["name"]]
    in_headers, end = found["header"] is not None, found.end()
    while (step := _STEP.match(text, end)) is not None:
        steps.append(_step(step))
        end = step.end()
    if len(steps) > MAX_STEPS or end - start > MAX_PATH_LENGTH:
        raise ValueError(f"a path has {MAX_STEPS} steps and {MAX_PATH_LENGTH} characters at most")
    return BodyPath(tuple(steps), in_headers), end


def _step(found: re.Match[str]) -> Step:
    if found["every"]:
        return Every.ELEMENT
    return int(found["index"]) if found["index"] else found["quoted"] or found["name"]

"""Conditions on a message: the value at a path is one of some values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fmn.catalog.declarative.body_paths import BodyPath, parse_path
from fmn.catalog.message_reader import MessageReader

#: Conditions of an event type, values of one, and levels of tables within tables.
MAX_CONDITIONS: Final = 20
MAX_VALUES: Final = 100
MAX_LEVELS: Final = 20

#: A value and whether it's a truth value, which for Python is a number.
_Value = tuple[bool, str | int | float]


@dataclass(frozen=True, slots=True)
class BodyCondition:
    """Whether one of the values at a path is among ``wanted``."""

    path: BodyPath
    wanted: frozenset[_Value]

    def holds(self, m: MessageReader) -> bool:
        """Whether a message fulfils the condition."""
        return any(_value(each) in self.wanted for each in self.path.values(m) if _is_plain(each))


def parse_conditions(table: Mapping[str, Any]) -> list[BodyCondition]:
    """Parse a table of paths with a value or a list of values each; tables within it are parts of paths.

    :raises ValueError: a sentence says what's wrong
    """
    found = [
        BodyCondition(path, frozenset(map(_value, values))) for path, values in _flat(table, BodyPath(()))]
    if len(found) > MAX_CONDITIONS:
        raise ValueError(f"there are more than {MAX_CONDITIONS} conditions")
    return found


def _flat(table: Mapping[str, Any], within: BodyPath) -> Iterator[tuple[BodyPath, list[Any]]]:
    if len(within.steps) > MAX_LEVELS:
        raise ValueError(f"there are more than {MAX_LEVELS} tables within each other")
    for key, value in table.items():
        path = parse_path(key)
        path = BodyPath((*within.steps, *path.steps), within.in_headers or path.in_headers)
        if isinstance(value, dict):
            yield from _flat(value, path)
            continue
        values = value if isinstance(value, list) else [value]
        if not 0 < len(values) <= MAX_VALUES or not all(map(_is_plain, values)):
            raise ValueError(
                f"{key!r} must be a text, a number, true or false, or a list of up to {MAX_VALUES} of these")
        yield path, values


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _value(value: Any) -> _Value:
    return isinstance(value, bool), value

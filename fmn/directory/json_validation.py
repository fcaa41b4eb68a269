"""Validation of JSON documents: collects all mistakes with their locations.

A location is a JSON pointer (RFC 6901): ``/owners/alice/rpms/0`` is the first of Alice's ``rpms``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from fmn.directory.merging import DirectoryUnavailableError

#: Characters of a wrong value in an error.
SHOWN = 40


class ObjectWithRepeatedKeys(dict[str, Any]):
    """JSON object with a list of its duplicate keys."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = _repeated(pairs)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A plain dict takes a fraction of the memory, and duplicates are rare.
    found = dict(pairs)
    return found if len(found) == len(pairs) else ObjectWithRepeatedKeys(pairs)


class JsonValidator:
    """Validator of a document. Wrong values read as empty ones; :meth:`check` raises all mistakes."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._mistakes: list[str] = []

    def parse(self, text: bytes) -> Any:
        """Parse a JSON text in UTF-8.

        :raises DirectoryUnavailableError: it isn't JSON
        """
        try:
            return json.loads(text, object_pairs_hook=_object)
        except UnicodeDecodeError as error:
            raise self._error(f"isn't UTF-8: byte {error.start} is wrong") from error
        except json.JSONDecodeError as error:
            raise self._error(
                f"isn't JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
        except (ValueError, RecursionError) as error:  # a number too long, or nested too deep
            raise self._error(f"can't be read as JSON: {error}") from error

    def object(self, value: Any, *place: str | int) -> dict[str, Any]:
        """The value as an object."""
        if not isinstance(value, dict):
            self.mistake(f"is {_shown(value)}, but should be an object", *place)
            return {}
        for key in getattr(value, "repeated", ()):
            self.mistake("is there more than once, and only the last would count", *place, key)
        for key in value:
            if not _is_name(key):
                self.mistake("has a name that is empty or isn't printable", *place, key)
        return value

    def names(self, value: Any, *place: str | int) -> list[str]:
        """The value as a list of names."""
        if not isinstance(value, list):
            self.mistake(f"is {_shown(value)}, but should be a list of names", *place)
            return []
        if not all(map(_is_name, value)):
            for position, name in enumerate(value):
                self.name(name, *place, position)
            return []
        return value

    def name(self, value: Any, *place: str | int) -> str:
        """The value as a name: a non-empty text of printable characters."""
        if not _is_name(value):
            self.mistake(f"is {_shown(value)}, but should be a name", *place)
            return ""
        return str(value)

    def lists(self, value: Any, *place: str | int) -> dict[str, list[str]]:
        """The value as an object of lists of names."""
        return {key: self.names(names, *place, key) for key, names in self.object(value, *place).items()}

    def tree(self, value: Any, *place: str | int) -> dict[str, dict[str, list[str]]]:
        """The value as an object of objects of lists of names."""
        return {key: self.lists(lists, *place, key) for key, lists in self.object(value, *place).items()}

    def pairs(self, value: Any, *place: str | int) -> dict[str, str]:
        """The value as an object of names."""
        return {key: self.name(name, *place, key) for key, name in self.object(value, *place).items()}

    def mistake(self, sentence: str, *place: str | int) -> None:
        """Add a mistake at a location."""
        self._mistakes.append(f"{self._where}: {_pointer(place)} {sentence}")

    def check(self, most: int | None = None) -> None:
        """Raise the mistakes, if there are any.

        :raises DirectoryUnavailableError: a line per mistake, ``most`` at most
        """
        if not self._mistakes:
            return
        lines = self._mistakes[:most]
        left = len(self._mistakes) - len(lines)
        raise DirectoryUnavailableError("\n".join(lines) + (f"\nand {left} more" if left else ""))

    def _error(self, sentence: str) -> DirectoryUnavailableError:
        return DirectoryUnavailableError(f"{self._where}: {sentence}")


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _pointer(place: Iterable[str | int]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return "".join(f"/{step}" for step in steps) or "the document"


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _repeated(pairs: list[tuple[str, Any]]) -> tuple[str, ...]:
    return tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)

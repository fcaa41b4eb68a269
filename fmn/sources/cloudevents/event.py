"""An event and its attributes, validated.

The specification's own limits are wider: it wants intermediaries to pass on what they don't understand. FMN
is where events end, so what doesn't fit into its tables or on its pages is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from fmn.sources.cloudevents.errors import EventProblem, InvalidEventError

SPEC_VERSION: Final = "1.0"
#: Attributes of an event, characters of an attribute's name and value, and of a type.
MAX_ATTRIBUTES: Final = 40
MAX_NAME_LENGTH: Final = 50
MAX_VALUE_LENGTH: Final = 500
MAX_TYPE_LENGTH: Final = 200
REQUIRED: Final = ("specversion", "id", "source", "type")
#: The specification's, and ours: a type becomes a topic.
_NAME: Final = re.compile(r"[a-z0-9]+")
_TYPE: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*", re.ASCII)
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
#: There was no event before this time: a clock that says so was never set.
EARLIEST_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: Numbers that an attribute can have.
_INTEGERS: Final = range(-(2**31), 2**31)

Attribute = str | int | bool


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """A valid event. ``attributes`` are all but ``specversion`` and ``time``; ``data`` is a JSON object."""

    attributes: Mapping[str, Attribute]
    time: datetime | None
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its id, unique for its source."""
        return str(self.attributes["id"])

    @property
    def source(self) -> str:
        """What it comes from: a URI, or a part of one."""
        return str(self.attributes["source"])

    @property
    def type(self) -> str:
        """Its type: parts joined by dots."""
        return str(self.attributes["type"])


def make_event(attributes: Mapping[str, Any], data: Any) -> CloudEvent:
    """Validate an event. Attributes that are ``None`` count as missing.

    :raises InvalidEventError: it can't be taken
    """
    given = {name: value for name, value in attributes.items() if value is not None}
    if len(given) > MAX_ATTRIBUTES:
        raise InvalidEventError([EventProblem("", f"An event can have at most {MAX_ATTRIBUTES} attributes.")])
    problems = [*_missing(given), *_wrong(given), *_wrong_data(data)]
    if problems:
        raise InvalidEventError(problems)
    time = given.get("time")
    kept = {name: value for name, value in given.items() if name not in ("specversion", "time")}
    return CloudEvent(kept, None if time is None else _moment(time), {} if data is None else data)


def _missing(given: Mapping[str, Any]) -> Iterator[EventProblem]:
    for name in REQUIRED:
        if name not in given:
            yield EventProblem(f"/{name}", f"The attribute {name} is missing.")


def _wrong(given: Mapping[str, Any]) -> Iterator[EventProblem]:
    for name, value in given.items():
        if reason := _reason(name, value):
            yield EventProblem(f"/{name[:MAX_NAME_LENGTH]}", reason)


def _reason(name: str, value: Any) -> str:
    """Why an attribute can't be taken, ``""`` if it can."""
    if _NAME.fullmatch(name) is None or len(name) > MAX_NAME_LENGTH:
        return (f"The attribute {name[:MAX_NAME_LENGTH]!r} must have a name of up to {MAX_NAME_LENGTH} small "
                "letters and digits.")
    if name in REQUIRED or name in ("time", "subject"):
        if not isinstance(value, str) or not value:
            return f"The attribute {name} must be a text that isn't empty."
    elif not isinstance(value, str | bool) and not (isinstance(value, int) and value in _INTEGERS):
        return f"The attribute {name} must be a text, true or false, or an integer of 32 bits."
    if isinstance(value, str) and not (len(value) <= MAX_VALUE_LENGTH and value.isprintable()):
        return f"The attribute {name} must have at most {MAX_VALUE_LENGTH} characters, all of them printable."
    return _CHECKS[name](value) if name in _CHECKS else ""


def _wrong_version(value: str) -> str:
    return "" if value == SPEC_VERSION else f"The attribute specversion must be {SPEC_VERSION}."


def _wrong_type(value: str) -> str:
    if len(value) <= MAX_TYPE_LENGTH and _TYPE.fullmatch(value):
        return ""
    return ("The attribute type must be parts of letters, digits, - and _ joined by dots, such as "
            f"garden.plant.watered, with at most {MAX_TYPE_LENGTH} characters.")


def _wrong_time(value: str) -> str:
    time = _moment(value)
    if time is None:
        return "The attribute time must be a time with its zone, such as 2026-03-14T09:26:53Z."
    return "" if time >= EARLIEST_TIME else "The attribute time is before the year 2000: set the clock."


_CHECKS: Final = {"specversion": _wrong_version, "type": _wrong_type, "time": _wrong_time}


def _moment(value: str) -> datetime | None:
    if _TIME.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or before the first or after the last of them
        return None


def _wrong_data(data: Any) -> Iterator[EventProblem]:
    if data is not None and not isinstance(data, dict):
        yield EventProblem("/data", "The data must be a JSON object.")

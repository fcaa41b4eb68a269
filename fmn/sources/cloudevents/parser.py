"""Parser of CloudEvents in HTTP requests: structured, binary and batch mode. Check the body's size first."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from fmn.sources.cloudevents.errors import (
    EventProblem,
    InvalidEventError,
    UnsupportedEventError,
    invalid,
)
from fmn.sources.cloudevents.event import MAX_NAME_LENGTH, CloudEvent, make_event
from fmn.sources.json_objects import decode_object, decode_value
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.repair import repaired
from fmn.text import sentence

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
#: Events of a batch, and problems that are told of one.
MAX_BATCH: Final = 100
MAX_PROBLEMS: Final = 100
HEADER_PREFIX: Final = "ce-"
_IS_JSON: Final = re.compile(r"[\w.+-]{1,100}/(?:json|[\w.-]{1,100}\+json)", re.ASCII | re.IGNORECASE)
_TYPES: Final = (
    f"Send {STRUCTURED}, {BATCH}, or {JSON} with the attributes in headers: ce-specversion, ce-id, ce-source "
    "and ce-type.")


def parse_events(content_type: str, headers: Iterable[tuple[str, str]], body: bytes) -> list[CloudEvent]:
    """The events of a request; ``content_type`` is the media type without parameters.

    :raises InvalidEventError: one of them can't be taken; then none of them is
    :raises UnsupportedEventError: the content type isn't one of CloudEvents
    """
    media_type = content_type.lower()
    if media_type == BATCH:
        return _batch(body)
    if media_type == STRUCTURED:
        return [_structured(_decoded(decode_object, body))]
    attributes = _attributes(headers)
    if media_type.startswith("application/cloudevents") or not attributes:
        raise UnsupportedEventError(_TYPES)
    if body and _IS_JSON.fullmatch(media_type) is None:
        raise UnsupportedEventError(f"Send the data as JSON, with Content-Type: {JSON}.")
    return [_binary(attributes, body)]


def _batch(body: bytes) -> list[CloudEvent]:
    values = _decoded(decode_value, body)
    if not isinstance(values, list) or not 0 < len(values) <= MAX_BATCH:
        raise invalid("", f"A batch is a JSON array of 1 to {MAX_BATCH} events.")
    events: list[CloudEvent] = []
    problems: list[EventProblem] = []
    for number, value in enumerate(values):
        try:
            events.append(_structured(value))
        except InvalidEventError as error:
            problems += [each.within(f"/{number}") for each in error.problems]
    if problems:
        raise InvalidEventError(problems[:MAX_PROBLEMS])
    return events


def _structured(value: Any) -> CloudEvent:
    if not isinstance(value, dict):
        raise invalid("", "An event is a JSON object.")
    attributes, _ = repaired({name: each for name, each in value.items() if name not in _DATA})
    kind = attributes.get("datacontenttype")
    if isinstance(kind, str) and _IS_JSON.fullmatch(kind.partition(";")[0].strip()) is None:
        raise invalid(
            "/datacontenttype", f"The data must be JSON: leave datacontenttype out, or set it to {JSON}.")
    data = value.get("data")
    if value.get("data_base64") is not None:
        if data is not None:
            raise invalid("/data_base64", "An event has either data or data_base64.")
        data = _from_base64(value["data_base64"])
    return make_event(attributes, repaired(data)[0])


_DATA: Final = frozenset({"data", "data_base64"})


def _from_base64(text: Any) -> Any:
    """JSON that a library has sent as bytes."""
    try:
        body = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        body = b""
    if not body:
        raise invalid("/data_base64", "It isn't Base64. Send the data as a JSON object in data.")
    return _decoded(decode_object, body, "/data_base64")


def _binary(attributes: Mapping[str, str], body: bytes) -> CloudEvent:
    data = _decoded(decode_object, body, "/data") if body else None
    try:
        return make_event(attributes, repaired(data)[0])
    except InvalidEventError as error:
        raise InvalidEventError([
            EventProblem(each.place.replace("/", HEADER_PREFIX, 1), each.reason) for each in error.problems
        ]) from None


def _attributes(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The attributes in the headers, whose values are UTF-8 with percent-encoding."""
    found: dict[str, str] = {}
    for header, value in headers:
        name = header.lower()
        if name.startswith(HEADER_PREFIX):
            try:
                text = unquote_to_bytes(value.encode("latin-1")).decode("utf-8")
            except UnicodeError:
                name = name[:MAX_NAME_LENGTH]
                raise invalid(name, f"The header {name} isn't UTF-8 with percent-encoding.") from None
            found[name.removeprefix(HEADER_PREFIX)] = text
    return found


def _decoded(decode: Any, body: bytes, place: str = "") -> Any:
    try:
        return decode(body)
    except MessageRejectedError as error:
        raise invalid(place, sentence(error.detail)) from None

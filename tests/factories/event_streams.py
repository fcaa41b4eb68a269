"""Streams of events as clients read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Dispatched(NamedTuple):
    """What a client's listener gets."""

    id: str
    type: str
    data: str


def dispatched(stream: bytes) -> Iterator[Dispatched]:
    """The events of a stream, as the HTML standard has clients read it (section 9.2.6)."""
    last_id, kind, data = "", "", ""
    for line in re.split("\r\n|\r|\n", stream.decode()):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Dispatched(last_id, kind or "message", data.removesuffix("\n"))
            kind, data = "", ""
        elif field == "data":
            data += f"{value}\n"
        elif field == "event":
            kind = value
        elif field == "id" and "\0" not in value:
            last_id = value

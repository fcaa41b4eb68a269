"""Restores archived messages to their signed form, since archives change what they store. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

#: Keys that a history service adds; a message with both comes from one.
_ADDED: Final = ("source_name", "source_version")


def original_forms(body: object) -> Iterator[object]:
    """Possible signed forms of an archived message, the likeliest first.

    The service adds its source and an empty ``headers``, and stores times as fractions. Publishers send whole
    seconds, with few exceptions, so the fractions come second.
    """
    if not isinstance(body, dict):
        yield body
        return
    plain = _without_additions(body)
    seconds = plain.get("timestamp")
    if isinstance(seconds, float) and abs(seconds) < 2**53:
        yield {**plain, "timestamp": int(seconds)}
    yield plain


def _without_additions(body: Mapping[str, Any]) -> dict[str, Any]:
    if not all(name in body for name in _ADDED):
        return dict(body)
    dropped = {*_ADDED, *(() if body.get("headers") else ("headers",))}
    return {name: value for name, value in body.items() if name not in dropped}


def to_frames(body: object) -> list[bytes]:
    """The frames of a message as from the bus. The parser rejects malformed ones."""
    topic = body.get("topic") if isinstance(body, dict) else None
    return [str(topic or "none").encode(errors="replace"), json.dumps(body).encode()]

"""Encoding and decoding of ZeroMQ frames, safe for any input.

A message has two frames: the topic, and a JSON object that repeats it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fmn.sources.fedmsg.canonical import canonical_text
from fmn.sources.fedmsg.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.fedmsg.topics import decode_topic
from fmn.sources.fedmsg.zmq_sockets import FRAMES

#: Nesting levels of objects and arrays. Real messages have fewer than 15. Later code may recurse.
MAX_DEPTH = 100


def encode_frames(body: Mapping[str, Any]) -> list[bytes]:
    """The frames of a message; ``body`` contains its topic."""
    return [str(body["topic"]).encode(), canonical_text(body)]


def _no_precheck(_topic: str, _text: bytes) -> None:
    """Accept any message before it's decoded."""


def decode_frames(
    frames: Sequence[bytes], max_bytes: int, precheck: Callable[[str, bytes], object] = _no_precheck,
) -> tuple[str, dict[str, Any]]:
    """The topic and the body of the message in ``frames``.

    The size is checked first. ``precheck`` gets the topic and the body's text, whose decoding takes 25 times
    the memory, and may reject the message.

    :raises MessageRejectedError: the frames are invalid
    """
    if len(frames) != FRAMES:
        some = f"{len(frames)}" if len(frames) < FRAMES else f"more than {FRAMES}"
        raise MessageRejectedError(RejectionReason.FRAMES, f"{some} frames instead of topic and body")
    size = sum(map(len, frames))
    if size > max_bytes:
        raise MessageRejectedError(
            RejectionReason.TOO_LARGE, f"{size} bytes, and at most {max_bytes} are taken")
    topic = decode_topic(frames[0])
    precheck(topic, frames[1])
    body = _object(frames[1])
    _check_envelope(topic, body)
    return topic, body


def _object(frame: bytes) -> dict[str, Any]:
    body = _decoded(frame)
    if not isinstance(body, dict):
        raise MessageRejectedError(RejectionReason.NOT_AN_OBJECT, f"the body is {short_repr(body)}")
    # Counting brackets first is a hundred times faster than walking through the body.
    if frame.count(b"[") + frame.count(b"{") > MAX_DEPTH and _is_deeper_than(body, MAX_DEPTH):
        raise MessageRejectedError(RejectionReason.TOO_DEEP, f"the body has more than {MAX_DEPTH} levels")
    return body


def _decoded(frame: bytes) -> Any:
    try:
        return json.loads(frame.decode())
    except UnicodeDecodeError as error:
        raise MessageRejectedError(
            RejectionReason.NOT_UTF_8, f"the body isn't UTF-8: {error.reason}") from error
    except RecursionError as error:
        raise MessageRejectedError(
            RejectionReason.TOO_DEEP, f"the body has more than {MAX_DEPTH} levels") from error
    except ValueError as error:  # no JSON, or an integer too long for Python
        raise MessageRejectedError(RejectionReason.NOT_JSON, f"the body isn't JSON: {error}") from error
    except MemoryError as error:
        raise MessageRejectedError(
            RejectionReason.TOO_LARGE, "the body takes more memory than there is") from error


def _is_deeper_than(value: Any, levels: int) -> bool:
    nested = [value]
    for _ in range(levels):
        nested = [child for node in nested for child in _children(node) if isinstance(child, dict | list)]
    return bool(nested)


def _children(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node


def _check_envelope(topic: str, body: Mapping[str, Any]) -> None:
    if "topic" not in body:
        raise MessageRejectedError(RejectionReason.MISSING_TOPIC, "the body has no topic")
    if body["topic"] != topic:
        raise MessageRejectedError(
            RejectionReason.ENVELOPE_MISMATCH,
            f"sent as {short_repr(topic)}, but the body says {short_repr(body['topic'])}")

"""Encoding and decoding of ZeroMQ frames, safe for any input.

A message has two frames: the topic, and a JSON object that repeats it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fmn.sources.fedmsg.canonical import canonical_text
from fmn.sources.fedmsg.zmq_sockets import FRAMES
from fmn.sources.json_objects import decode_object
from fmn.sources.rejection import MessageRejectedError, RejectionReason, short_repr
from fmn.sources.topics import decode_topic


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
    body = decode_object(frames[1])
    _check_envelope(topic, body)
    return topic, body


def _check_envelope(topic: str, body: Mapping[str, Any]) -> None:
    if "topic" not in body:
        raise MessageRejectedError(RejectionReason.MISSING_TOPIC, "the body has no topic")
    if body["topic"] != topic:
        raise MessageRejectedError(
            RejectionReason.ENVELOPE_MISMATCH,
            f"sent as {short_repr(topic)}, but the body says {short_repr(body['topic'])}")

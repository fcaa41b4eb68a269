from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.sources import json_objects
from fmn.sources.fedmsg.wire_frames import decode_frames, encode_frames
from fmn.sources.json_objects import MAX_DEPTH
from fmn.sources.rejection import MessageRejectedError, RejectionReason

MAX_BYTES = 10_000_000


def refused(*frames: bytes, max_bytes: int = MAX_BYTES) -> RejectionReason:
    with pytest.raises(MessageRejectedError) as rejected:
        decode_frames(frames, max_bytes)
    assert len(rejected.value.detail) < 300
    return rejected.value.reason


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """A body that is that many levels deep."""
    inner = opening * (levels - 1) + "1" + closing * (levels - 1)
    return f'{{"topic": "a", "msg": {inner}}}'.encode()


def test_what_was_packed_is_unpacked() -> None:
    body = {"topic": "org.exämple.prod.a", "msg": {"é": [1, 2.5, None]}}

    assert decode_frames(encode_frames(body), MAX_BYTES) == (body["topic"], body)


@pytest.mark.parametrize("frames", [[], [b"a"], [b'a\0{"topic": "a"}'], [b"a", b'{"topic": "a"}', b""]])
def test_a_message_has_two_frames(frames: list[bytes]) -> None:
    assert refused(*frames) is RejectionReason.FRAMES


def test_a_large_message_is_not_even_decoded() -> None:
    assert refused(b"a", b"\xff" * 20_000_000) is RejectionReason.TOO_LARGE
    assert refused(b"\xff" * 20_000_000, b"{}") is RejectionReason.TOO_LARGE
    assert refused(b"a", b"{" + b" " * 8 + b"}", max_bytes=10) is RejectionReason.TOO_LARGE


def test_a_message_of_exactly_the_largest_size_is_taken() -> None:
    frames = [b"a", b'{"topic":"a"}']

    assert decode_frames(frames, max_bytes=14) == ("a", {"topic": "a"})


@pytest.mark.parametrize(("text", "reason"), [
    (b"", RejectionReason.NOT_JSON),
    (b"hello", RejectionReason.NOT_JSON),
    (b'{"topic": "a"', RejectionReason.NOT_JSON),
    (b'{"topic": "a"} {"topic": "a"}', RejectionReason.NOT_JSON),
    (b'\xef\xbb\xbf{"topic": "a"}', RejectionReason.NOT_JSON),
    ('{"topic": "a"}'.encode("utf-16"), RejectionReason.NOT_UTF_8),
    (b'{"topic": "\xed\xa0\x80"}', RejectionReason.NOT_UTF_8),
    (b'{"topic": "a", "msg": ' + b"1" * 10_000 + b"}", RejectionReason.NOT_JSON),
    (b"[1, 2]", RejectionReason.NOT_AN_OBJECT),
    (b'"topic"', RejectionReason.NOT_AN_OBJECT),
    (b"null", RejectionReason.NOT_AN_OBJECT),
    (b"{}", RejectionReason.MISSING_TOPIC),
    (b'{"topic": "b"}', RejectionReason.ENVELOPE_MISMATCH),
    (b'{"topic": ["a"]}', RejectionReason.ENVELOPE_MISMATCH),
    (b'{"topic": "\\ud800"}', RejectionReason.ENVELOPE_MISMATCH),
])
def test_a_body_that_is_no_message_is_refused(text: bytes, reason: RejectionReason) -> None:
    assert refused(b"a", text) is reason


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"a":', "}")])
def test_a_body_may_be_a_hundred_levels_deep(brackets: tuple[str, str]) -> None:
    assert decode_frames([b"a", nested(MAX_DEPTH, *brackets)], MAX_BYTES)

    assert refused(b"a", nested(MAX_DEPTH + 1, *brackets)) is RejectionReason.TOO_DEEP
    assert refused(b"a", nested(10_000, *brackets)) is RejectionReason.TOO_DEEP


def test_many_brackets_next_to_each_other_are_not_deep() -> None:
    body = {"topic": "a", "msg": [[{}]] * 1000}

    assert decode_frames([b"a", json.dumps(body).encode()], MAX_BYTES) == ("a", body)


def test_endless_opening_brackets_are_refused() -> None:
    assert refused(b"a", b"[" * 9_000_000) in {RejectionReason.TOO_DEEP, RejectionReason.NOT_JSON}


def test_a_body_that_takes_more_memory_than_there_is_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(_text: str) -> None:
        raise MemoryError

    monkeypatch.setattr(json_objects, "decode_json", exhausted)

    assert refused(b"a", b'{"topic": "a"}') is RejectionReason.TOO_LARGE


@given(st.lists(st.binary(max_size=40), max_size=4) | st.binary(max_size=40).map(lambda text: [b"a", text]))
def test_no_frames_whatsoever_get_further_than_a_reason(frames: list[bytes]) -> None:
    with contextlib.suppress(MessageRejectedError):
        topic, body = decode_frames(frames, MAX_BYTES)
        assert body["topic"] == topic

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.json_objects import MAX_DEPTH, decode_object
from fmn.sources.rejection import MessageRejectedError, RejectionReason


def nested(levels: int) -> bytes:
    """An object that is that many levels deep."""
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(("text", "reason"), [
    (b"\xff{}", RejectionReason.NOT_UTF_8),
    (b"{", RejectionReason.NOT_JSON),
    (b"[]", RejectionReason.NOT_AN_OBJECT),
    (nested(MAX_DEPTH + 1), RejectionReason.TOO_DEEP),
    (nested(100_000), RejectionReason.TOO_DEEP),
])
def test_what_is_no_object_of_a_common_depth_is_rejected(text: bytes, reason: RejectionReason) -> None:
    with pytest.raises(MessageRejectedError) as rejected:
        decode_object(text)
    assert rejected.value.reason is reason


def test_an_object_is_decoded() -> None:
    assert decode_object('{"a": "é"}'.encode()) == {"a": "é"}
    assert decode_object(nested(MAX_DEPTH))


@given(st.binary(max_size=60))
def test_no_bytes_whatsoever_get_further_than_a_reason(text: bytes) -> None:
    with contextlib.suppress(MessageRejectedError):
        assert isinstance(decode_object(text), dict)

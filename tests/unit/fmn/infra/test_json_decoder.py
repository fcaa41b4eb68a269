from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fmn.infra.json_decoder import decode_json

texts = st.text(st.characters(categories=None))  # lone surrogates, too
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-2**80, 2**80) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12)
#: What JSON is spelled with, and what nearly is JSON.
spelled = st.lists(st.sampled_from([
    "{", "}", "[", "]", ",", ":", '"a"', '"', "\\", "\\u", "d83d", "\\ud800", "\\u0000", "0", "1", "-", ".",
    "e", "E", "+", "9" * 20, "1e999", "1e-999", "NaN", "Infinity", "null", "true", " ", "\n", "\t", "\x01",
    "é", "\ud800", "\ufeff"])).map("".join)


def exactly(value: Any) -> str:
    """A value and its types: 1, 1.0 and True are equal, and NaN isn't."""
    return repr(value)


def read(text: str, decode: Any) -> str:
    try:
        return exactly(decode(text))
    except ValueError:
        return "no JSON"


@given(values, st.booleans())
def test_what_json_writes_means_the_same(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert exactly(decode_json(text)) == exactly(json.loads(text))


@given(spelled)
@example('{"a": 1, "b": 2, "a": 3}')
@example("[18446744073709551616, -9223372036854775809, 9007199254740993, -0, -0.0, 1E5, 5e-324]")
@example("9" * 5_000)
@example("")
def test_any_text_is_read_or_refused_alike(text: str) -> None:
    assert read(text, decode_json) == read(text, json.loads)


def test_what_is_nested_too_deeply_is_refused_alike() -> None:
    with pytest.raises(RecursionError):
        decode_json("[" * 100_000)

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Message
from fmn.text import UNWANTED
from webapp.message_json import MAX_LENGTH, MessageJson, message_json

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20)


def source(body: Any) -> MessageJson:
    return message_json(Message("1", "org.example.dev.oven.cake", datetime(2026, 5, 4, tzinfo=UTC), body))


@given(ANY_JSON)
def test_shows_all_of_it_and_nothing_hidden(body: Any) -> None:
    shown = source(body)
    assert json.loads(shown.text) == body
    assert not shown.truncated
    assert set(map(ord, shown.text)).isdisjoint(UNWANTED)


def test_is_read_as_it_was_written() -> None:
    assert source({"who": "Zoë"}).text == '{\n  "who": "Zoë"\n}'
    # what turns the direction of writing around is seen for what it is
    assert source("gnp\u202e.exe").text == r'"gnp\u202e.exe"'


def test_is_cut_where_nobody_would_read_it() -> None:
    shown = source(["x" * 1000] * 10_000)
    assert shown.truncated
    assert len(shown.text) == MAX_LENGTH

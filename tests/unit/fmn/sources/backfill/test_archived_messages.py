"""Messages from archives, restored to what was signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.backfill.archived_messages import original_forms, to_frames

SENT: dict[str, Any] = {"topic": "org.example.prod.a.b", "msg": {"x": 1}, "msg_id": "2026-1", "timestamp": 5}
ADDED = {"source_name": "datanommer", "source_version": "0.9.1"}


@pytest.mark.parametrize("kept", [
    {**SENT, **ADDED, "timestamp": 5.0}, {**SENT, **ADDED, "timestamp": 5.0, "headers": {}},
    {**SENT, **ADDED, "headers": None}, {**SENT, "timestamp": 5.0}, SENT,
])
def test_what_the_archive_added_is_taken_away(kept: dict[str, Any]) -> None:
    assert next(original_forms(kept)) == SENT
    assert isinstance(next(original_forms(kept))["timestamp"], int)  # type: ignore[index]


def test_a_time_may_have_been_a_fraction_when_it_was_signed() -> None:
    assert list(original_forms({**SENT, **ADDED, "timestamp": 5.25})) == [SENT, {**SENT, "timestamp": 5.25}]


def test_what_its_publisher_said_stays() -> None:
    # A source of its own, and headers that say something
    assert list(original_forms({**SENT, "source_name": "me"})) == [{**SENT, "source_name": "me"}]
    assert list(original_forms({**SENT, **ADDED, "headers": {"a": "b"}})) == [{**SENT, "headers": {"a": "b"}}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(JSON | st.fixed_dictionaries({"topic": JSON, "timestamp": JSON, **dict.fromkeys(ADDED, JSON)}))
def test_whatever_an_archive_tells_becomes_frames(body: Any) -> None:
    for form in original_forms(body):
        topic, text = to_frames(form)
        assert topic
        assert json.dumps(json.loads(text)) == json.dumps(form)

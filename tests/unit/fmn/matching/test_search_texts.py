"""Texts of stored bodies are what the rules search, character by character."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fmn.filters.conditions import CheckedMessage
from fmn.infra.column_types import JsonText
from fmn.matching.search_texts import search_texts
from tests.factories.messages import make_facts, make_message

#: Characters that JSON writes in ways of their own, or that stand between values.
TEXTS = st.text(st.sampled_from('ab",:\\/{}[] \n\0\x7fö\u2028\ud800\U0001f600')) | st.text(max_size=5)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(TEXTS, parts, max_size=4), max_leaves=8)


def stored(body: Any) -> str:
    return JsonText().process_bind_param(body, None)  # type: ignore[arg-type]


def searched(body: Any) -> bytes:
    facts = make_facts(make_message())
    return CheckedMessage(replace(facts, message=replace(facts.message, body=body))).text


@given(st.lists(BODIES, max_size=5))
def test_a_text_is_that_of_the_decoded_body(bodies: list[Any]) -> None:
    found = search_texts([stored(body) for body in bodies])

    assert list(found) == [searched(json.loads(stored(body))) for body in bodies]


def test_commas_and_colons_within_strings_stay() -> None:
    assert list(search_texts(['{"a,b":["x:y",1],"c":{}}', '"\\n,"'])) == [
        b'{"a,b": ["x:y", 1], "c": {}}', b'"\\n,"']

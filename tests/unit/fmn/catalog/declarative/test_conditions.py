"""Conditions on messages."""

from __future__ import annotations

from typing import Any

import pytest

from fmn.catalog import Message
from fmn.catalog.declarative.conditions import parse_conditions
from fmn.catalog.message_reader import MessageReader
from tests.factories.messages import NOON

BODY = {"plant": {"health": "sick", "age": 3, "wet": True, "beds": [{"name": "a"}, {"name": "b"}]}}


def holds(table: dict[str, Any]) -> bool:
    m = MessageReader(Message("1", "org.example.prod.garden.x", NOON, BODY, headers={"severity": "high"}))
    return all(condition.holds(m) for condition in parse_conditions(table))


@pytest.mark.parametrize(("table", "expected"), [
    ({}, True),
    ({"plant.health": "sick"}, True),
    ({"plant": {"health": ["dying", "sick"], "age": 3}}, True),
    ({"plant": {"health": "sick", "age": 4}}, False),
    ({"plant.beds[*].name": "b"}, True),
    ({"plant.beds[0].name": "b"}, False),
    ({"plant.wet": True}, True),
    ({"plant.wet": 1}, False),
    ({"plant.age": 3.0}, True),
    ({"plant.age": "3"}, False),
    ({"plant": {"beds": "a"}}, False),
    ({"nothing": ["", 0, False]}, False),
    ({"$severity": "high"}, True),
    ({"severity": "high"}, False),
])
def test_holds_if_a_value_is_among_those_wanted(table: dict[str, Any], expected: bool) -> None:
    assert holds(table) is expected


@pytest.mark.parametrize(("table", "reason"), [
    ({"a b": 1}, "can't be read"),
    ({"a": [[1]]}, "'a' must be a text, a number"),
    ({"a": []}, "'a' must be a text, a number"),
    ({"a": list(range(101))}, "a list of up to 100"),
    ({f"a{n}": 1 for n in range(21)}, "more than 20 conditions"),
])
def test_what_is_none_is_told_of(table: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_conditions(table)

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given

from fmn.sources.fedmsg.canonical import canonical_text
from fmn.sources.repair import Repair, may_need_repair, repaired
from tests.vectors.json_values import nodes, values


@pytest.mark.parametrize(("value", "result", "repairs"), [
    ("a\0b\0", "a\ufffdb\ufffd", {Repair.NUL}),
    ("\udc00a\ud83d", "\ufffda\ufffd", {Repair.SURROGATE}),
    ([math.nan, [math.inf], -math.inf, 1.5], [None, [None], None, 1.5], {Repair.NOT_FINITE}),
    ({"a\0": {"\ud800": 1}}, {"a\ufffd": {"\ufffd": 1}}, {Repair.NUL, Repair.SURROGATE}),
    ({"fine": ["é\U0001f600", 1, None, True]}, {"fine": ["é\U0001f600", 1, None, True]}, set()),
])
def test_what_cannot_be_stored_is_replaced(value: Any, result: Any, repairs: set[Repair]) -> None:
    assert repaired(value) == (result, repairs)


@given(values)
def test_what_was_repaired_can_be_stored(value: Any) -> None:
    result, _ = repaired(value)

    json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8")
    assert not any(isinstance(node, str) and "\0" in node for node in nodes(result))


@given(values)
def test_repairing_changes_nothing_else_and_nothing_twice(value: Any) -> None:
    before = copy.deepcopy(value)
    result, repairs = repaired(value)

    assert repr(value) == repr(before)
    if not repairs:
        assert result == value
    assert repaired(result) == (result, set())


@given(values)
def test_the_quick_look_never_overlooks_anything(value: Any) -> None:
    _, repairs = repaired(value)

    assert may_need_repair(canonical_text({"msg": value})) or not repairs


def test_the_quick_look_sees_infinity_however_it_was_spelled() -> None:
    assert may_need_repair(canonical_text(json.loads('{"msg": 1e999}')))
    assert not may_need_repair(canonical_text({"msg": ["plain", 1.5, "é"]}))


def test_depth_does_not_matter() -> None:
    deep: Any = "\0"
    for _ in range(100_000):
        deep = [deep]

    result, repairs = repaired(deep)

    assert repairs == {Repair.NUL}
    while isinstance(result, list):
        result = result[0]
    assert result == "\ufffd"
